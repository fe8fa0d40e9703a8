/**
 * `npm run bench -- draft [--moves 5]`: what moving a slider costs: from the call to the first picture and to
 * the whole draft, for the first move on a photo and for further ones, through the whole application. The interface
 * waits a moment more after the last movement, and draws.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parseCount } from '../cli/parse-settings.ts';
import type { ApiMethod, ApiParamsInput, ApiResult } from '../contract/api.ts';
import { openApplication, type Application } from '../main/application.ts';
import { createEngines } from '../main/engines.ts';
import { openLibrary } from '../main/library/open-library.ts';
import { printMachine, printMeasured } from './report.ts';

const SAMPLES = fileURLToPath(new URL('../samples', import.meta.url));
const GOAL_SECONDS = 1;
const KEY = 'bench';

/** Seconds from the call. */
interface Move {
  first: number;
  whole: number;
}

type Call = <M extends ApiMethod>(method: M, params: ApiParamsInput<M>) => Promise<ApiResult<M>>;

function callerOf(application: Application): Call {
  return async <M extends ApiMethod>(method: M, params: ApiParamsInput<M>) => {
    const answer = await application.call(method, params);
    if (!answer.ok) throw new Error(`${method}: ${answer.error.message}`);
    return answer.value as ApiResult<M>;
  };
}

/** The samples with their faces found, and nobody to welcome. */
async function prepareLibrary(folder: string): Promise<void> {
  const engines = createEngines({});
  const library = await openLibrary({ folder, engines, emit: () => undefined });
  try {
    library.settings.set({ tourDone: true });
    await library.importDone(library.importPaths([SAMPLES], 'copy').id);
    await library.settled();
  } finally {
    await library.close();
    await engines.close();
  }
}

async function measure(
  application: Application,
  faceId: number,
  settings: ApiParamsInput<'draft.make'>['settings'],
): Promise<Move> {
  let first: number | undefined;
  const began = performance.now();
  const stop = application.onEvent((event) => {
    if (event.kind === 'draft' && event.key === KEY) first ??= performance.now();
  });
  await callerOf(application)('draft.make', { key: KEY, faceId, settings });
  const ended = performance.now();
  stop();
  return { first: ((first ?? ended) - began) / 1000, whole: (ended - began) / 1000 };
}

/** The first face of each photo that has one. */
async function firstFaces(call: Call): Promise<number[]> {
  const faces: number[] = [];
  for (const id of await call('timeline.ids', { query: {} })) {
    const photo = await call('photos.get', { id });
    const face = photo.faces.find(({ tooSmall }) => !tooSmall);
    if (face) faces.push(face.id);
  }
  return faces;
}

function print(name: string, moves: readonly Move[]): void {
  const firsts = moves.map(({ first }) => first);
  const late = Math.max(...firsts) > GOAL_SECONDS;
  printMeasured(
    `${name} picture`,
    firsts,
    2,
    's ',
    `  (under ${GOAL_SECONDS} s: ${late ? 'missed' : 'met'})`,
  );
  printMeasured(
    `${name} whole`,
    moves.map(({ whole }) => whole),
    2,
    's ',
  );
}

async function benchApplication(application: Application, moves: number): Promise<void> {
  const call = callerOf(application);
  const faces = await firstFaces(call);
  // A person who opened a photo has the models open before a slider is moved.
  await measure(application, faces[0]!, { speed: 'draft', fidelity: 0.5 });
  const first: Move[] = [];
  const further: Move[] = [];
  const normal: Move[] = [];
  for (const faceId of faces.slice(1)) {
    first.push(await measure(application, faceId, { speed: 'draft', fidelity: 0.5 }));
    for (let i = 0; i < moves; i++)
      further.push(await measure(application, faceId, { speed: 'draft', fidelity: i / moves }));
    normal.push(await measure(application, faceId, { speed: 'normal', fidelity: 0.5 }));
  }
  print('first move', first);
  print('further', further);
  print('normal speed', normal);
}

export async function benchDraft(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { moves: { type: 'string', default: '5' } } });
  const moves = parseCount('moves', values.moves);
  const folder = await mkdtemp(join(tmpdir(), 'heirloom-bench-'));
  const libraryFolder = join(folder, 'library');
  try {
    printMachine({ node: process.versions.node });
    console.log('');
    await prepareLibrary(libraryFolder);
    const application = await openApplication({ libraryFolder, host: 'browser' });
    try {
      await benchApplication(application, moves);
    } finally {
      await application.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
