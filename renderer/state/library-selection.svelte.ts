import { library } from './library.svelte.ts';
import { Selection } from './selection.svelte.ts';

/** What is chosen in the library view. */
export const selection = new Selection(() => library.ids());
