import { ERROR_TABLE, toErrorEnvelope } from '../contract/errors.ts';

/** Where a command writes; the process's own streams, or buffers in a test. */
export interface Output {
  stdout: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  stderr: NodeJS.WritableStream;
}

/** "Damaged picture. a.jpg: ends after 512 bytes. Look for another copy." It names `file` where the error does not. */
export function describeError(error: unknown, file = ''): string {
  const { code, message: reason } = toErrorEnvelope(error);
  const { title, advice } = ERROR_TABLE[code];
  const message = reason.includes(file) ? reason : `${file}: ${reason}`;
  return [`${title}.`, /[.!?]$/.test(message) ? message : `${message}.`, advice].filter(Boolean).join(' ');
}

export function writeLine(stream: NodeJS.WritableStream, line: string): void {
  stream.write(`${line}\n`);
}

export function writeJson(stream: NodeJS.WritableStream, value: unknown): void {
  writeLine(stream, JSON.stringify(value));
}

/** 0.8 s, 12 s, 3 min 5 s, 2 h 10 min. */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
