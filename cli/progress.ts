import type { EngineEvent, FaceReport, PhotoReport } from '../contract/engine.ts';
import { toErrorEnvelope } from '../contract/errors.ts';
import { describeError, formatSeconds, plural, writeJson, writeLine, type Output } from './output.ts';

export interface BatchSummary {
  restored: number;
  /** No face, or none that could be restored: the picture was copied as it is. */
  unchanged: number;
  failed: number;
  cancelled: boolean;
  seconds: number;
}

/** Tells a person or a program how a batch goes. */
export interface Progress {
  begin(photos: number, skipped: number): void;
  photo(input: string): void;
  event(event: EngineEvent): void;
  done(report: PhotoReport): void;
  failed(input: string, error: unknown): void;
  /** What ends the batch early; the caller tells a person why. `end` follows. */
  fatal(error: unknown): void;
  end(summary: BatchSummary): void;
}

/** One JSON object a line, each with a `type`. */
export function jsonProgress({ stdout }: Output): Progress {
  let current = '';
  return {
    begin: (photos, skipped) => writeJson(stdout, { type: 'begin', photos, skipped }),
    photo: (input) => writeJson(stdout, { type: 'photo', input: (current = input) }),
    event: (event) => writeJson(stdout, { type: event.kind, input: current, ...withoutKind(event) }),
    done: (report) => writeJson(stdout, { type: 'done', ...report }),
    failed: (input, error) => writeJson(stdout, { type: 'failed', input, error: toErrorEnvelope(error) }),
    fatal: (error) => writeJson(stdout, { type: 'fatal', error: toErrorEnvelope(error) }),
    end: (summary) => writeJson(stdout, { type: 'end', ...summary }),
  };
}

function withoutKind({ kind: _, ...rest }: EngineEvent): object {
  return rest;
}

/** A line a photo; on a terminal also a status line with face, step and time left. */
export function textProgress(output: Output): Progress {
  const { stdout, stderr } = output;
  const status = stdout.isTTY ? new StatusLine(output) : undefined;
  let total = 0;
  let number = 0;
  let gaveUp = false;
  const say = (stream: NodeJS.WritableStream, line: string) => {
    status?.clear();
    writeLine(stream, line);
  };
  return {
    begin(photos, skipped) {
      total = photos;
      status?.begin(photos);
      if (photos === 0) say(stdout, 'No pictures found');
      if (skipped > 0) say(stdout, `${plural(skipped, 'file')} skipped: not a picture by name`);
    },
    photo(input) {
      number++;
      status?.photo(number, input);
    },
    event: (event) => status?.event(event),
    done(report) {
      say(stdout, `[${number}/${total}] ${describeReport(report)}`);
      for (const note of photoNotes(report)) say(stdout, `    ${note}`);
    },
    failed: (input, error) => say(stderr, `[${number}/${total}] ${describeError(error, input)}`),
    fatal() {
      gaveUp = true;
      status?.clear();
    },
    end(summary) {
      const nothing = total === 0 || (gaveUp && photosDone(summary) === 0);
      if (!nothing) say(stdout, describeSummary(summary));
    },
  };
}

function describeReport({ input, output, status, faces, seconds }: PhotoReport): string {
  const restored = faces.filter((face) => face.status === 'restored').length;
  const what = {
    restored: `${restored} of ${plural(faces.length, 'face')} restored`,
    unchanged: 'no face restored, the photo is unchanged',
    'no-faces': 'no faces found, the photo is unchanged',
  }[status];
  return `${input}: ${what} in ${formatSeconds(seconds)}${output === undefined ? '' : ` -> ${output}`}`;
}

function faceNote({ index, status, note }: FaceReport): string | undefined {
  return note === undefined ? undefined : `face ${index + 1} (${status}): ${note}`;
}

function photoNotes({ notes, faces }: PhotoReport): string[] {
  return [...notes, ...faces.map(faceNote).filter((note) => note !== undefined)];
}

function photosDone({ restored, unchanged, failed }: BatchSummary): number {
  return restored + unchanged + failed;
}

function describeSummary({ restored, unchanged, failed, cancelled, seconds }: BatchSummary): string {
  const parts = [`${restored} restored`];
  if (unchanged > 0) parts.push(`${unchanged} unchanged`);
  if (failed > 0) parts.push(`${failed} failed`);
  return `${cancelled ? 'Cancelled: ' : ''}${parts.join(', ')} in ${formatSeconds(seconds)}`;
}

/** Photos done, as a fraction, from which a time left can be told: the first step loads the models. */
const SETTLED = 0.05;

/** The last line of a terminal, written over and over. */
class StatusLine {
  readonly #output: Output;
  readonly #started = performance.now();
  #total = 0;
  #number = 0;
  #input = '';
  #face: { number: number; count: number } | undefined;
  #shown = false;

  constructor(output: Output) {
    this.#output = output;
  }

  begin(total: number): void {
    this.#total = total;
  }

  photo(number: number, input: string): void {
    this.#number = number;
    this.#input = input;
    this.#face = undefined;
    this.#show('', 0);
  }

  event(event: EngineEvent): void {
    if (event.kind === 'stage' && event.stage !== 'restore' && event.stage !== 'blend')
      this.#show(event.stage, 0);
    if (event.kind === 'face') this.#face = { number: event.number, count: event.count };
    if (event.kind !== 'step' || !this.#face) return;
    const { number, count } = this.#face;
    const step = event.step / event.steps;
    this.#show(`face ${number}/${count}, step ${event.step}/${event.steps}`, (number - 1 + step) / count);
  }

  clear(): void {
    if (this.#shown) this.#output.stdout.write('\r\x1b[2K');
    this.#shown = false;
  }

  /** `fraction`: how much of this photo is done, 0-1. */
  #show(what: string, fraction: number): void {
    const done = this.#number - 1 + fraction;
    const elapsed = (performance.now() - this.#started) / 1000;
    const left =
      done < SETTLED ? '' : `, about ${formatSeconds((elapsed / done) * (this.#total - done))} left`;
    const line = `${this.#number}/${this.#total} ${this.#input}${what && `: ${what}`}${left}`;
    this.clear();
    this.#output.stdout.write(line.slice(-((this.#output.stdout.columns ?? 80) - 1)));
    this.#shown = true;
  }
}
