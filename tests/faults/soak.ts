import { cpSync, readdirSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { restoreSettingsSchema } from '../../contract/restore.ts';
import { checkLibrary } from './check-library.ts';
import { newResult, timeIsLeft, type PartOptions, type PartResult } from './fault-report.ts';
import { enginesOf, openHost, read, type Host } from './hosts.ts';
import type { FaultLibrary } from './make-fault-library.ts';

/** Of a batch, the part that warms up: allocators and compiled code take what they will keep. */
const WARM = 0.3;
/** Growth after that which counts as a leak, in MiB: allocators grow in steps, of some ten MiB each. */
const LEAK_MIB = 100;
const SAMPLE_MS = 250;

interface Sample {
  /** Photos done when it was taken. */
  done: number;
  /** Resident memory in KiB by process. */
  memory: ReadonlyMap<number, number>;
  handles: ReadonlyMap<number, number>;
}

/** Restores so many photos in one go and watches memory and handles of every process. */
export async function soak(library: FaultLibrary, options: PartOptions): Promise<PartResult> {
  const result = newResult('soak');
  const folder = `${library.folder}-soak`;
  cpSync(library.folder, folder, { recursive: true });
  const host = await openHost('serve', folder);
  const settings = restoreSettingsSchema.parse({ speed: 'draft' });
  const photoIds = library.photoIds.slice(0, options.rounds);
  await host.call('restore.enqueue', { photoIds, settings });
  const samples = await watch(host, photoIds.length, options);
  const { done, failed } = await countJobs(host);
  result.rounds = done;
  if (failed > 0) result.problems.push(`${failed} photos failed`);
  if (done < photoIds.length) result.details.push(`${done} of ${photoIds.length} photos within the time`);
  judge(result, host.pid, samples);
  if ((await host.close()) !== 0) result.problems.push(`close: ${host.errors}`);
  const state = checkLibrary(folder, { settled: true });
  result.problems.push(...state.problems);
  result.lost += state.lost;
  if (state.versions.length < done) result.problems.push(`${state.versions.length} versions of ${done} jobs`);
  rmSync(folder, { recursive: true });
  return result;
}

async function countJobs(host: Host): Promise<{ done: number; failed: number; left: number }> {
  const { jobs } = await host.call('jobs.list', {});
  const count = (...states: string[]) => jobs.filter(({ state }) => states.includes(state)).length;
  return { done: count('done'), failed: count('failed'), left: count('waiting', 'running', 'paused') };
}

async function watch(host: Host, photos: number, options: PartOptions): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (;;) {
    // The answer lists every job: asked too often, it is what fills the memory that is watched.
    await sleep(Math.max(SAMPLE_MS, 2 * photos));
    const { done, left } = await countJobs(host);
    const pids = [host.pid, ...enginesOf(host.pid)];
    samples.push({
      done,
      memory: new Map(pids.map((pid) => [pid, memoryOf(pid)])),
      handles: new Map(pids.map((pid) => [pid, handlesOf(pid)])),
    });
    if (left === 0 || !timeIsLeft(options)) return samples;
  }
}

/** KiB. */
function memoryOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
}

function handlesOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}

function judge(result: PartResult, app: number, samples: readonly Sample[]): void {
  const last = samples.at(-1)!;
  const warm = samples.filter(({ done }) => done >= WARM * last.done);
  for (const pid of last.memory.keys()) {
    const name = pid === app ? 'application' : `engine ${roleOf(pid)}`;
    const seen = warm.filter(({ memory }) => memory.has(pid));
    const slope = slopeOf(seen.map(({ done, memory }) => [done, memory.get(pid)!]));
    const [first] = seen;
    const handles = `${first?.handles.get(pid)} handles, then ${last.handles.get(pid)}`;
    const memory = `${Math.round(last.memory.get(pid)! / 1024)} MiB, ${slope.toFixed(2)} KiB more with each photo`;
    result.details.push(`${name}: ${memory}; ${handles}`);
    const growth = (slope * (last.done - (first?.done ?? 0))) / 1024;
    if (growth > LEAK_MIB) result.problems.push(`${name} grew by ${Math.round(growth)} MiB`);
    if (last.handles.get(pid)! > (first?.handles.get(pid) ?? 0) + 5)
      result.problems.push(`${name} leaves files open`);
  }
}

function roleOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`).split('\0').filter(Boolean).at(-1) ?? '';
}

/** Least squares. */
function slopeOf(points: readonly (readonly [number, number])[]): number {
  const mean = (values: number[]) =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const [x, y] = [mean(points.map(([done]) => done)), mean(points.map(([, memory]) => memory))];
  const above = points.reduce((sum, [done, memory]) => sum + (done - x) * (memory - y), 0);
  const below = points.reduce((sum, [done]) => sum + (done - x) ** 2, 0);
  return below === 0 ? 0 : above / below;
}
