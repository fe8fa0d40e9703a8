import type { z } from 'zod';
import { HeirloomError } from '../../contract/errors.ts';

/**
 * A table of a pack, checked.
 * @param json what its file holds
 * @param name the file, for the message
 * @param kind what it should be, with its article
 * @throws HeirloomError `pack/invalid` with `name` and the first reason
 */
export function parseTable<Table>(
  schema: z.ZodType<Table>,
  json: unknown,
  name: string,
  kind: string,
): Table {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue && issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
  throw new HeirloomError('pack/invalid', `${name}: ${where}${issue?.message ?? `not ${kind}`}`);
}
