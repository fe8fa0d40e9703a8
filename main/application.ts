import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { API_VERSION, type ApiEvent, type ApiHandlers, type ApiParams } from '../contract/api.ts';
import type { PictureAddress } from '../contract/pictures.ts';
import { createApi, type ApiCall } from './api.ts';
import { Uploads } from './browser/uploads.ts';
import { picturesFolder } from './default-folders.ts';
import { draftHandlers, Drafts } from './drafts.ts';
import { createEngines, type EngineOptions } from './engines.ts';
import { EventHub } from './events.ts';
import { queueHandlers } from './jobs/queue-handlers.ts';
import type { Models } from './jobs/restore-job.ts';
import { RestoreQueue } from './jobs/restore-queue.ts';
import { libraryHandlers } from './library/library-handlers.ts';
import { openLibrary } from './library/open-library.ts';
import { takeOriginal } from './library/take-original.ts';
import { Licences } from './licences.ts';
import { engineHandlers } from './packs/engine-handlers.ts';
import { packHandlers } from './packs/pack-handlers.ts';
import { Packs } from './packs/packs.ts';
import { welcome } from './welcome.ts';

export interface ApplicationOptions extends EngineOptions {
  /** Made where it is not there yet. */
  libraryFolder: string;
  host: 'electron' | 'browser';
  /** Folder with `package.json`, `resources/models` and `samples`; another one in a bundle and in tests. */
  appFolder?: string;
  /** It was told where new versions are published, and can look there; browser mode cannot. */
  canUpdate?: boolean;
  /** Where the library's database is damaged: its newest good backup takes its place. */
  fromBackup?: boolean;
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
  const version = readVersion(options.appFolder ?? APP_FOLDER);
  const parts = await openParts(options);
  const { library, hub, queue, engines, uploads } = parts;
  const handlers = allHandlers(options, parts, version);
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

type Parts = Awaited<ReturnType<typeof openParts>>;

async function openParts({
  libraryFolder,
  appFolder = APP_FOLDER,
  fromBackup = false,
  ...options
}: ApplicationOptions) {
  const engines = createEngines(options);
  const hub = new EventHub();
  const { emit } = hub;
  const packs = new Packs({
    bundled: join(appFolder, 'resources', 'models'),
    own: join(libraryFolder, 'packs'),
    temporary: join(libraryFolder, 'tmp'),
    engines,
    emit,
  });
  const models = async (): Promise<Models> => {
    const { packId, provider } = (await opening).settings.get();
    return { pack: await packs.folderOf(packId), provider };
  };
  const opening = openLibrary({ folder: libraryFolder, engines, emit, models, fromBackup });
  const library = await opening;
  const provider = () => library.settings.get().provider;
  const shared = { library, models, emit };
  const queue = new RestoreQueue({ ...shared, engine: engines.restore, provider, endPreviews: hub.end });
  const drafts = new Drafts({ ...shared, engine: engines.interactive, endDraft: hub.end });
  const uploads = new Uploads(join(libraryFolder, 'tmp', 'uploads'));
  return { engines, hub, packs, models, library, queue, drafts, uploads };
}

/** Every call of the API; one that is forgotten does not compile. */
function allHandlers(options: ApplicationOptions, parts: Parts, version: string): ApiHandlers {
  const { hub, library, queue, drafts, packs, uploads, engines, models } = parts;
  const ofLibrary = libraryHandlers(library);
  const handlers = {
    ...ofLibrary,
    ...queueHandlers(queue),
    ...draftHandlers(drafts),
    ...packHandlers({ packs, uploads, settings: ofLibrary }),
    ...engineHandlers({ engines, models }),
    'photos.get': (params: ApiParams<'photos.get'>) => {
      warmUp(parts);
      return ofLibrary['photos.get'](params);
    },
    'import.uploaded': async ({ upload, ofFolder }: ApiParams<'import.uploaded'>) => {
      const paths = await uploads.files(upload);
      const report = library.imports.start(paths, 'copy', { handpicked: !ofFolder });
      const taken = library.importDone(report.id).finally(() => uploads.remove(upload));
      taken.catch(console.error);
      return report;
    },
    'import.discard': async ({ upload }: ApiParams<'import.discard'>) => {
      await uploads.remove(upload);
      return null;
    },
    'import.original': async ({ id, upload }: ApiParams<'import.original'>) => {
      try {
        await takeOriginal(library.context, id, await uploads.asOne(upload));
        return null;
      } finally {
        await uploads.remove(upload);
      }
    },
  };
  const samples = join(options.appFolder ?? APP_FOLDER, 'samples');
  const takeIn = async (paths: string[]) => {
    await library.imports.takeInQuietly(paths, 'copy');
  };
  const welcomed = welcome({ handlers, takeIn, samples }).catch((error: unknown) => {
    // Without the samples the library is as usable as any other empty one.
    console.error(error);
    return null;
  });
  const licences = new Licences(options.appFolder ?? APP_FOLDER);
  const info = async () => {
    const first = await welcomed;
    // Every window asks this first.
    hub.repeatEarly();
    const { tourDone, exportOptions } = library.settings.get();
    return {
      apiVersion: API_VERSION,
      version,
      host: options.host,
      platform: process.platform,
      library: options.libraryFolder,
      photoCount: await countPhotos(ofLibrary),
      welcomePhotoId: tourDone ? null : first,
      exportFolder: exportOptions.folder ?? (await defaultExportFolder()),
      canUpdate: options.canUpdate ?? false,
      hasLicences: licences.exist,
    };
  };
  return { ...handlers, 'app.info': info, 'app.licences': () => licences.read() };
}

/** Who opens a photo may move a slider next, and the first draft should not wait for the models. */
function warmUp({ engines, models }: Parts): void {
  if (engines.interactive.running) return;
  const opened = models().then((chosen) => engines.interactive.call('openModels', { models: chosen }));
  // Whoever asks for a draft hears what is wrong.
  opened.catch(() => undefined);
}

async function countPhotos(handlers: Pick<ApiHandlers, 'timeline.months'>): Promise<number> {
  const months = await handlers['timeline.months']({ query: { bin: false } });
  return months.reduce((sum, { count }) => sum + count, 0);
}

async function defaultExportFolder(): Promise<string> {
  return join(await picturesFolder(), 'Heirloom exports');
}
