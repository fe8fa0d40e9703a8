import { HeirloomError } from '../../contract/errors.ts';
import { say } from '../../contract/sentences.ts';

/** Returns the values; throws `face/failed` naming `who` where one is not a finite number. */
export function expectFinite<T extends ArrayLike<number>>(values: T, who: string): T {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]))
      throw new HeirloomError(
        'face/failed',
        say('face_not_a_number', { graph: who, value: String(values[i]) }),
      );
  }
  return values;
}
