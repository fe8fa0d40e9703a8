/** Part, 0-1, of the photo's grain that a restored face gets back: all of it hides what was restored, none looks pasted in. */
export const DEFAULT_GRAIN = 0.5;
