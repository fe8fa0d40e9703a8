import type { PackReport } from '../contract/engine.ts';
import { toErrorEnvelope } from '../contract/errors.ts';
import { EngineClient } from '../engine/client.ts';
import { BUNDLED_PACKS, findPack } from './find-pack.ts';
import { plural, writeJson, writeLine, type Output } from './output.ts';

export interface PacksOptions {
  json?: boolean;
}

/** `heirloom packs`: the packs that came with Heirloom. Exit code 1 if one of them is unusable. */
export async function listCommand(
  { json }: PacksOptions,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const engine = new EngineClient({ role: 'imaging' });
  try {
    const reports = await engine.call('listPacks', { folders: [BUNDLED_PACKS] }, { signal });
    if (reports.length === 0 && !json) writeLine(output.stdout, `No packs in ${BUNDLED_PACKS}`);
    return show(reports, output, json);
  } finally {
    await engine.close();
  }
}

/** `heirloom packs check`: schema, hashes, shapes, results and providers. Exit code 1 if one fails. */
export async function checkCommand(
  names: string[],
  { json }: PacksOptions,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const engine = new EngineClient({ role: 'restore' });
  try {
    const reports: PackReport[] = [];
    for (const name of names.length > 0 ? names : await bundled(engine, signal))
      reports.push(await checkNamed(engine, name, signal));
    return show(reports, output, json);
  } finally {
    await engine.close();
  }
}

/** A name that no pack has is one more pack that cannot be used: the others are checked all the same. */
async function checkNamed(engine: EngineClient, name: string, signal: AbortSignal): Promise<PackReport> {
  try {
    return await engine.call('checkPack', { folder: await findPack(name) }, { signal });
  } catch (error) {
    const { code, message } = toErrorEnvelope(error);
    if (code !== 'pack/not-found') throw error;
    return { folder: name, error: { code, message } };
  }
}

async function bundled(engine: EngineClient, signal: AbortSignal): Promise<string[]> {
  const reports = await engine.call('listPacks', { folders: [BUNDLED_PACKS] }, { signal });
  return reports.map((report) => report.folder);
}

function show(reports: PackReport[], { stdout }: Output, json = false): number {
  if (json) writeJson(stdout, reports);
  else for (const line of reports.flatMap(describePack)) writeLine(stdout, line);
  return reports.some((report) => report.error) ? 1 : 0;
}

function describePack(report: PackReport): string[] {
  const {
    folder,
    id,
    name,
    version,
    resolution,
    bytes,
    presets = [],
    licence,
    error,
    hashedFiles,
    providers = [],
  } = report;
  if (error) return [`${id ?? folder}: unusable. ${error.message}`];
  const megabytes = ((bytes ?? 0) / 1e6).toFixed(1);
  return [
    `${id} ${version}: ${name}, ${resolution} x ${resolution} pixels, ${megabytes} MB, ${licence}`,
    `  ${folder}`,
    ...(hashedFiles === undefined ? [] : [`  hashes of ${plural(hashedFiles, 'file')} checked and passed`]),
    ...presets.map((preset) => `  preset ${preset.id}: ${preset.description}`),
    ...providers.map((verdict) => `  provider ${describeVerdict(verdict, report.chosen)}`),
  ];
}

function describeVerdict(
  { provider, usable, milliseconds, reason }: NonNullable<PackReport['providers']>[number],
  chosen: string | undefined,
): string {
  const time = milliseconds === undefined ? '' : `, ${Math.round(milliseconds)} ms`;
  const why = reason === undefined ? '' : ` (${reason})`;
  return `${provider}: ${usable ? 'works' : 'not used'}${time}${why}${provider === chosen ? ', chosen by auto' : ''}`;
}
