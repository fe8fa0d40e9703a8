import { constants } from 'node:fs';
import { copyFile, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import type { EngineParams, EngineResult } from '../contract/engine.ts';
import { HeirloomError } from '../contract/errors.ts';
import { writeError } from '../contract/write-error.ts';
import { licenceText } from './describe-pack.ts';
import { expectPlainGraph } from './models/expect-plain-graph.ts';
import { readGolden } from './models/golden.ts';
import { inspectRestorer, likeness, type RestorerFindings } from './models/inspect-restorer.ts';
import { loadPack, sha256, type Pack } from './models/manifest.ts';
import { makeFolder } from './make-folder.ts';

type Params = EngineParams<'addRestorer'>;
type Result = EngineResult<'addRestorer'>;

/**
 * Makes a pack out of another one and an RM of another maker (the paper's table 9 does so with GFP-GAN and
 * RestoreFormer): the network is tried on the pack's golden face, and everything else is copied. SE and the DSST stay
 * those of the old RM, so std_hat is an estimate for that one.
 * @param file an ONNX file: one float32 RGB picture `1 x 3 x N x N` in, one out, in [0, 1] or [-1, 1]
 * Throws `input/not-found`, `pack/invalid` with what was found, `pack/exists`, `output/unwritable`, and what `loadPack`
 * throws.
 */
export async function addRestorer({ file, folder, target }: Params): Promise<Result> {
  await expectFile(file);
  const base = await loadPack(folder);
  const golden = await readGolden(base);
  await makeFolder(target);
  const aside = await mkdtemp(join(target, '.restorer-')).catch((error: unknown) => {
    throw writeError(target, error);
  });
  try {
    const network = join(aside, base.manifest.files.restoration.name);
    await copyFile(file, network);
    const findings = await inspect(network, golden.y).catch((error: unknown) => {
      throw named(error, network, file);
    });
    const id = await writePack(base, findings, file, aside);
    const made = resolve(target, id);
    await expectNew(made);
    await loadPack(aside);
    await rename(aside, made);
    return { folder: made, id, ...told(findings, golden.restoration) };
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function expectFile(file: string): Promise<void> {
  const entry = await stat(file).catch(() => undefined);
  if (!entry?.isFile()) throw new HeirloomError('input/not-found', `${file}: no such file`);
}

async function expectNew(folder: string): Promise<void> {
  if (await stat(folder).catch(() => undefined))
    throw new HeirloomError('pack/exists', `${folder} is there already`);
}

/** Its weights are all inside: it was copied alone. */
async function inspect(network: string, y: Float32Array): Promise<RestorerFindings> {
  await expectPlainGraph(network, {});
  return inspectRestorer(network, y);
}

/** The network was looked at under its name in the pack; a person knows it by its own. */
function named(error: unknown, network: string, file: string): unknown {
  if (!(error instanceof HeirloomError)) return error;
  const message = error.message.replace(network, basename(file)).replace(basename(network), basename(file));
  return new HeirloomError(error.code, message);
}

async function writePack(
  base: Pack,
  { restorer, restoration }: RestorerFindings,
  file: string,
  aside: string,
): Promise<string> {
  const { dir, manifest } = base;
  // The powers of a face are told from those of the old RM's picture.
  const { restoration: network, goldenRestoration, facePower: _, ...others } = manifest.files;
  for (const other of Object.values(others))
    if (other) await copyFile(join(dir, other.name), join(aside, other.name), constants.COPYFILE_FICLONE);
  await writeFile(join(aside, goldenRestoration.name), toFloat16(restoration));
  const name = basename(file, extname(file));
  const id = `${manifest.id}-with-${slug(name)}`;
  const changed = {
    ...manifest,
    id,
    name: `${manifest.name} with ${name}`,
    restorer,
    files: {
      ...others,
      restoration: await entryOf(aside, network.name),
      goldenRestoration: await entryOf(aside, goldenRestoration.name),
    },
    licence: `${licenceText(manifest.licence)}; ${network.name} is ${basename(file)}, under its maker's licence, which Heirloom does not know`,
    provenance: { base: manifest.provenance, restorer: { file: basename(file), addedTo: manifest.id } },
  };
  await writeFile(join(aside, 'manifest.json'), `${JSON.stringify(changed, null, 2)}\n`);
  await writeFile(join(aside, 'MODEL_CARD.md'), await cardOf(base, basename(file)));
  return id;
}

function slug(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  return plain || 'restorer';
}

async function entryOf(folder: string, name: string) {
  const bytes = await readFile(join(folder, name));
  return { name, sha256: sha256(bytes), bytes: bytes.length };
}

async function cardOf({ dir, manifest }: Pack, network: string): Promise<string> {
  const card = await readFile(join(dir, 'MODEL_CARD.md'), 'utf8').catch(() => '');
  return `# ${manifest.name} with ${network}

The restoration network of this pack is ${network}, added on this computer. Heirloom knows neither its training nor its licence. The blur estimate and the table of starting steps were made for the restoration network that it stands in for.

What follows describes the pack that it was added to; where it speaks of the restoration network, it means the one that was replaced.

${card.trim()}
`;
}

/** IEEE 754 binary16, little-endian. */
function toFloat16(values: Float32Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(2 * values.length));
  values.forEach((value, i) => {
    view.setFloat16(2 * i, value, true);
  });
  return new Uint8Array(view.buffer);
}

function told(
  { restorer, restoration, ...figures }: RestorerFindings,
  ownRestoration: Float32Array,
): Omit<Result, 'folder' | 'id'> {
  return { ...restorer, ...figures, psnrToReplaced: likeness(restoration, ownRestoration) };
}
