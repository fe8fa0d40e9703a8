import type { RestoreSettings } from '../../contract/restore.ts';

/** Weight of the newest measurement; a laptop that grows warm is believed within a few faces. */
const NEWEST = 0.3;

/** Running average; undefined until something was measured. */
class Average {
  value: number | undefined;
  add(measured: number): void {
    this.value = this.value === undefined ? measured : this.value + NEWEST * (measured - this.value);
  }
}

/** Seconds, measured on jobs of one kind. */
interface Times {
  step: Average;
  /** A whole face. */
  face: Average;
  /** What a photo takes besides its faces. */
  rest: Average;
  /** Faces of a photo. */
  faces: Average;
}

/** Where a job is: `face` of `faces` are done, `step` of `steps` of the one in work. */
export interface JobProgress {
  face: number;
  faces: number;
  step: number;
  steps: number;
}

export const NO_PROGRESS: JobProgress = { face: 0, faces: 0, step: 0, steps: 0 };

/** Jobs of a kind take alike: speed, preset and steps of the settings, and the provider. */
export function kindOfJob({ speed, preset, sampler, steps }: RestoreSettings, provider: string): string {
  return [speed, preset, sampler ?? '', steps ?? '', provider].join(' ');
}

/** What was measured so far of each kind of job, and what it says about the time left. */
export class StepTimes {
  readonly #times = new Map<string, Times>();

  /** Follows one job with a clock in milliseconds. */
  watch(kind: string, now: () => number = () => performance.now()): JobWatch {
    return new JobWatch(this.#of(kind), now);
  }

  /**
   * Seconds that a job of this kind still needs; null where nothing was measured. `faces`: how many the photo has, null
   * where nobody looked; one that is begun knows by itself.
   */
  secondsLeft(kind: string, progress: JobProgress | null, faces: number | null = null): number | null {
    const times = this.#times.get(kind);
    if (!times) return null;
    return progress && progress.faces > 0 ? leftOfRunning(times, progress) : wholePhoto(times, faces);
  }

  #of(kind: string): Times {
    const known = this.#times.get(kind);
    if (known) return known;
    const times = { step: new Average(), face: new Average(), rest: new Average(), faces: new Average() };
    this.#times.set(kind, times);
    return times;
  }
}

function wholePhoto({ face, faces, rest }: Times, known: number | null): number | null {
  if (face.value === undefined) return null;
  return (known ?? faces.value ?? 1) * face.value + (rest.value ?? 0);
}

function leftOfRunning({ step, face, rest }: Times, progress: JobProgress): number | null {
  const facesLeft = progress.faces - progress.face;
  // One face is in work: its steps tell more than its average.
  const stepsLeft = progress.steps > 0 ? progress.steps - progress.step : null;
  const ofFace = stepsLeft !== null && step.value !== undefined ? stepsLeft * step.value : face.value;
  const ofEach = face.value ?? (step.value === undefined ? undefined : progress.steps * step.value);
  if (facesLeft === 0) return (rest.value ?? 0) / 2;
  if (ofFace === undefined || ofEach === undefined) return null;
  return ofFace + (facesLeft - 1) * ofEach + (rest.value ?? 0) / 2;
}

/** Measures one job from its events. */
export class JobWatch {
  readonly #times: Times;
  readonly #now: () => number;
  readonly #began: number;
  #faceBegan: number | undefined;
  #lastStep: { step: number; at: number } | undefined;
  #inFaces = 0;
  #faces = 0;

  constructor(times: Times, now: () => number) {
    this.#times = times;
    this.#now = now;
    this.#began = now();
  }

  face(): void {
    this.#endFace();
    this.#faceBegan = this.#now();
    this.#lastStep = undefined;
  }

  /** Events may leave steps out. A face without any is not measured. */
  step(step: number): void {
    const at = this.#now();
    const last = this.#lastStep;
    if (last && step > last.step) this.#times.step.add((at - last.at) / 1000 / (step - last.step));
    this.#lastStep = { step, at };
  }

  /** The job is done; a job that ends otherwise is not measured as a whole. */
  done(): void {
    this.#endFace();
    if (this.#faces === 0) return;
    this.#times.faces.add(this.#faces);
    this.#times.rest.add(Math.max(0, (this.#now() - this.#began) / 1000 - this.#inFaces));
  }

  #endFace(): void {
    if (this.#faceBegan === undefined || !this.#lastStep) return;
    const seconds = (this.#now() - this.#faceBegan) / 1000;
    this.#faceBegan = undefined;
    this.#times.face.add(seconds);
    this.#inFaces += seconds;
    this.#faces++;
  }
}
