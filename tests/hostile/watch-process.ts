import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** What Linux tells of a process and of those that it started. */

function status(pid: number, field: string): number {
  try {
    const [, value] =
      new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(value ?? 0);
  } catch {
    return 0;
  }
}

/** Most memory that the process had since it started or since `forgetPeak`, in bytes. */
export function peakMemory(pid: number): number {
  return status(pid, 'VmHWM') * 1024;
}

/** Where the kernel does not let it be reset, peaks only grow. */
export function forgetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    return;
  }
}

/** Ticks of the clock by which Linux counts processor time. */
const TICK_MS = 10;

/** Processor time that the process has used, in milliseconds. */
export function processorTime(pid: number): number {
  try {
    const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return TICK_MS * (Number(afterName[11]) + Number(afterName[12]));
  } catch {
    return 0;
  }
}

/** Processes that this one started and that run. */
export function childrenOf(parent: number): number[] {
  return readdirSync(`/proc/${parent}/task`).flatMap((task) =>
    readFileSync(`/proc/${parent}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}

export function isAlive(pid: number): boolean {
  return status(pid, 'Pid') === pid;
}
