import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { restoreSettingsSchema } from '../../contract/restore.ts';
import { changedFiles, checkLibrary, hashesOf, type Hashes } from './check-library.ts';
import { newResult, timeIsLeft, type PartOptions, type PartResult } from './fault-report.ts';
import type { FaultPlan } from './file-faults.ts';
import { endByThemselves, enginesOf, openHost, read, startHost, type Host, type HostKind } from './hosts.ts';
import type { FaultLibrary } from './make-fault-library.ts';
import { Random } from '../fixtures/random.ts';

const PRELOAD = new URL('./file-faults.ts', import.meta.url).href;
const TRIES = 1200;
const settings = restoreSettingsSchema.parse({ speed: 'draft' });

interface Session {
  folder: string;
  planFile: string;
  photoIds: number[];
  /** New ones, to import. */
  pictures: string[];
  originals: Hashes;
  result: PartResult;
  plan: number;
}

function newSession(template: FaultLibrary, pictures: string[], name: string): Session {
  const folder = `${template.folder}-${name}`;
  cpSync(template.folder, folder, { recursive: true });
  const copies = checkLibrary(folder, { settled: true }).photos.map(({ path }) => join(folder, path));
  return {
    ...{ folder, planFile: `${folder}-plan.json`, photoIds: template.photoIds, pictures },
    ...{ originals: hashesOf([...pictures, ...copies]), result: newResult(name), plan: 0 },
  };
}

/** From here on the `at`th operation goes wrong; 0: none. */
function setPlan(session: Session, at: number, how: FaultPlan['how'], appPid = 0): void {
  const plan: FaultPlan = { id: ++session.plan, at, how, appPid };
  writeFileSync(session.planFile, JSON.stringify(plan));
}

function operations({ planFile, plan }: Session): string[] {
  return read(`${planFile}.${plan}.log`).split('\n').filter(Boolean);
}

function environment({ folder, planFile }: Session): NodeJS.ProcessEnv {
  return {
    HEIRLOOM_FAULT_FOLDER: folder,
    HEIRLOOM_FAULT_PLAN: planFile,
    NODE_OPTIONS: `--import=${PRELOAD}`,
  };
}

/**
 * A small import and a restoration, in which the Nth write, sync, rename or link of application and engine fails, for
 * every N there is: nothing ends, nothing is half there, and the same again succeeds.
 */
export async function failingWrites(
  template: FaultLibrary,
  pictures: string[],
  options: PartOptions,
): Promise<PartResult> {
  const session = newSession(template, pictures, 'failing-writes');
  const { result } = session;
  setPlan(session, 0, 'EIO');
  const host = await openHost('application', session.folder, { env: environment(session) });
  const random = new Random(options.seed);
  const count = await countOperations(session, host);
  for (const at of operationsToFail(count, options)) {
    if (!timeIsLeft(options) || result.problems.length > 0) break;
    const how = random.pick(['ENOSPC', 'EIO'] as const);
    await failOnce(session, host, at, how);
    result.rounds++;
  }
  if ((await host.close()) !== 0) result.problems.push(`close: ${host.errors}`);
  inspect(session, false);
  result.details.push(`${count} operations of one import and one restoration`);
  return result;
}

/** Every N in random order, or as many of them as there are rounds. */
function operationsToFail(count: number, { rounds, seed }: PartOptions): number[] {
  const random = new Random(seed);
  const all = Array.from({ length: count }, (_, i) => ({ at: i + 1, place: random.next() }));
  return all
    .sort((a, b) => a.place - b.place)
    .slice(0, rounds)
    .map(({ at }) => at);
}

async function countOperations(session: Session, host: Host): Promise<number> {
  setPlan(session, 0, 'EIO');
  await work(session, host, 0);
  return operations(session).length;
}

async function failOnce(session: Session, host: Host, at: number, how: FaultPlan['how']): Promise<void> {
  const { result } = session;
  setPlan(session, at, how);
  const what = await work(session, host, at);
  if (operations(session).length < at) return;
  result.faults++;
  const fault = `${how} at ${operations(session)[at - 1]} (${what})`;
  setPlan(session, 0, how);
  await mend(host);
  const again = await work(session, host, at);
  if (again !== 'imported, restored') result.problems.push(`after ${fault}: ${again}`);
  inspect(session, true, fault);
}

/** Imports the `n`th picture and restores the `n`th photo; what became of both. */
async function work(session: Session, host: Host, n: number): Promise<string> {
  const { pictures, photoIds } = session;
  const imported = await importOne(host, pictures[n % pictures.length]!);
  const photoId = photoIds[n % photoIds.length]!;
  const { jobs } = await host.call('jobs.list', {});
  if (!jobs.some((job) => job.photoId === photoId && job.state !== 'failed'))
    await host.call('restore.enqueue', { photoIds: [photoId], settings });
  return `${imported}, ${await waitForJob(host, photoId)}`;
}

async function importOne(host: Host, path: string): Promise<string> {
  const { id } = await host.call('import.start', { paths: [path], mode: 'copy' });
  for (let i = 0; i < TRIES; i++) {
    const report = (await host.call('import.list', {})).find((one) => one.id === id);
    if (report?.state === 'done')
      return report.failedCount > 0 ? `not imported: ${report.failed[0]?.message}` : 'imported';
    await sleep(20);
  }
  return 'the import does not end';
}

async function waitForJob(host: Host, photoId: number): Promise<string> {
  for (let i = 0; i < TRIES; i++) {
    const { jobs, paused } = await host.call('jobs.list', {});
    const job = jobs.find((one) => one.photoId === photoId && one.state !== 'failed');
    if (job?.state === 'done') return job.versionId === null ? `no version: ${job.notes.join()}` : 'restored';
    if (paused) return 'the queue stands still';
    const failed = jobs.find((one) => one.photoId === photoId && one.state === 'failed');
    if (!job && failed) return `failed: ${failed.error?.message}`;
    await sleep(20);
  }
  return 'the job does not end';
}

/** What a person does then: retries what failed, and goes on. */
async function mend(host: Host): Promise<void> {
  const { jobs } = await host.call('jobs.list', {});
  const ids = jobs.filter(({ state }) => state === 'failed').map(({ id }) => id);
  if (ids.length > 0) await host.call('jobs.control', { ids, action: 'retry' });
  await host.call('jobs.pauseAll', { paused: false });
}

/**
 * The same under a disk that loses what was not synced when the power fails at the Nth operation, from the start of the
 * program on: the library opens again, is whole, and at most the photo in flight is done again.
 */
export async function powerLoss(
  template: FaultLibrary,
  pictures: string[],
  options: PartOptions,
): Promise<PartResult> {
  const session = newSession(template, pictures, 'power-loss');
  const { result } = session;
  const count = await countFromStart(session);
  for (const [round, at] of operationsToFail(count, options).entries()) {
    if (!timeIsLeft(options) || result.problems.length > 0) break;
    await losePowerAt(session, at, round % 2 === 0 ? 'application' : 'serve');
    result.rounds++;
  }
  result.details.push(`${count} operations from the start of the program to the end of a restoration`);
  return result;
}

async function countFromStart(session: Session): Promise<number> {
  setPlan(session, 0, 'power-loss');
  const host = await openHost('application', session.folder, { env: environment(session) });
  await work(session, host, 0);
  await host.close();
  return operations(session).length;
}

async function losePowerAt(session: Session, at: number, kind: HostKind): Promise<void> {
  const { result, folder } = session;
  const lost = await untilPowerFails(session, at, kind);
  if (!lost) return;
  result.faults++;
  const before = checkLibrary(folder, { settled: false });
  setPlan(session, 0, 'power-loss');
  const host = await openHost(kind, folder, { env: environment(session) }).catch((error: unknown) => {
    result.problems.push(`after ${lost}: does not open: ${String(error)}`);
  });
  if (!host) return;
  await settle(session);
  const again = await work(session, host, at);
  if (again !== 'imported, restored') result.problems.push(`after ${lost}: ${again}`);
  const after = checkLibrary(folder, { settled: true, live: true });
  if (after.versions.length > before.versions.length + 1) result.problems.push(`after ${lost}: done twice`);
  inspect(session, true, lost);
  await host.call('jobs.clearFinished', {});
  await host.close();
}

/** The operation at which it failed; null: it was not reached. */
async function untilPowerFails(session: Session, at: number, kind: HostKind): Promise<string | null> {
  setPlan(session, 0, 'power-loss');
  const starting = startHost(kind, session.folder, { env: environment(session) });
  // Its id is known now, and Node takes longer to start than this.
  setPlan(session, at, 'power-loss', starting.pid);
  const host = await starting.opened.catch(() => null);
  const worked = host ? await work(session, host, at).catch(() => null) : null;
  if (worked !== null) {
    await host!.call('jobs.clearFinished', {});
    await host!.close();
    return null;
  }
  await starting.kill();
  const engines = enginesOf(starting.pid);
  if (!(await endByThemselves(engines))) session.result.problems.push('an engine outlives its application');
  return `power loss at ${operations(session)[at - 1]}`;
}

async function settle({ folder }: Session): Promise<void> {
  for (let i = 0; i < TRIES / 4; i++) {
    if (checkLibrary(folder, { settled: true, live: true }).problems.length === 0) return;
    await sleep(50);
  }
}

function inspect({ result, folder, originals, photoIds }: Session, live: boolean, after = 'the end'): void {
  const state = checkLibrary(folder, { settled: true, live });
  const changed = changedFiles(originals);
  result.lost += state.lost + changed.length + Math.max(0, photoIds.length - state.photos.length);
  const problems = [...state.problems, ...changed.map((path) => `original changed: ${path}`)];
  result.problems.push(...problems.map((problem) => `after ${after}: ${problem}`));
}
