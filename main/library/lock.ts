import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { HeirloomError } from '../../contract/errors.ts';
import { writeError } from '../../contract/write-error.ts';

/** Who holds a library: the process and, where the system tells, when it began, since ids are used again. */
interface Holder {
  pid: number;
  started: string | null;
}

/** The clock of files and that since the start of the computer drift apart, a minute in weeks. */
const CLOCK_SLACK_MS = 60_000;

/**
 * Takes the lock file at `path` and answers with what gives it back. The lock of a process that is gone is taken over.
 * `temporary`: a folder beside it. Throws `library/locked` and `output/unwritable`.
 */
export function takeLock(path: string, temporary: string): () => void {
  const own: Holder = { pid: process.pid, started: startOf(process.pid) };
  try {
    if (!tryWrite(path, own, temporary)) {
      removeStale(path, own, temporary);
      if (!tryWrite(path, own, temporary)) throw locked(path, readHolder(path));
    }
  } catch (error) {
    throw writeError(path, error);
  }
  return () => {
    if (readHolder(path)?.pid === own.pid) rmSync(path, { force: true });
  };
}

/** Of two that start at once, one gets it: the file is there with its holder in it, or not at all. */
function tryWrite(path: string, holder: Holder, temporary: string): boolean {
  const whole = join(temporary, randomUUID());
  try {
    writeFileSync(whole, JSON.stringify(holder));
    return tryLink(whole, path);
  } finally {
    rmSync(whole, { force: true });
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    // A disk without hard links (FAT): there the holder comes a moment after the name.
    if (code === 'ENOSPC' || code === 'EROFS' || code === 'EACCES') throw error;
    return tryCreate(to, readFileSync(from));
  }
}

function tryCreate(path: string, content: Uint8Array): boolean {
  try {
    writeFileSync(path, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Removes the lock of a process that is gone. Who may, says a second lock, named after that process: so nobody takes away
 * the lock of one that was quicker, not even for a moment in which a third could get in.
 */
function removeStale(path: string, own: Holder, temporary: string): void {
  const stale = readText(path);
  const holder = parseHolder(stale);
  if (holder && isAlive(holder, path)) throw locked(path, holder);
  const right = `${path}.${holder ? `${holder.pid}-${holder.started ?? ''}` : 'unreadable'}`;
  if (!tryWrite(right, own, temporary)) {
    const other = readHolder(right);
    if (!other || !isAlive(other, right)) rmSync(right, { force: true });
    throw locked(path, other);
  }
  try {
    if (stale !== undefined && readText(path) === stale) rmSync(path);
  } finally {
    rmSync(right, { force: true });
  }
}

function readHolder(path: string): Holder | null {
  return parseHolder(readText(path));
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function parseHolder(text: string | undefined): Holder | null {
  try {
    const { pid, started } = JSON.parse(text ?? '') as Partial<Holder>;
    return Number.isInteger(pid) ? { pid: pid!, started: started ?? null } : null;
  } catch {
    return null;
  }
}

/** Whether the process that wrote the lock file at `path` still runs. */
function isAlive({ pid, started }: Holder, path: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, and belongs to someone else.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = startOf(pid);
  // Without its start only a restart of the computer tells that the process of this id is another one.
  return started === null || now === null ? !isOlderThanBoot(path) : started === now;
}

function isOlderThanBoot(path: string): boolean {
  const written = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
  return written < Date.now() - uptime() * 1000 - CLOCK_SLACK_MS;
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
