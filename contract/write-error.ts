import { HeirloomError } from './errors.ts';
import { say } from './sentences.ts';

/** Why a system refuses to write, in words. */
const WRITE_REASONS: Readonly<Record<string, string>> = {
  ENOSPC: say('disk_full'),
  EDQUOT: say('quota_used'),
  EROFS: say('disk_read_only'),
  EACCES: say('permission_denied'),
  EPERM: say('permission_denied'),
  ENOENT: say('no_folder'),
  ENOTDIR: say('folder_is_file'),
  EISDIR: say('is_folder'),
  ENAMETOOLONG: say('name_too_long'),
};

/** What writing to `path` threw, in words where the system's code has some. */
export function writeError(path: string, error: unknown): HeirloomError {
  if (error instanceof HeirloomError) return error;
  const { code = '' } = error as { code?: string };
  const reason = WRITE_REASONS[code] ?? (error instanceof Error ? error.message : String(error));
  const details = { path, ...(code && { reason: code }) };
  return new HeirloomError('output/unwritable', say('unwritable', { path, reason }), details, {
    cause: error,
  });
}
