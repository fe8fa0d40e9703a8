import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { API_VERSION, type ApiEvent, type ApiHandlers } from '../contract/api.ts';
import { settingsSchema } from '../contract/library.ts';
import type { PictureAddress } from '../contract/pictures.ts';
import { createApi, type ApiCall } from './api.ts';
import { Uploads } from './browser/uploads.ts';
import { picturesFolder } from './default-folders.ts';
import { Drafts } from './drafts.ts';
import { createEngines, type EngineOptions } from './engines.ts';
import { EventHub } from './events.ts';
import { RestoreQueue } from './jobs/restore-queue.ts';
import { libraryHandlers } from './library/library-handlers.ts';
import { openLibrary } from './library/open-library.ts';
import { engineHandlers } from './packs/engine-handlers.ts';
import { Packs } from './packs/packs.ts';
import { welcome } from './welcome.ts';

export interface ApplicationOptions extends EngineOptions {
  /** Made where it is not there yet. */
  libraryFolder: string;
  host: 'electron' | 'browser';
  /** Folder with `package.json`, `resources/models` and `samples`; another one in a bundle and in tests. */
  appFolder?: string;
}

/** Heirloom without its windows: what both hosts open. */
export interface Application {
  /** The API: takes what a transport brought, always answers an envelope. */
  call: ApiCall;
  /** Returns the function that ends it. */
  onEvent(listener: (event: ApiEvent) => void): () => void;
  /** A picture of the library, made where it is not there yet. Throws `library/*`. */
  pictureFile(address: PictureAddress): Promise<{ path: string; contentType: string }>;
  /** Files that were dropped into a browser. */
  uploads: Uploads;
  /** Ends the engines and the library; the job in work waits for the next start. */
  close(): Promise<void>;
}

const APP_FOLDER = fileURLToPath(new URL('..', import.meta.url));
const packageSchema = z.object({ version: z.string() });

function readVersion(appFolder: string): string {
  const file = readFileSync(join(appFolder, 'package.json'), 'utf8');
  return packageSchema.parse(JSON.parse(file)).version;
}

/**
 * Opens a library with everything around it: engines, queue, packs, the API. An empty one gets the bundled samples.
 * Throws `library/*` where the folder cannot be used.
 *
 * @example
 * const application = await openApplication({ libraryFolder: '/home/anna/Pictures/Heirloom', host: 'browser' });
 * await application.call('timeline.months', { query: {} }); // { ok: true, value: [{ month: '1953-06', count: 12 }] }
 * await application.close();
 */
export async function openApplication(options: ApplicationOptions): Promise<Application> {
  const { libraryFolder, host, appFolder = APP_FOLDER } = options;
  const version = readVersion(appFolder);
  const engines = createEngines(options);
  const hub = new EventHub();
  const emit = hub.emit;

  const packs = new Packs({
    bundled: join(appFolder, 'resources', 'models'),
    own: join(libraryFolder, 'packs'),
    temporary: join(libraryFolder, 'tmp'),
    engines,
    emit,
  });
  const models = async () => {
    const { packId, provider } = (await opening).settings.get();
    return { pack: await packs.folderOf(packId), provider };
  };
  const opening = openLibrary({ folder: libraryFolder, engines, emit, models });
  const library = await opening;
  const ofLibrary = libraryHandlers(library);
  const uploads = new Uploads(join(libraryFolder, 'tmp', 'uploads'));
  const provider = () => library.settings.get().provider;
  const queue = new RestoreQueue({
    library,
    engine: engines.restore,
    models,
    provider,
    emit,
    endPreviews: hub.end,
  });
  const drafts = new Drafts({ library, engine: engines.interactive, models, emit, endDraft: hub.end });

  /** Who opens a photo may move a slider next, and the first draft should not wait for the models. */
  const warmUp = () => {
    if (engines.interactive.running) return;
    const opened = models().then((chosen) => engines.interactive.call('openModels', { models: chosen }));
    // Whoever asks for a draft hears what is wrong.
    opened.catch(() => undefined);
  };

  const handlers: ApiHandlers = {
    ...ofLibrary,
    ...engineHandlers({ engines, models }),
    'photos.get': (params) => {
      warmUp();
      return ofLibrary['photos.get'](params);
    },
    'app.info': async () => {
      const first = await welcomed;
      const { tourDone, exportOptions } = library.settings.get();
      return {
        apiVersion: API_VERSION,
        version,
        host,
        platform: process.platform,
        library: libraryFolder,
        photoCount: await countPhotos(ofLibrary),
        welcomePhotoId: tourDone ? null : first,
        exportFolder: exportOptions.folder ?? (await defaultExportFolder()),
      };
    },
    'import.uploaded': async ({ upload }) => {
      const paths = await uploads.files(upload);
      const report = await ofLibrary['import.start']({ paths, mode: 'copy' });
      void library.importDone(report.id).finally(() => uploads.remove(upload));
      return report;
    },
    'restore.enqueue': ({ photoIds, settings }) => queue.enqueue(photoIds, settings),
    'draft.make': (params) => drafts.make(params),
    'draft.vary': (params) => drafts.vary(params),
    'draft.cancel': ({ key }) => nothing(drafts.cancel(key)),
    'jobs.list': () => queue.list(),
    'jobs.pauseAll': ({ paused }) => nothing(queue.pauseAll(paused)),
    'jobs.control': ({ ids, action }) => queue.control(ids, action).then(nothing),
    'jobs.move': ({ id, before }) => nothing(queue.move(id, before)),
    'jobs.clearFinished': () => nothing(queue.clearFinished()),
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
      if (library.settings.get().packId === key)
        await ofLibrary['settings.set']({ packId: settingsSchema.parse({}).packId });
      return null;
    },
  };

  const samples = join(appFolder, 'samples');
  const welcomed = welcome({ handlers, importDone: (id) => library.importDone(id), samples }).catch(
    (error: unknown) => {
      // Without the samples the library is as usable as any other empty one.
      console.error(error);
      return null;
    },
  );
  queue.start();

  return {
    call: createApi(handlers),
    onEvent: (listener) => hub.on(listener),
    pictureFile: (address) => library.pictureFile(address),
    uploads,
    close: async () => {
      // The engines end what the queue waits for, so both are told before either is awaited.
      await Promise.all([queue.close(), engines.close()]);
      await library.close();
      hub.close();
    },
  };
}

/** Calls that only do something answer with null. */
function nothing(_done: void): null {
  return null;
}

async function countPhotos(handlers: Pick<ApiHandlers, 'timeline.months'>): Promise<number> {
  const months = await handlers['timeline.months']({ query: { bin: false } });
  return months.reduce((sum, { count }) => sum + count, 0);
}

async function defaultExportFolder(): Promise<string> {
  return join(await picturesFolder(), 'Heirloom exports');
}
