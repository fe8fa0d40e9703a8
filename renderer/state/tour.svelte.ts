import { settings } from './settings.svelte.ts';
import { attempt } from './toasts.svelte.ts';

/** Steps of the tour, from 1. */
export const TOUR_STEPS = 3;

/** The first-run tour: which step is shown, if any. */
export class TourState {
  step = $state<number | null>(null);

  /** For a newcomer only. */
  beginOnce(): void {
    if (!settings.value.tourDone && this.step === null) this.step = 1;
  }

  restart(): void {
    this.step = 1;
  }

  next(): void {
    if (this.step === null) return;
    if (this.step >= TOUR_STEPS) void this.end();
    else this.step += 1;
  }

  back(): void {
    if (this.step !== null && this.step > 1) this.step -= 1;
  }

  /** Done or skipped: it does not come by itself again. */
  async end(): Promise<void> {
    this.step = null;
    if (!settings.value.tourDone) await attempt(() => settings.set({ tourDone: true }));
  }
}

export const tour = new TourState();
