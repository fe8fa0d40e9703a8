import type { ApiHandlers } from '../../contract/api.ts';
import { settingsSchema } from '../../contract/library.ts';
import type { Uploads } from '../browser/uploads.ts';
import type { Packs } from './packs.ts';

export interface PackHandlerTools {
  packs: Packs;
  uploads: Uploads;
  settings: Pick<ApiHandlers, 'settings.get' | 'settings.set'>;
}

type PackMethod = Extract<keyof ApiHandlers, `packs.${string}`>;

/** The calls of the API about model packs. */
export function packHandlers({ packs, uploads, settings }: PackHandlerTools): Pick<ApiHandlers, PackMethod> {
  return {
    'packs.list': () => packs.list(),
    'packs.card': ({ key }) => packs.card(key),
    'packs.check': ({ key }) => packs.check(key),
    'packs.import': ({ path }) => packs.import(path),
    'packs.importUploaded': async ({ upload }) => {
      try {
        return await packs.import(await uploads.asOne(upload));
      } finally {
        await uploads.remove(upload);
      }
    },
    'packs.remove': async ({ key }) => {
      await packs.remove(key);
      const { packId } = await settings['settings.get']({});
      if (packId === key) await settings['settings.set']({ packId: settingsSchema.parse({}).packId });
      return null;
    },
  };
}
