/**
 * Loaded into Heirloom's processes with `NODE_OPTIONS=--import=...`: counts what they do to files below
 * `HEIRLOOM_FAULT_FOLDER`, and lets one of it go wrong as the file `HEIRLOOM_FAULT_PLAN` says, which is read anew each
 * time, so that one process serves many faults.
 *
 * `power-loss` keeps what a disk keeps: of each file no more than was synced, and no rename whose folder was not synced
 * since; half of what was being written may be there. Then all processes of the application are gone at once. What
 * SQLite writes does not come by here: `cut-logs.ts` tears its log.
 */
import fs from 'node:fs';
import fsp, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { dirname, resolve, sep } from 'node:path';

export interface FaultPlan {
  /** A new plan counts from 1 again. */
  id: number;
  /** Which operation, of all processes together; 0: none, they are only counted. */
  at: number;
  how: 'ENOSPC' | 'EIO' | 'power-loss';
  /** The application, whose end is that of everything. */
  appPid: number;
}

type Operation = 'write' | 'sync' | 'rename' | 'link' | 'open';

const folder = process.env['HEIRLOOM_FAULT_FOLDER'] ?? '';
const planFile = process.env['HEIRLOOM_FAULT_PLAN'] ?? '';
let operations = 0;

const original = {
  appendFileSync: fs.appendFileSync,
  readFileSync: fs.readFileSync,
  renameSync: fs.renameSync,
  truncateSync: fs.truncateSync,
  fsyncSync: fs.fsyncSync,
  openSync: fs.openSync,
  linkSync: fs.linkSync,
  writeFileSync: fs.writeFileSync,
  writeSync: fs.writeSync,
  mkdirSync: fs.mkdirSync,
  existsSync: fs.existsSync,
  rmSync: fs.rmSync,
  open: fsp.open,
  rename: fsp.rename,
  link: fsp.link,
};

/** Bytes of a file that are on the disk for certain; a file that is not here is there whole. */
const synced = new Map<string, number>();
/** Renames and links that a folder does not hold for certain yet: from what to what. */
let unsyncedNames: { from: string | null; to: string }[] = [];
const pathOfFd = new Map<number, string>();

function isOurs(path: unknown): path is string {
  return typeof path === 'string' && resolve(path).startsWith(folder + sep);
}

/** Counts; throws or ends everything where it is this one's turn. `tear`: what half of it leaves behind. */
function pass(operation: Operation, path: string, tear: () => void = () => undefined): void {
  const plan = JSON.parse(original.readFileSync(planFile, 'utf8')) as FaultPlan;
  if (turnOf(plan.id, `${operation} ${path}`) !== plan.at) return;
  if (plan.how === 'power-loss') losePower(plan, tear);
  throw Object.assign(new Error(`${plan.how}: injected, ${operation} '${path}'`), {
    ...{ code: plan.how, syscall: operation, path },
  });
}

/** Which one it is of all processes, from 1: a line for each in a file that they share. */
function turnOf(id: number, what: string): number {
  const log = `${planFile}.${id}.log`;
  const line = `${process.pid}-${++operations} ${what}`;
  original.appendFileSync(log, `${line}\n`);
  return original.readFileSync(log, 'utf8').split('\n').indexOf(line) + 1;
}

function losePower({ appPid }: FaultPlan, tear: () => void): never {
  // The application must not see what follows.
  if (appPid !== process.pid) process.kill(appPid, 'SIGSTOP');
  tear();
  for (const [path, bytes] of synced) if (original.existsSync(path)) original.truncateSync(path, bytes);
  for (const { from, to } of unsyncedNames.toReversed()) takeBack(from, to);
  process.kill(appPid, 'SIGKILL');
  process.kill(process.pid, 'SIGKILL');
  for (;;);
}

function takeBack(from: string | null, to: string): void {
  if (!original.existsSync(to)) return;
  if (from === null) original.rmSync(to);
  else if (original.existsSync(dirname(from))) original.renameSync(to, from);
}

function wrote(path: string): void {
  if (!synced.has(path)) synced.set(path, 0);
}

function syncedAll(path: string): void {
  synced.delete(path);
  unsyncedNames = unsyncedNames.filter(({ to }) => dirname(to) !== path);
}

function renamed(from: string, to: string): void {
  const bytes = synced.get(from);
  if (bytes !== undefined) synced.set(to, bytes);
  synced.delete(from);
  unsyncedNames.push({ from, to });
}

function halfOf(data: unknown): Uint8Array {
  const bytes =
    typeof data === 'string' ? Buffer.from(data) : data instanceof Uint8Array ? data : Buffer.of();
  return bytes.subarray(0, bytes.length / 2);
}

function patchHandle(handle: FileHandle, path: string): FileHandle {
  const [write, writeFile, sync] = ['write', 'writeFile', 'sync'].map(
    (name) => Reflect.get(handle, name) as (...args: unknown[]) => unknown,
  );
  const half = (data: unknown) => () => original.appendFileSync(path, halfOf(data));
  const patched = {
    write: (...args: unknown[]) => {
      wrote(path);
      pass('write', path, half(args[0]));
      return write!.apply(handle, args);
    },
    writeFile: (...args: unknown[]) => {
      wrote(path);
      pass('write', path, half(args[0]));
      return writeFile!.apply(handle, args);
    },
    sync: async () => {
      pass('sync', path);
      await sync!.apply(handle);
      syncedAll(path);
    },
  };
  return Object.assign(handle, patched);
}

if (folder !== '') {
  Object.assign(fsp, {
    open: async (...args: Parameters<typeof fsp.open>) => {
      const [path, flags] = args;
      if (!isOurs(path) || flags === 'r' || flags === undefined) return original.open(...args);
      pass('open', path);
      const handle = await original.open(...args);
      wrote(path);
      return patchHandle(handle, path);
    },
    rename: async (from: string, to: string) => {
      if (isOurs(to)) pass('rename', to);
      await original.rename(from, to);
      if (isOurs(to)) renamed(from, to);
    },
    link: async (from: string, to: string) => {
      if (isOurs(to)) pass('link', to);
      await original.link(from, to);
      if (isOurs(to)) unsyncedNames.push({ from: null, to });
    },
  });
  Object.assign(fs, {
    openSync: (...args: Parameters<typeof fs.openSync>) => {
      const fd = original.openSync(...args);
      if (isOurs(args[0])) pathOfFd.set(fd, args[0]);
      return fd;
    },
    fsyncSync: (fd: number) => {
      const path = pathOfFd.get(fd);
      if (path !== undefined) pass('sync', path);
      original.fsyncSync(fd);
      if (path !== undefined) syncedAll(path);
    },
    renameSync: (from: string, to: string) => {
      if (isOurs(to)) pass('rename', to);
      original.renameSync(from, to);
      if (isOurs(to)) renamed(from, to);
    },
    linkSync: (from: string, to: string) => {
      if (isOurs(to)) pass('link', to);
      original.linkSync(from, to);
      if (isOurs(to)) unsyncedNames.push({ from: null, to });
    },
    writeFileSync: (...args: Parameters<typeof fs.writeFileSync>) => {
      const [path, data] = args;
      if (!isOurs(path)) return original.writeFileSync(...args);
      wrote(path);
      pass('write', path, () => original.writeFileSync(path, halfOf(data)));
      original.writeFileSync(...args);
    },
  });
  syncBuiltinESMExports();
}
