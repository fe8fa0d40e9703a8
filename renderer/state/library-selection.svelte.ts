import { library } from './library.svelte.ts';
import { Selection } from './selection.svelte.ts';

/** What is chosen in the library view. */
export const selection = new Selection(() => library.ids());

// What another query hides must not be moved to the bin unseen, and its places are other photos' now.
library.onSwitch(() => {
  selection.clear();
  selection.moveTo(0);
});
