import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PackReport } from '../contract/engine.ts';
import { HeirloomError } from '../contract/errors.ts';
import { describePack } from './describe-pack.ts';
import type { BlurEstimate } from './method/types.ts';
import { listPacks, loadPack, type Pack } from './models/manifest.ts';
import { chooseProvider } from './models/providers.ts';
import { openPackSessions } from './models/sessions.ts';
import { toVerdicts } from './open-models.ts';

/** Every pack in `folders`: schema and hashes only. */
export async function reportPacks(folders: string[]): Promise<PackReport[]> {
  const listings = await listPacks(folders);
  return listings.map((listing) =>
    'pack' in listing ? describePack(listing.pack) : { folder: listing.dir, error: errorOf(listing.error) },
  );
}

/** Everything: schema, hashes, each graph run once, and the golden input on every provider, not from memory. */
export async function checkPack(folder: string): Promise<PackReport> {
  try {
    const pack = await loadPack(folder);
    await runEveryGraph(pack);
    return { ...describePack(pack), hashedFiles: countFiles(pack), ...(await probeProviders(pack)) };
  } catch (error) {
    if (error instanceof HeirloomError) return { folder, error: errorOf(error) };
    throw error;
  }
}

/** Loading it has compared each with its hash. */
function countFiles({ manifest }: Pack): number {
  return Object.values(manifest.files).filter(Boolean).length;
}

function errorOf({ code, message }: HeirloomError): NonNullable<PackReport['error']> {
  return { code, message };
}

/** The graphs that the golden input does not reach; a missing one or one of another S throws. */
async function runEveryGraph(pack: Pack): Promise<void> {
  const sessions = openPackSessions(pack, { provider: 'cpu' });
  const size = pack.manifest.resolution;
  const picture = new Float32Array(3 * size * size);
  const transfer = new Float64Array(size).fill(1);
  try {
    await sessions.dgsa(picture, picture, 1);
    const guides = [{ image: picture, transfer, weight: 1 }];
    await sessions.guided({ xt: picture, t: 1, alphaBar: 0.5, guides });
    if (pack.manifest.auto) expectError(await sessions.estimator(picture, { picture }), pack);
  } finally {
    await sessions.release();
  }
}

/** A table of guides by SE's expected error is of no use without it. */
function expectError({ error }: BlurEstimate, { dir, manifest }: Pack): void {
  if (error !== undefined) return;
  const file = join(dir, manifest.files.estimator.name);
  throw new HeirloomError(
    'pack/invalid',
    `${file}: output error is missing, which the manifest's auto needs`,
  );
}

async function probeProviders(pack: Pack): Promise<Pick<PackReport, 'providers' | 'chosen'>> {
  const cacheDir = await mkdtemp(join(tmpdir(), 'heirloom-check-'));
  try {
    const report = await chooseProvider(pack, 'auto', { cacheDir });
    return { providers: toVerdicts(report), chosen: report.chosen };
  } finally {
    await rm(cacheDir, { recursive: true, force: true });
  }
}
