import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { API_CALLS, apiEventSchema, type ApiEvent } from '../../../../contract/api.ts';
import type {
  EngineMethod,
  EngineParamsInput,
  EngineResult,
  PhotoReport,
} from '../../../../contract/engine.ts';
import { HeirloomError } from '../../../../contract/errors.ts';
import { restoreSettingsSchema } from '../../../../contract/restore.ts';
import type { Engine } from '../../../../main/library/engine.ts';
import { libraryHandlers, type LibraryHandlers } from '../../../../main/library/library-handlers.ts';
import { openLibrary, type Library, type LibraryOptions } from '../../../../main/library/open-library.ts';
import { temporaryFolder } from '../../../fixtures/make-pictures.ts';

type Handler<M extends EngineMethod> = (
  params: EngineParamsInput<M>,
  signal?: AbortSignal,
) => EngineResult<M> | Promise<EngineResult<M>>;
type Handlers = { [M in EngineMethod]?: Handler<M> };

export const BOX = { x: 0.4, y: 0.3, width: 0.2, height: 0.2 };
export const LANDMARKS = Array.from({ length: 68 }, (_, i) => ({ x: 0.4 + i / 400, y: 0.35 + i / 500 }));

export function foundFace(box = BOX, index = 0) {
  return { index, box, confidence: 0.9, landmarks: LANDMARKS, turn: 0 as const, sizePx: 120 };
}

/** An engine whose pictures are text files: `WIDTHxHEIGHT anything`; others are no pictures. */
export class FakeEngine implements Engine {
  readonly calls: { method: EngineMethod; params: unknown }[] = [];
  /** What `inspectPhoto` finds. */
  faces = [foundFace()];
  readonly #handlers: Handlers = {
    describePhoto: async ({ input, thumbnails }) => {
      const text = await readFile(input, 'latin1');
      const [, width, height] = /^(\d+)x(\d+) /.exec(text) ?? [];
      if (!width) throw new HeirloomError('input/not-an-image', `${input} is not a picture`);
      for (const { path, longSide } of thumbnails) write(path, `thumbnail ${longSide}`);
      const [takenAt = null] = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/.exec(text) ?? [];
      return { format: 'jpeg', width: Number(width), height: Number(height), depth: 8, takenAt, notes: [] };
    },
    inspectPhoto: ({ input }) => ({
      ...{ input, format: 'jpeg', width: 100, height: 80, depth: 8, notes: [], detector: 'fake/1' },
      faces: this.faces,
    }),
    locateFace: ({ box }) => ({
      face: { box, landmarks: LANDMARKS, turn: 0 },
      guessed: true,
      sizePx: 90,
    }),
    renderPicture: ({ output }) => (write(output, 'rendered'), { width: 10, height: 8 }),
    makeTiles: ({ folder }) => (
      write(join(folder, '0', '0_0.webp'), 'tile'),
      { levels: 1, width: 1, height: 1 }
    ),
    cropFace: ({ output }) => (write(output, 'face'), {}),
    exportPicture: async ({ input, output, format }) => {
      const path = `${output}.${format === 'png' ? 'png' : 'jpg'}`;
      write(path, await readFile(input, 'latin1'));
      return { output: path, width: 10, height: 8 };
    },
  };

  on<M extends EngineMethod>(method: M, handler: Handler<M>): void {
    Object.assign(this.#handlers, { [method]: handler });
  }

  count(method: EngineMethod): number {
    return this.calls.filter((call) => call.method === method).length;
  }

  /** The parameters of the last call. */
  last<M extends EngineMethod>(method: M): EngineParamsInput<M> {
    return this.calls.findLast((call) => call.method === method)?.params as EngineParamsInput<M>;
  }

  async call<M extends EngineMethod>(
    method: M,
    params: EngineParamsInput<M>,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<EngineResult<M>> {
    this.calls.push({ method, params });
    const handler = this.#handlers[method];
    if (!handler) throw new Error(`The fake engine has no ${method}`);
    return handler(params, signal);
  }
}

export function write(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

export interface TestLibrary {
  /** A folder of the test's own, with the library in `library`. */
  folder: string;
  engine: FakeEngine;
  events: ApiEvent[];
  library: Library;
  api: LibraryHandlers;
  /** Writes a picture that the fake engine reads, `photos/NAME`. */
  picture: (name: string, text?: string) => string;
  /** Imports and answers with the ids in the order of `names`. */
  add: (...names: string[]) => Promise<number[]>;
  /** Closes and opens it again. */
  reopen: () => Promise<void>;
  /** Closes it and removes the folder. */
  remove: () => Promise<void>;
}

/** Handlers whose answers are held against the contract. */
function checked(handlers: LibraryHandlers): LibraryHandlers {
  const wrap = ([method, handler]: [string, (params: never) => unknown]) => {
    const { result } = API_CALLS[method as keyof LibraryHandlers];
    const check = (params: never) => {
      const answer = handler(params);
      return answer instanceof Promise ? answer.then((value) => result.parse(value)) : result.parse(answer);
    };
    return [method, check];
  };
  return Object.fromEntries(Object.entries(handlers).map(wrap)) as LibraryHandlers;
}

/** A library in a temporary folder, without detection after imports unless a test asks for it. */
export async function openTestLibrary(
  options: Partial<LibraryOptions> & { detectOnImport?: boolean } = {},
): Promise<TestLibrary> {
  const folder = await temporaryFolder();
  const engine = new FakeEngine();
  const events: ApiEvent[] = [];
  const open = async () => {
    const library = await openLibrary({
      ...{ folder: join(folder, 'library'), engines: { imaging: engine, interactive: engine } },
      emit: (event) => events.push(apiEventSchema.parse(event)),
      ...options,
    });
    return { library, api: checked(libraryHandlers(library)) };
  };
  const opened = await open();
  if (!options.detectOnImport) {
    await opened.api['settings.set']({ detectOnImport: false });
    await opened.library.close();
    Object.assign(opened, await open());
  }
  const picture = (name: string, text = `100x80 ${name}`) => write(join(folder, 'photos', name), text);
  const test: TestLibrary = {
    ...{ folder, engine, events, picture, ...opened },
    add: async (...names) => {
      const ids: number[] = [];
      for (const name of names) {
        const { id } = test.library.importPaths([picture(name)], 'copy');
        ids.push(...(await test.library.importDone(id)).photoIds);
      }
      return ids;
    },
    reopen: async () => {
      await test.library.close();
      Object.assign(test, await open());
    },
    remove: async () => {
      await test.library.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return test;
}

/** The report of a restoration whose file lies at `output`. */
export function restored(output: string, faces: PhotoReport['faces'] = []): PhotoReport {
  return {
    ...{
      input: 'in.jpg',
      output,
      status: 'restored',
      faces,
      width: 200,
      height: 160,
      seconds: 2,
      timings: {},
      notes: [],
    },
    recipe: {
      ...{
        heirloom: '0.1.0',
        pack: { id: 'tiny', version: '1.0.0', sha256: 'ab' },
        detector: 'fake/1',
        provider: 'cpu',
      },
      settings: restoreSettingsSchema.parse({}),
    },
  };
}

/** Restores a photo as the queue would, and answers with the version. */
export async function addTestVersion({ library }: TestLibrary, photoId: number, text: string) {
  const output = write(`${library.versionOutput(photoId).stem}.jpg`, `200x160 ${text}`);
  return library.addVersion(photoId, restored(output), []);
}

export function idsOf({ api }: TestLibrary, query: Record<string, unknown> = {}): number[] {
  return api['timeline.ids']({ query: { bin: false, ...query } }) as number[];
}
