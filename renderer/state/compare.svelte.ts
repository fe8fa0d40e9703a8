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

  /** A photo was opened: its original beside the version that stands for it, or the newest. */
  open(versions: readonly Version[], currentVersionId: number | null): void {
    this.first = null;
    this.second = currentVersionId ?? versions.at(-1)?.id ?? null;
    this.split = 0.5;
    this.showsFirst = false;
    this.overlay = 'none';
  }

  /** Versions came or went: what is gone is shown no longer. */
  keep(versions: readonly Version[]): void {
    const known = (side: Side) => typeof side !== 'number' || versions.some((version) => version.id === side);
    if (!known(this.first)) this.first = null;
    if (!known(this.second)) this.second = versions.at(-1)?.id ?? null;
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

/** Who wants nothing to move by itself starts the blinking by hand. */
function prefersStillness(): boolean {
  if (document.documentElement.dataset.motion === 'reduced') return true;
  return window.matchMedia('(prefers-reduced-motion: reduce)').matches;
}

export const compare = new CompareState();
