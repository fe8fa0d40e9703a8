import type { Version } from '../../contract/library.ts';

export const COMPARE_MODES = ['single', 'split', 'side', 'peek', 'blink', 'difference'] as const;
export type CompareMode = (typeof COMPARE_MODES)[number];
export type Overlay = 'none' | 'guidance' | 'invented';
/** A version's id; null is the original; `draft` is the original with the draft of a face in its place. */
export type Side = number | null | 'draft';

const BLINK_MILLISECONDS = 800;

/** Which two pictures are compared, and how. One for the window: the way of comparing stays from photo to photo. */
export class CompareState {
  mode = $state<CompareMode>('split');
  first = $state<Side>(null);
  second = $state<Side>(null);
  /** 0-1 from the picture's left edge. */
  split = $state(0.5);
  /** Peek: the first picture is held. Blink: it is its turn. */
  showsFirst = $state(false);
  blinking = $state(true);
  /** Differences of a restoration are faint: they are shown four times as bright. */
  brighten = $state(true);
  overlay = $state<Overlay>('none');
  /** What a side showed until it was removed, and what it shows since. An undo may bring it back. */
  readonly #lost = new Map<'first' | 'second', { id: number; instead: Side }>();

  /** A photo was opened: its original beside the version that stands for it, or the newest. */
  open(versions: readonly Version[], currentVersionId: number | null): void {
    this.first = null;
    this.second = standingFor(versions, currentVersionId);
    this.#lost.clear();
    this.split = 0.5;
    this.showsFirst = false;
    this.overlay = 'none';
  }

  /** Versions came or went: what is gone is shown no longer, until it is back. */
  keep(versions: readonly Version[], currentVersionId: number | null): void {
    const current = standingFor(versions, currentVersionId);
    this.#keepSide('first', versions, { gone: null, back: (id) => id });
    this.#keepSide('second', versions, { gone: current, back: () => current });
  }

  #keepSide(
    which: 'first' | 'second',
    versions: readonly Version[],
    { gone, back }: { gone: Side; back: (id: number) => Side },
  ): void {
    const known = (id: number) => versions.some((version) => version.id === id);
    const side = this[which];
    const lost = this.#lost.get(which);
    if (typeof side === 'number' && !known(side)) {
      this.#lost.set(which, { id: side, instead: gone });
      this[which] = gone;
    } else if (lost && known(lost.id)) {
      this.#lost.delete(which);
      // Something else was chosen meanwhile: that stays.
      if (side === lost.instead) this[which] = back(lost.id);
    }
  }

  /** A new version over its original. */
  present(versionId: number): void {
    this.first = null;
    this.second = versionId;
    this.mode = 'split';
    this.split = 0.5;
  }

  /** The draft over its original, in the way of comparing that is chosen. */
  presentDraft(): void {
    this.first = null;
    this.second = 'draft';
  }

  /** There is no draft any more. */
  leaveDraft(instead: Side): void {
    if (this.first === 'draft') this.first = null;
    if (this.second === 'draft') this.second = instead;
  }

  show(side: Side): void {
    if (this.first === side && this.mode !== 'single') this.first = this.second;
    this.second = side;
  }

  swap(): void {
    [this.first, this.second] = [this.second, this.first];
  }

  setMode(mode: CompareMode): void {
    this.mode = mode;
    this.showsFirst = false;
    this.blinking = !prefersStillness();
  }

  /** The next way of comparing. */
  cycle(): void {
    const next = (COMPARE_MODES.indexOf(this.mode) + 1) % COMPARE_MODES.length;
    this.setMode(COMPARE_MODES[next] ?? 'single');
  }

  /** Takes turns until the answer is called. */
  blink(): () => void {
    const timer = setInterval(() => (this.showsFirst = !this.showsFirst), BLINK_MILLISECONDS);
    return () => clearInterval(timer);
  }
}

/** The version that stands for the photo, or the newest. */
function standingFor(versions: readonly Version[], currentVersionId: number | null): number | null {
  return currentVersionId ?? versions.at(-1)?.id ?? null;
}

/** Who wants nothing to move by itself starts the blinking by hand. */
function prefersStillness(): boolean {
  if (document.documentElement.dataset.motion === 'reduced') return true;
  return window.matchMedia('(prefers-reduced-motion: reduce)').matches;
}

export const compare = new CompareState();
