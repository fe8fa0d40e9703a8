import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ApiHandlers } from '../contract/api.ts';
import { restoreSettingsSchema } from '../contract/restore.ts';

/** The sample that a newcomer sees restored first. */
const FIRST_SAMPLE = 'portrait-1938';

export interface WelcomeTools {
  handlers: Pick<ApiHandlers, 'timeline.ids' | 'settings.get' | 'restore.enqueue' | 'photos.get'>;
  /** Copies files into the library, without a report and without undo; resolves when it has come to its end. */
  takeIn: (paths: string[]) => Promise<void>;
  /** Folder of the bundled samples. */
  samples: string;
}

/**
 * Gives a newcomer something to look at: an empty library gets the bundled samples, and one of them is restored.
 * Resolves to the photo to show first, as long as the tour was not taken; null afterwards.
 */
export async function welcome(tools: WelcomeTools): Promise<number | null> {
  const { handlers } = tools;
  const { tourDone } = await handlers['settings.get']({});
  if (tourDone) return null;
  if (await isEmpty(tools)) await importSamples(tools);
  const [first] = await handlers['timeline.ids']({ query: { text: FIRST_SAMPLE, bin: false } });
  if (first === undefined) return null;
  await restoreOnce(first, tools);
  return first;
}

async function isEmpty({ handlers }: WelcomeTools): Promise<boolean> {
  for (const bin of [false, true]) {
    const ids = await handlers['timeline.ids']({ query: { bin } });
    if (ids.length > 0) return false;
  }
  return true;
}

async function importSamples({ takeIn, samples }: WelcomeTools): Promise<void> {
  const names = (await readdir(samples)).filter((name) => name.endsWith('.jpg'));
  const paths = names.sort().map((name) => join(samples, name));
  // Nobody asked for this import, so nobody needs its report, nor would know what "Undo import" means.
  await takeIn(paths);
}

async function restoreOnce(photoId: number, { handlers }: WelcomeTools): Promise<void> {
  const { versions, busy, problem } = await handlers['photos.get']({ id: photoId });
  if (versions.length > 0 || busy || problem) return;
  await handlers['restore.enqueue']({ photoIds: [photoId], settings: restoreSettingsSchema.parse({}) });
}
