import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '../../contract/library.ts';
import { restoreSettingsSchema } from '../../contract/restore.ts';
import { changedFiles, checkLibrary, hashesOf, type Hashes, type LibraryState } from './check-library.ts';
import { newResult, timeIsLeft, type PartOptions, type PartResult } from './fault-report.ts';
import { endByThemselves, enginesOf, HOST_KINDS, startHost, type Host } from './hosts.ts';
import type { FaultLibrary } from './make-fault-library.ts';
import { Random } from '../fixtures/random.ts';

type Victim = 'engine' | 'app' | 'both';
const VICTIMS: readonly Victim[] = ['engine', 'app', 'both'];
/** Of the kills, those that come while Heirloom opens. */
const EARLY = 0.15;
const OPENING_MS = 2000;
/** A kill comes so many finished photos after the last one, at most, and a little later. */
const PHOTOS = 4;
const LATER_MS = 600;
/** A machine that is busy with other things. */
const PATIENCE_MS = 30_000;
const SETTLE_TRIES = 200;
const BATCH_SECONDS = 240;

interface Session {
  folder: string;
  photoIds: number[];
  /** Pictures that were imported, and the library's copies of them. */
  originals: Hashes;
  random: Random;
  result: PartResult;
  /** Versions of finished batches. */
  versionsBefore: number;
  seed: number;
  kills: Record<string, number>;
  givenUp: number;
  batches: number;
}

/**
 * A batch over all photos; the engine, the application or both are killed at a random moment, and everything is looked
 * at after each restart. A batch that is finished is counted, and the next one begins.
 */
export async function killRounds(
  template: FaultLibrary,
  pictures: readonly string[],
  options: PartOptions,
): Promise<PartResult> {
  const session = await newSession(template, pictures, options);
  const { result } = session;
  let host: Host | null = null;
  while (result.rounds < options.rounds && timeIsLeft(options) && result.problems.length === 0) {
    host = await round(session, host, options);
    result.rounds++;
    if (result.rounds % 10 === 0)
      options.log(`  ${result.rounds} rounds, ${session.batches} batches finished`);
  }
  host ??= await open(session, options);
  await finishBatch(session, host);
  if ((await host.close()) !== 0) result.problems.push(`close: ${host.errors}`);
  inspect(session, checkLibrary(session.folder, { settled: true }));
  result.details.push(
    `${session.batches} batches of ${session.photoIds.length} photos finished; kills: ${JSON.stringify(session.kills)}`,
    `${session.givenUp} photos were given up after two deaths of the engine, as designed, and restored at a retry`,
  );
  return result;
}

async function newSession(
  { folder: template, photoIds }: FaultLibrary,
  pictures: readonly string[],
  { seed }: PartOptions,
): Promise<Session> {
  const folder = `${template}-kill`;
  await cp(template, folder, { recursive: true });
  const { photos } = checkLibrary(folder, { settled: true });
  const copies = photos.map(({ path }) => join(folder, path));
  return {
    ...{ folder, photoIds, originals: hashesOf([...pictures, ...copies]), random: new Random(seed) },
    ...{ result: newResult('kill-9'), versionsBefore: 0, seed: 0, kills: {}, givenUp: 0, batches: 0 },
  };
}

/** Null: the application is gone, and the next round starts it. */
async function round(session: Session, running: Host | null, options: PartOptions): Promise<Host | null> {
  const { random, result } = session;
  if (!running && random.next() < EARLY) {
    await killWhileOpening(session);
    return null;
  }
  const host = running ?? (await open(session, options));
  await settle(session);
  await keepBusy(session, host);
  await atWork(host, random);
  const victim = random.pick(VICTIMS);
  const engines = enginesOf(host.pid);
  count(session, `${victim} of ${host.kind}`);
  if (victim !== 'app') for (const pid of engines) killQuietly(pid);
  if (victim === 'engine') return host;
  await host.kill();
  if (!(await endByThemselves(engines))) result.problems.push('an engine outlives its application');
  inspect(session, checkLibrary(session.folder, { settled: false }));
  return null;
}

/** Waits for a random moment of the batch: between two photos, in one, in the start of an engine. */
async function atWork(host: Host, random: Random): Promise<void> {
  const target = (await countDone(host)) + random.below(PHOTOS);
  const later = random.below(LATER_MS);
  const until = performance.now() + PATIENCE_MS;
  while (performance.now() < until && (await countDone(host)) < target) await sleep(20);
  await sleep(later);
}

/** Finished ones; all, where no more will be. */
async function countDone(host: Host): Promise<number> {
  const { jobs } = await host.call('jobs.list', {});
  return jobs.some(isOpen) ? jobs.filter((job) => !isOpen(job)).length : Infinity;
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended a moment before.
  }
}

async function killWhileOpening(session: Session): Promise<void> {
  const kind = session.random.pick(HOST_KINDS);
  const starting = startHost(kind, session.folder);
  await sleep(session.random.below(OPENING_MS));
  const engines = enginesOf(starting.pid);
  count(session, `${kind} while it opens`);
  await starting.kill();
  if (!(await endByThemselves(engines))) session.result.problems.push('an engine outlives its application');
}

function count(session: Session, what: string): void {
  session.kills[what] = (session.kills[what] ?? 0) + 1;
  session.result.faults++;
}

async function open({ folder, random, result }: Session, { log }: PartOptions): Promise<Host> {
  const kind = random.pick(HOST_KINDS);
  return startHost(kind, folder).opened.catch((error: unknown) => {
    result.problems.push(`does not open again: ${String(error)}`);
    log(String(error));
    throw error;
  });
}

/** Waits until the library has looked after what a crash left, which it does in the background. */
async function settle(session: Session): Promise<void> {
  for (let i = 0; ; i++) {
    const state = checkLibrary(session.folder, { settled: true, live: true });
    const stray = state.problems.filter((problem) => / has no row$| is left over$/.test(problem));
    if (stray.length < state.problems.length || stray.length === 0 || i === SETTLE_TRIES)
      return inspect(session, state);
    await sleep(50);
  }
}

function inspect({ result, originals, photoIds }: Session, state: LibraryState): void {
  const changed = changedFiles(originals);
  result.lost += state.lost + changed.length + Math.max(0, photoIds.length - state.photos.length);
  result.problems.push(...state.problems, ...changed.map((path) => `original changed: ${path}`));
}

/** A finished batch is held against what was asked for, and the next one begins. */
async function keepBusy(session: Session, host: Host): Promise<void> {
  const { jobs } = await host.call('jobs.list', {});
  if (jobs.some(isOpen)) return;
  if (jobs.length > 0) await endBatch(session, host, jobs);
  await host.call('jobs.clearFinished', {});
  const settings = restoreSettingsSchema.parse({ speed: 'draft', seed: session.seed++ });
  await host.call('restore.enqueue', { photoIds: session.photoIds, settings });
}

function isOpen({ state }: Job): boolean {
  return state === 'waiting' || state === 'running' || state === 'paused';
}

async function endBatch(session: Session, host: Host, jobs: Job[]): Promise<void> {
  const { result, photoIds } = session;
  const failed = jobs.filter(({ state }) => state === 'failed');
  for (const { error } of failed)
    if (error?.code !== 'engine/died') result.problems.push(`a job failed: ${error?.code} ${error?.message}`);
  session.givenUp += failed.length;
  if (failed.length > 0) {
    await host.call('jobs.control', { ids: failed.map(({ id }) => id), action: 'retry' });
    await waitForJobs(host);
  }
  const after = (await host.call('jobs.list', {})).jobs;
  const done = after.filter(({ state, versionId }) => state === 'done' && versionId !== null);
  if (done.length !== photoIds.length)
    result.problems.push(`${done.length} of ${photoIds.length} jobs of a batch are done`);
  const { versions } = checkLibrary(session.folder, { settled: false, live: true });
  const made = versions.length - session.versionsBefore;
  if (made !== photoIds.length) result.problems.push(`${made} versions of ${photoIds.length} jobs`);
  session.versionsBefore = versions.length;
  session.batches++;
}

async function waitForJobs(host: Host): Promise<void> {
  for (let i = 0; i < BATCH_SECONDS * 10; i++) {
    const { jobs } = await host.call('jobs.list', {});
    if (!jobs.some(isOpen)) return;
    await sleep(100);
  }
}

async function finishBatch(session: Session, host: Host): Promise<void> {
  await settle(session);
  await waitForJobs(host);
  const { jobs } = await host.call('jobs.list', {});
  if (jobs.length > 0) await endBatch(session, host, jobs);
}
