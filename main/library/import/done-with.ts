import { basename } from 'node:path';
import type { ImportReport } from '../../../contract/library.ts';
import { cleanText } from '../database/rows.ts';

/** Codes of what may well succeed another time although they are about the file: a drive that dropped out. */
const PASSING: readonly string[] = ['input/not-found', 'input/unreadable'];

/**
 * Those of an import's files that need no other try: they are in the library, or really are no pictures. What failed
 * for a passing reason (a full disk, an engine that died) is none of them, nor is any file of a report that does not
 * list all that failed.
 */
export function doneWith(
  { failed, failedCount }: Pick<ImportReport, 'failed' | 'failedCount'>,
  paths: readonly string[],
): string[] {
  if (failedCount > failed.length) return [];
  const later = new Set(failed.filter(({ code }) => isPassing(code)).map(({ name }) => name));
  return paths.filter((path) => !later.has(cleanText(basename(path))));
}

function isPassing(code: string): boolean {
  return !code.startsWith('input/') || PASSING.includes(code);
}
