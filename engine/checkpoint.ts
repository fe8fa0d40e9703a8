import { createHash } from 'node:crypto';
import { readdir, readFile, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { guideChoiceSchema, type GuideChoice } from '../contract/restore.ts';
import type { FloatImage } from './image/types.ts';
import { writeOutput } from './output-file.ts';

/** A face that was restored, as it goes into the photo and its report. */
export interface FinishedFace {
  image: FloatImage;
  stdHat: number;
  start: number;
  steps: number;
  auto?: GuideChoice;
  /** What it took when it was restored. */
  seconds: number;
  likeness?: number;
}

const headerSchema = z.strictObject({
  size: z.int().positive(),
  stdHat: z.number(),
  start: z.int(),
  steps: z.int(),
  auto: guideChoiceSchema.optional(),
  seconds: z.number(),
  likeness: z.number().optional(),
  sha256: z.string(),
});

const EXTENSION = '.face';
/** What this class writes, and what is left of a write that was interrupted. */
const OWN_FILES = /^([0-9a-f]{32}\.face|\.heirloom-.*\.tmp)$/;

/**
 * A folder that keeps the finished faces of one photo: a line of JSON, then the samples as float32, a file a face. After a death the
 * same request finds them there. It spares time and nothing else: what cannot be read is restored again, what
 * cannot be written is not kept.
 */
export class Checkpoint {
  readonly #folder: string;
  readonly #request: string;

  private constructor(folder: string, request: string) {
    this.#folder = folder;
    this.#request = request;
  }

  /** @param request everything that a restored face depends on, besides the file and the face itself */
  static async open(folder: string, input: string, request: unknown): Promise<Checkpoint> {
    const { size, mtimeMs } = await stat(input);
    return new Checkpoint(folder, JSON.stringify([input, size, mtimeMs, request]));
  }

  async recall(face: unknown): Promise<FinishedFace | undefined> {
    const bytes = await readFile(this.#pathOf(face)).catch(() => undefined);
    return bytes && parse(bytes);
  }

  async keep(face: unknown, finished: FinishedFace): Promise<void> {
    await writeOutput(this.#pathOf(face), serialise(finished), { overwrite: true }).catch(() => undefined);
  }

  /** Removes what this class has written, and the folder if nothing else is in it. */
  async remove(): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    const own = names.filter((name) => OWN_FILES.test(name));
    await Promise.all(own.map((name) => rm(join(this.#folder, name), { force: true })));
    await rmdir(this.#folder).catch(() => undefined);
  }

  #pathOf(face: unknown): string {
    const hash = createHash('sha256').update(this.#request).update(JSON.stringify(face));
    return join(this.#folder, hash.digest('hex').slice(0, 32) + EXTENSION);
  }
}

function serialise({ image, ...report }: FinishedFace): Uint8Array {
  const samples = Buffer.from(image.data.buffer, image.data.byteOffset, image.data.byteLength);
  const header = { size: image.width, ...report, sha256: sha256(samples) };
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), samples]);
}

/** Undefined for anything but a whole file of this class. */
function parse(bytes: Buffer): FinishedFace | undefined {
  const end = bytes.indexOf('\n');
  const samples = bytes.subarray(end + 1);
  try {
    const {
      size,
      sha256: expected,
      likeness,
      auto,
      ...report
    } = headerSchema.parse(JSON.parse(bytes.toString('utf8', 0, end)));
    if (samples.length !== 12 * size * size || sha256(samples) !== expected) return undefined;
    const data = new Float32Array(new Uint8Array(samples).buffer);
    return {
      image: { width: size, height: size, data },
      ...report,
      ...(likeness !== undefined && { likeness }),
      ...(auto && { auto }),
    };
  } catch {
    return undefined;
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
