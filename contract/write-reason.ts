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

/** Of a system's error code; undefined for one that has no words. */
export function writeReason(code: string | undefined): string | undefined {
  return WRITE_REASONS[code ?? ''];
}
