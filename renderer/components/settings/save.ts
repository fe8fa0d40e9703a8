import type { Settings } from '../../../contract/library.ts';
import { settings } from '../../state/settings.svelte.ts';
import { attempt } from '../../state/toasts.svelte.ts';

/** Saves at once; where that fails the old value comes back and a toast says why. */
export const save = (patch: Partial<Settings>): Promise<void> => attempt(() => settings.set(patch));
