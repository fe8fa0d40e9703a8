/**
 * [Note: Why the engine is a process] `session.run()` blocks its thread, native allocations in Electron's own
 * processes stop near 2 GiB, sharp's GLib clashes with Electron's on Linux, and a crash of a graphics driver must
 * not take the window or the library with it. So pixels and models live here, in plain Node, started by
 * `EngineClient`: `node engine/process.ts restore|imaging`.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { engineRoleSchema, type EngineParams, type PhotoReport } from '../contract/engine.ts';
import { addRestorer } from './add-restorer.ts';
import { benchmark } from './benchmark.ts';
import { checkPack, reportPacks } from './check-pack.ts';
import { describePhoto } from './describe-photo.ts';
import { drawFace } from './draw-face.ts';
import { draftFace, varyFace, type DraftTools } from './draft-face.ts';
import { evaluatePair } from './evaluate/evaluate-pair.ts';
import { evaluateRows } from './evaluate/evaluate-rows.ts';
import { openUserNetworks } from './evaluate/user-networks.ts';
import { exportPicture } from './export-picture.ts';
import { createFaceDetector } from './faces/detector.ts';
import { shareLoad } from './faces/share-load.ts';
import type { FaceDetector } from './faces/types.ts';
import { encodeContactSheet } from './image/contact-sheet.ts';
import { toRgb } from './image/geometry.ts';
import { encodePng } from './image/preview.ts';
import { inspectPhoto } from './inspect-photo.ts';
import { locateFace } from './locate-face.ts';
import { RUNTIME_VERSION } from './models/sessions.ts';
import { ModelShelf, type OpenModels } from './open-models.ts';
import { writeOutput } from './output-file.ts';
import { PreparedFaces } from './prepared-faces.ts';
import { cropFace, makeTiles, renderPicture } from './render-picture.ts';
import { restorePhoto, type PhotoContext, type RestorePhotoRequest } from './restore-photo.ts';
import { serveEngine, type EngineHandlers } from './serve.ts';

const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')));

const shelf = new ModelShelf();
const draftedFaces = new PreparedFaces();
const networksOfUser = new Map<string, ReturnType<typeof openUserNetworks>>();

function userNetworks(files: EngineParams<'evaluateRows'>['networks']) {
  const key = JSON.stringify(files);
  const open = networksOfUser.get(key) ?? openUserNetworks(files);
  networksOfUser.set(key, open);
  return open;
}

const sharedDetector = shareLoad(createFaceDetector);

async function writeContactSheet({ rows, output, overwrite }: EngineParams<'writeContactSheet'>) {
  await writeOutput(output, await encodeContactSheet(rows), { overwrite });
  return { output };
}

async function drawAndWrite(
  { output, overwrite, ...params }: Omit<EngineParams<'drawFace'>, 'models'>,
  models: OpenModels,
  signal: AbortSignal,
) {
  const { width, height, data } = toRgb(await drawFace(params, models, signal), 8);
  const picture = { width, height, data: new Uint8Array(data) };
  if (output !== null) await writeOutput(output, await encodePng(picture), { overwrite });
  return { picture };
}

function resources() {
  // Linux counts maxRSS in kilobytes, and so does Node on every platform.
  const peakMemoryBytes = process.resourceUsage().maxRSS * 1024;
  return Promise.resolve({
    peakMemoryBytes,
    versions: { heirloom: version, node: process.versions.node, onnxruntime: RUNTIME_VERSION },
  });
}

/** The first picture of a draft does not wait until the detector is loaded. */
const descriptor: FaceDetector['descriptor'] = async (crop) => (await sharedDetector()).descriptor(crop);

function useModels<T>(
  { pack, provider }: EngineParams<'draftFace'>['models'],
  work: (models: OpenModels) => Promise<T>,
): Promise<T> {
  return shelf.use(pack, provider, work);
}

function draftTools(models: OpenModels): DraftTools {
  return { faces: draftedFaces, detector: { descriptor }, models };
}

async function restoreWith(
  params: RestorePhotoRequest,
  { pack, provider, sessions, note }: OpenModels,
  context: PhotoContext,
): Promise<PhotoReport> {
  const tools = { detector: await sharedDetector(), pack, provider, sessions, version };
  const report = await restorePhoto(params, tools, context);
  return note === undefined ? report : { ...report, notes: [...report.notes, note] };
}

/** Never opens an ONNX session, so that it answers soon. */
const imaging: EngineHandlers = {
  inspectPhoto: async ({ models: _, ...params }, { signal }) =>
    inspectPhoto(params, await sharedDetector(), undefined, signal),
  describePhoto,
  renderPicture,
  makeTiles,
  cropFace,
  exportPicture,
  locateFace: async ({ models: _, ...params }) => locateFace(params, await sharedDetector(), undefined),
  listPacks: ({ folders }) => reportPacks(folders),
  writeContactSheet,
  resources,
};

const restore: EngineHandlers = {
  ...imaging,
  restorePhoto: ({ models, ...params }, context) =>
    useModels(models, (open) => restoreWith(params, open, context)),
  inspectPhoto: async ({ models, ...params }, { signal }) => {
    const inspect = async (open?: OpenModels) => inspectPhoto(params, await sharedDetector(), open, signal);
    return models ? useModels(models, inspect) : inspect();
  },
  locateFace: async ({ models, ...params }) => {
    const locate = async (open?: OpenModels) => locateFace(params, await sharedDetector(), open);
    return models ? useModels(models, locate) : locate();
  },
  draftFace: ({ models, ...params }, context) =>
    useModels(models, (open) => draftFace(params, draftTools(open), context)),
  varyFace: ({ models, ...params }, context) =>
    useModels(models, (open) => varyFace(params, draftTools(open), context)),
  openModels: async ({ models }) => {
    const { provider, verdicts } = await shelf.get(models.pack, models.provider);
    return { provider, verdicts };
  },
  benchmark: ({ models }, { signal }) => useModels(models, (open) => benchmark(open, signal)),
  checkPack: ({ folder }) => checkPack(folder),
  addRestorer,
  drawFace: ({ models, ...params }, { signal }) =>
    useModels(models, (open) => drawAndWrite(params, open, signal)),
  evaluateRows: ({ models, networks, ...params }, { signal }) =>
    useModels(models, async (open) =>
      evaluateRows(params, await sharedDetector(), open, await userNetworks(networks), signal),
    ),
  evaluatePair: ({ models, ...params }, { signal }) =>
    useModels(models, async (open) => evaluatePair(params, await sharedDetector(), open, signal)),
};

serveEngine({ restore, imaging }[engineRoleSchema.parse(process.argv[2])]);
