import { stat } from 'node:fs/promises';
import { callTwice, EngineClient } from '../engine/client.ts';
import type { EngineParams, PhotoReport } from '../contract/engine.ts';
import { HeirloomError, type ErrorCode } from '../contract/errors.ts';
import type { RestoreSettings } from '../contract/restore.ts';
import { collectInputs } from './collect-inputs.ts';
import { findPack } from './find-pack.ts';
import type { Output } from './output.ts';
import { parseFaces } from './parse-face.ts';
import {
  parseFormat,
  parsePath,
  parseProvider,
  parseSettings,
  type SettingOptions,
} from './parse-settings.ts';
import { identities, planOutputs, protectOriginals, type PlannedPhoto } from './plan-outputs.ts';
import { jsonProgress, textProgress, type BatchSummary, type Progress } from './progress.ts';

export interface RestoreOptions extends SettingOptions {
  out: string;
  format: string;
  provider: string;
  pack?: string;
  /** Settings of single faces. */
  face?: string[];
  aligned?: boolean;
  json?: boolean;
  overwrite?: boolean;
}

type Job = Omit<EngineParams<'restorePhoto'>, 'input' | 'output'>;

/** These would meet every photo of a batch alike, so the first one ends it. */
const FATAL = new Set<ErrorCode>([
  'argument/invalid',
  'pack/not-found',
  'pack/invalid',
  'pack/damaged',
  'pack/too-new',
  'provider/unavailable',
]);

/**
 * `heirloom restore`: every photo in turn, a failed one never stops the others. Resolves to the exit code: 0 all
 * done, 1 some failed, 130 cancelled. Throws what concerns the batch as a whole.
 */
export async function restoreCommand(
  inputs: string[],
  options: RestoreOptions,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const progress = options.json ? jsonProgress(output) : textProgress(output);
  const batch = new Batch(progress, signal);
  const started = performance.now();
  try {
    const job = await readJob(options);
    await restoreInputs(batch, job, inputs, await readOutFolder(options.out), progress);
  } catch (error) {
    progress.fatal(error);
    throw error;
  } finally {
    progress.end({ ...batch.summary, seconds: (performance.now() - started) / 1000 });
  }
  if (batch.summary.cancelled) return 130;
  return batch.clean ? 0 : 1;
}

async function restoreInputs(
  batch: Batch,
  job: Job,
  inputs: string[],
  outFolder: string,
  progress: Progress,
): Promise<void> {
  const { files, skipped, problems } = await collectInputs(inputs, outFolder);
  expectOnePhoto(job, files.length + problems.length);
  progress.begin(files.length + problems.length, skipped);
  for (const { path, error } of problems) batch.fail(path, error);
  await batch.run(job, planOutputs(files, outFolder), await identities(files));
}

/** A face of one photo is not that of another. */
function expectOnePhoto({ settings }: Job, photos: number): void {
  if (!settings.perFace || photos <= 1) return;
  throw new HeirloomError('argument/invalid', `Expected one photo with --face but received ${photos}`);
}

/** An unusable folder would meet every photo alike, after it was restored. */
async function readOutFolder(out: string): Promise<string> {
  const folder = parsePath(out, 'a folder for --out');
  const entry = await stat(folder).catch(() => undefined);
  if (!entry || entry.isDirectory()) return folder;
  throw new HeirloomError('argument/invalid', `Expected a folder for --out but ${folder} is a file`);
}

async function readJob(options: RestoreOptions): Promise<Job> {
  const settings = {
    ...parseSettings(options),
    ...(options.face && { perFace: parseFaces(options.face) }),
  };
  refuseGrainOfCrops(options, settings);
  return {
    settings,
    format: parseFormat(options.format),
    overwrite: options.overwrite ?? false,
    aligned: options.aligned ?? false,
    models: { provider: parseProvider(options.provider), pack: await findPack(options.pack) },
    previews: false,
  };
}

/** A crop that is restored as a whole has no photo around it whose grain its face could lack. */
function refuseGrainOfCrops({ aligned, grain }: RestoreOptions, { perFace = {} }: RestoreSettings): void {
  const named = [grain, ...Object.values(perFace).map((own) => own.grain)].find((one) => one !== undefined);
  if (!aligned || named === undefined) return;
  throw new HeirloomError('argument/invalid', `Expected no grain with aligned crops but received ${named}`);
}

class Batch {
  readonly summary: BatchSummary = { restored: 0, unchanged: 0, failed: 0, cancelled: false, seconds: 0 };
  readonly #progress: Progress;
  readonly #signal: AbortSignal;
  #failedFaces = 0;

  constructor(progress: Progress, signal: AbortSignal) {
    this.#progress = progress;
    this.#signal = signal;
  }

  /** Every photo was done, with every face that was to be restored. */
  get clean(): boolean {
    return this.summary.failed === 0 && this.#failedFaces === 0;
  }

  /** `originals`: the identities of the files that no output may replace. */
  async run(job: Job, photos: PlannedPhoto[], originals: Set<string>): Promise<void> {
    const engine = new EngineClient({ role: 'restore' });
    try {
      for (const photo of photos) {
        if (this.#signal.aborted) break;
        await this.#restore(engine, job, photo, originals);
      }
    } finally {
      await engine.close();
      this.summary.cancelled = this.#signal.aborted;
    }
  }

  fail(path: string, error: unknown): void {
    this.#progress.photo(path);
    this.#progress.failed(path, error);
    this.summary.failed++;
  }

  async #restore(engine: EngineClient, job: Job, photo: PlannedPhoto, originals: Set<string>): Promise<void> {
    this.#progress.photo(photo.path);
    try {
      await protectOriginals(photo, job.format, originals);
      this.#count(await this.#call(engine, job, photo));
    } catch (error) {
      if (this.#signal.aborted) return;
      if (error instanceof HeirloomError && FATAL.has(error.code)) throw error;
      this.#progress.failed(photo.path, error);
      this.summary.failed++;
    }
  }

  #call(engine: EngineClient, job: Job, { path, output }: PlannedPhoto): Promise<PhotoReport> {
    const params = { ...job, input: path, output };
    return callTwice(engine, 'restorePhoto', params, {
      signal: this.#signal,
      onEvent: (event) => this.#progress.event(event),
    });
  }

  #count(report: PhotoReport): void {
    this.#progress.done(report);
    this.#failedFaces += report.faces.filter((face) => face.status === 'failed').length;
    if (report.status === 'restored') this.summary.restored++;
    else this.summary.unchanged++;
  }
}
