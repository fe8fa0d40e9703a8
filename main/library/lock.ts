import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { HeirloomError } from '../../contract/errors.ts';

/** Who holds a library: the process and, where the system tells, when it began, since ids are used again. */
interface Holder {
  pid: number;
  started: string | null;
}

/**
 * Takes the lock file at `path` and answers with what gives it back. The lock of a process that is gone is taken over.
 * Throws `library/locked`.
 */
export function takeLock(path: string): () => void {
  const own: Holder = { pid: process.pid, started: startOf(process.pid) };
  if (!tryWrite(path, own)) {
    const holder = readHolder(path);
    if (holder && isAlive(holder)) throw locked(path, holder);
    rmSync(path, { force: true });
    if (!tryWrite(path, own)) throw locked(path, readHolder(path));
  }
  return () => {
    if (readHolder(path)?.pid === own.pid) rmSync(path, { force: true });
  };
}

function tryWrite(path: string, holder: Holder): boolean {
  try {
    writeFileSync(path, JSON.stringify(holder), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readHolder(path: string): Holder | null {
  try {
    const { pid, started } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Holder>;
    return Number.isInteger(pid) ? { pid: pid!, started: started ?? null } : null;
  } catch {
    return null;
  }
}

function isAlive({ pid, started }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, and belongs to someone else.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = startOf(pid);
  return started === null || now === null || started === now;
}

/** When a process began, in the kernel's ticks (Linux; elsewhere null). */
function startOf(pid: number): string | null {
  try {
    // The name before it, in brackets, may hold spaces.
    const [, fields = ''] = /\)\s(.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return fields.split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

function locked(path: string, holder: Holder | null): HeirloomError {
  const who = holder ? ` (process ${holder.pid})` : '';
  return new HeirloomError('library/locked', `Another Heirloom${who} has the library of ${path} open`, {
    path,
    pid: holder?.pid ?? null,
  });
}
