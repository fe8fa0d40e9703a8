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

/** Processes that this one started and that run. */
export function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => status(pid, 'PPid') === parent);
}

export function isAlive(pid: number): boolean {
  return status(pid, 'Pid') === pid;
}
