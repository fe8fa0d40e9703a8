import { basename } from 'node:path';

/** What the engine says of a pack names the pack, not where it lies on this machine. */
export function withoutFolder<T extends { reason?: string | undefined }>(verdicts: T[], folder: string): T[] {
  return verdicts.map((verdict) =>
    verdict.reason === undefined
      ? verdict
      : { ...verdict, reason: verdict.reason.replaceAll(folder, basename(folder)) },
  );
}
