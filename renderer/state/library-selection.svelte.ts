import { library } from './library.svelte.ts';
import { Selection } from './selection.svelte.ts';

/** What is chosen in the library view. */
export const selection = new Selection(() => library.ids());

// What went (into the bin from its own view, by undo) must not be exported or restored unseen.
library.onReread(() => void selection.keepKnown().catch(() => undefined));

// What another query hides must not be moved to the bin unseen, and its places are other photos' now.
library.onSwitch(() => {
  selection.clear();
  selection.moveTo(0);
});
