import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { HeirloomError } from '../../contract/errors.ts';
import { say } from '../../contract/sentences.ts';
import { parseDsst } from '../method/dsst.ts';
import type { Dsst } from '../method/dsst.ts';
import { parseFacePower } from '../method/face-power.ts';
import type { FacePower } from '../method/face-power.ts';
import { TIMESTEP_SPACINGS } from '../method/schedule.ts';
import { expectPlainGraph } from './expect-plain-graph.ts';

const FORMAT_VERSION = 1;
const MANIFEST = 'manifest.json';

const fileSchema = z.object({
  /** Beside the manifest: letters, digits, dot, dash and underscore, never a path. */
  name: z.string().regex(/^(?!\.)[\w.-]+$/, { error: 'not a plain file name' }),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, { error: 'not a SHA-256 in lower case' }),
  bytes: z.int().positive(),
});
export type PackFile = z.infer<typeof fileSchema>;

/** JSON that is read as a whole. */
const MAX_JSON_BYTES = 2 ** 20;
const jsonFileSchema = fileSchema.extend({ bytes: z.int().positive().max(MAX_JSON_BYTES) });

const spectralSpeedSchema = z
  .object({
    sampler: z.literal('spectral'),
    solver: z.enum(['ddim', 'dpmpp-2m']),
    steps: z.int().min(4).max(50),
    /** Noise that each DDIM step adds anew: 0 none, 1 as much as an ancestral step (Song et al. 2021, eq. 16). */
    eta: z.number().min(0).max(1).default(0),
  })
  .refine(({ solver, eta }) => eta === 0 || solver === 'ddim', { error: 'not with dpmpp-2m', path: ['eta'] });

const exactSpeedSchema = z.object({
  sampler: z.literal('exact'),
  /** Absent: every step from the start down. */
  steps: z.int().min(4).max(1000).optional(),
});

const autoSchema = z.object({
  /** The levels' bounds are on the expected error divided by max(std_hat, 1): SE's error grows with the blur. */
  relative: z.boolean().default(false),
  levels: z
    .array(
      z.object({
        /** Largest expected error, in 512-pixel units, for which the level is taken; absent in the last one. */
        error: z.number().positive().optional(),
        guides: z.int().min(1).max(4),
        spacing: z.number().min(0).max(5),
        /** In the preset's place; absent: the preset's. */
        rho: z.number().positive().optional(),
      }),
    )
    .min(1)
    .refine(boundsRise, { error: 'bounds do not rise to a last level without one' }),
});
/** Number of guides and spacing by SE's expected error of std_hat, the surest level first. */
export type AutoTable = z.infer<typeof autoSchema>;

function rises(values: readonly number[]): boolean {
  return values.every((value, i) => i === 0 || value > values[i - 1]!);
}

function boundsRise(levels: readonly { error?: number | undefined }[]): boolean {
  const bounds = levels.map(({ error }) => error ?? Infinity);
  return bounds.at(-1) === Infinity && rises(bounds);
}

const presetSchema = z
  .object({
    id: z.string().min(1),
    name: z.string().min(1),
    description: z.string(),
    guides: z.int().min(1).max(4),
    /** One a guide; absent: the paper's table 7. */
    weights: z.array(z.number().min(0)).optional(),
    /** Distance between the guides' std, in 512-pixel units. */
    spacing: z.number().min(0).max(5).default(1),
    dgsa: z.boolean(),
    /** Constant A_t where DGSA is off. */
    guidanceScale: z.number().min(0).max(1),
    rho: z.number().positive(),
    /**
     * std, in 512-pixel units, below which RM is not trusted: no std_hat and no guide is smaller, unless SE's curve says
     * that RM's picture needs less (`engine/method/least-blur.ts`). Absent: the axis' min.
     */
    leastBlur: z.number().positive().max(15).optional(),
    /**
     * std, in 512-pixel units, above which the prior is not trusted: no std_hat and no guide is larger. Absent: the
     * axis' max.
     */
    mostBlur: z.number().positive().max(15).optional(),
    /** How far RM's picture is raised to the power of a face's fine detail, 0-1, where the pack can tell that. */
    crispness: z.number().min(0).max(1).default(0),
    kernelRefinement: z.boolean().default(false),
    /** Each region at its own blur, where SE has a grid. */
    perRegion: z.boolean().default(false),
    /** Number of guides and spacing by the pack's `auto`, where it has one and SE tells its error. */
    auto: z.boolean().default(false),
    speeds: z.object({ draft: spectralSpeedSchema, normal: spectralSpeedSchema, exact: exactSpeedSchema }),
  })
  .refine(({ guides, weights }) => !weights || weights.length === guides, {
    error: 'not one weight a guide',
    path: ['weights'],
  })
  .refine(({ leastBlur = 0, mostBlur = Infinity }) => leastBlur <= mostBlur, {
    error: 'below leastBlur',
    path: ['mostBlur'],
  });
export type Preset = z.infer<typeof presetSchema>;

export const manifestSchema = z
  .object({
    formatVersion: z.literal(FORMAT_VERSION),
    id: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]*$/, { error: 'not lower-case letters, digits, dots and dashes' }),
    name: z.string().min(1),
    version: z.string().min(1),
    /** S. */
    resolution: z.int().min(16).max(1024).refine(isPowerOfTwo, { error: 'not a power of two' }),
    schedule: z.object({
      kind: z.literal('linear'),
      betaStart: z.number().positive(),
      betaEnd: z.number().positive().max(0.999),
      steps: z.int().min(1).max(1000),
    }),
    prediction: z.literal('x0'),
    /** In 512-pixel units. */
    stdAxis: z
      .object({ min: z.number().positive(), max: z.number().positive(), step: z.number().positive() })
      .refine(({ min, max }) => min < max, { error: 'min is not below max' }),
    /** Where SE gives its curve of errors, in 512-pixel units; absent: it gives none. */
    stdKnots: z.array(z.number().positive()).min(2).refine(rises, { error: 'does not rise' }).optional(),
    tol: z.object({ std: z.number().positive(), dsst: z.number().positive() }),
    spectral: z.object({
      /** The fitted constant: lambda_t = rho * lambda * abar_t / max(1 - abar_t, noiseFloor). */
      lambda: z.number().positive(),
      noiseFloor: z.number().min(0).max(1).default(0),
      timestepSpacing: z.enum(TIMESTEP_SPACINGS).default('uniform-t'),
    }),
    exact: z.object({
      /** Step size of the gradient, before A_t. */
      scale: z.number().min(0),
      /** `residual-norm`: the gradient is divided by sqrt(L). */
      normalise: z.enum(['residual-norm', 'none']),
    }),
    refinement: z
      .object({
        /** Part of a Gauss-Newton step of std_i, 0-1. */
        step: z.number().min(0).max(1),
      })
      .default({ step: 0.1 }),
    /** What the setting `auto` chooses from; absent: the pack has no such setting. */
    auto: autoSchema.optional(),
    /** Where `files.restoration` is another maker's: how to feed it. Absent: y `[1, 3, S, S]` in [0, 1] gives x. */
    restorer: z
      .object({
        input: z.string().min(1),
        output: z.string().min(1),
        /** Pixels a side; the picture is resized in and out. */
        size: z.int().min(32).max(1024).refine(isPowerOfTwo, { error: 'not a power of two' }),
        /** `unit`: values in [0, 1]; `symmetric`: in [-1, 1]. */
        range: z.enum(['unit', 'symmetric']),
      })
      .optional(),
    presets: z
      .array(presetSchema)
      .min(1)
      .refine((presets) => new Set(presets.map(({ id }) => id)).size === presets.length, {
        error: 'an id twice',
      })
      .refine(faithfulTrustsData, { error: 'faithful has a greater rho than detailed' }),
    files: z.object({
      restoration: fileSchema,
      estimator: fileSchema,
      denoiser: fileSchema,
      denoiserGuided: fileSchema,
      /** External data that both denoiser graphs share; absent where they hold their weights themselves. */
      denoiserWeights: fileSchema.optional(),
      dgsa: fileSchema,
      dsst: jsonFileSchema,
      /** Absent where the power of RM's picture is not known to tell a face's. */
      facePower: jsonFileSchema.optional(),
      golden: jsonFileSchema,
      goldenInput: fileSchema,
      goldenRestoration: fileSchema,
    }),
    licence: z.unknown(),
    provenance: z.unknown(),
  })
  .refine(({ schedule }) => schedule.betaStart <= schedule.betaEnd, {
    error: 'betaStart is above betaEnd',
    path: ['schedule'],
  });
export type Manifest = z.infer<typeof manifestSchema>;

function isPowerOfTwo(value: number): boolean {
  return (value & (value - 1)) === 0;
}

function faithfulTrustsData(presets: readonly { id: string; rho: number }[]): boolean {
  const rho = (id: string) => presets.find((preset) => preset.id === id)?.rho;
  return (rho('faithful') ?? 0) <= (rho('detailed') ?? Infinity);
}

/** A checked model pack. */
export interface Pack {
  /** Absolute folder. */
  dir: string;
  manifest: Manifest;
  dsst: Dsst;
  facePower?: FacePower | undefined;
  /** SHA-256 of manifest.json, which names the hash of every file: it identifies the pack. */
  hash: string;
}

/**
 * Reads and checks a pack: manifest, then size and SHA-256 of each file, then the two tables.
 * Throws `pack/not-found` (no folder), `pack/invalid`, `pack/too-new` or `pack/damaged`; the message names the file
 * and the reason.
 * @example const pack = await loadPack('resources/models/family-256'); // pack.manifest.resolution is 256
 */
export async function loadPack(dir: string): Promise<Pack> {
  const folder = path.resolve(dir);
  const bytes = await readManifest(folder);
  const manifest = parseManifest(bytes, path.join(folder, MANIFEST));
  for (const file of Object.values(manifest.files)) if (file) await checkFile(folder, file);
  await checkGraphs(folder, manifest);
  const dsst = await readDsst(folder, manifest);
  return {
    dir: folder,
    manifest,
    dsst,
    facePower: await readFacePower(folder, manifest),
    hash: sha256(bytes),
  };
}

async function checkGraphs(folder: string, { files }: Manifest): Promise<void> {
  const { restoration, estimator, denoiser, denoiserGuided, dgsa, denoiserWeights: weights } = files;
  const external = weights ? { [weights.name]: weights.bytes } : {};
  for (const { name } of [restoration, estimator, denoiser, denoiserGuided, dgsa])
    await expectPlainGraph(path.join(folder, name), external);
}

async function readManifest(folder: string): Promise<Buffer> {
  const isFolder = await stat(folder).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  if (!isFolder) throw new HeirloomError('pack/not-found', say('pack_no_folder', { path: folder }));
  const file = path.join(folder, MANIFEST);
  const { size = 0 } = (await stat(file).catch(() => undefined)) ?? {};
  if (size > MAX_JSON_BYTES)
    throw new HeirloomError('pack/invalid', `${file} has more than ${MAX_JSON_BYTES} bytes`);
  return readFile(file).catch((cause: unknown) => {
    throw new HeirloomError('pack/invalid', say('pack_no_manifest', { path: file }), {}, { cause });
  });
}

function parseManifest(bytes: Buffer, file: string): Manifest {
  const json = parseJson(bytes, file);
  const version = z.object({ formatVersion: z.number() }).safeParse(json);
  if (version.success && version.data.formatVersion > FORMAT_VERSION) {
    throw new HeirloomError(
      'pack/too-new',
      say('pack_format', { path: file, format: version.data.formatVersion, newest: FORMAT_VERSION }),
    );
  }
  const manifest = manifestSchema.safeParse(json);
  if (manifest.success) return manifest.data;
  const issue = manifest.error.issues[0];
  throw new HeirloomError(
    'pack/invalid',
    `${file}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a manifest'}`,
  );
}

/** JSON of a pack's file. Throws `pack/invalid` naming it. */
export function parseJson(bytes: Buffer, file: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new HeirloomError('pack/invalid', say('pack_not_json', { path: file }), {}, { cause });
  }
}

async function checkFile(folder: string, { name, bytes, sha256: expected }: PackFile): Promise<void> {
  const file = path.join(folder, name);
  const entry = await stat(file).catch(() => undefined);
  if (!entry?.isFile()) throw new HeirloomError('pack/damaged', say('pack_file_missing', { path: file }));
  if (entry.size !== bytes) {
    const message = say('pack_file_size', { path: file, bytes: entry.size, expected: bytes });
    throw new HeirloomError('pack/damaged', message);
  }
  const actual = await hashFile(file);
  if (actual !== expected) {
    throw new HeirloomError('pack/damaged', say('pack_file_hash', { path: file, actual, expected }));
  }
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash).catch((cause: unknown) => {
    throw new HeirloomError('pack/damaged', say('pack_file_unreadable', { path: file }), {}, { cause });
  });
  return hash.digest('hex');
}

/** In lower-case hexadecimal digits. */
export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function readDsst(folder: string, { files, resolution, schedule }: Manifest): Promise<Dsst> {
  const file = path.join(folder, files.dsst.name);
  const dsst = parseDsst(parseJson(await readFile(file), file), file);
  expectSize(dsst, resolution, file);
  const latest = dsst.t.at(-1)!;
  if (latest > schedule.steps) {
    const reason = `starts at timestep ${latest}; the manifest's schedule has ${schedule.steps} steps`;
    throw new HeirloomError('pack/invalid', `${file} ${reason}`);
  }
  return dsst;
}

async function readFacePower(
  folder: string,
  { files: { facePower }, resolution }: Manifest,
): Promise<FacePower | undefined> {
  if (!facePower) return undefined;
  const file = path.join(folder, facePower.name);
  const table = parseFacePower(parseJson(await readFile(file), file), file);
  expectSize(table, resolution, file);
  return table;
}

function expectSize(table: { resolution: number }, resolution: number, file: string): void {
  if (table.resolution === resolution) return;
  const reason = `is for size ${table.resolution}; the pack's is ${resolution}`;
  throw new HeirloomError('pack/invalid', `${file} ${reason}`);
}

/** One folder that looks like a pack: the pack, or why it cannot be used. */
export type PackListing = { dir: string; pack: Pack } | { dir: string; error: HeirloomError };

/** Every folder inside `dirs`, checked, in the order of `dirs` and then by name. Missing `dirs` have no packs. */
export async function listPacks(dirs: readonly string[]): Promise<PackListing[]> {
  const folders = await Promise.all(dirs.map(subfolders));
  const listings: PackListing[] = [];
  for (const dir of folders.flat()) listings.push(await checkPack(dir));
  return listings;
}

async function subfolders(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return names.sort().map((name) => path.resolve(dir, name));
}

async function checkPack(dir: string): Promise<PackListing> {
  try {
    return { dir, pack: await loadPack(dir) };
  } catch (error) {
    if (error instanceof HeirloomError) return { dir, error };
    throw error;
  }
}
