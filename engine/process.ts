/**
 * [Note: Why the engine is a process] `session.run()` blocks its thread, native allocations in Electron's own
 * processes stop near 2 GiB, sharp's GLib clashes with Electron's on Linux, and a crash of a graphics driver must
 * not take the window or the library with it. So pixels and models live here, in plain Node, started by
 * `EngineClient`: `node engine/process.ts restore|imaging`.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { engineRoleSchema, type EngineParams } from '../contract/engine.ts';
import { benchmark } from './benchmark.ts';
import { checkPack, reportPacks } from './check-pack.ts';
import { describePhoto } from './describe-photo.ts';
import { draftFace, varyFace, type DraftTools } from './draft-face.ts';
import { evaluatePair } from './evaluate-pair.ts';
import { exportPicture } from './export-picture.ts';
import { createFaceDetector } from './faces/detector.ts';
import { shareLoad } from './faces/share-load.ts';
import type { FaceDetector } from './faces/types.ts';
import { encodeContactSheet } from './image/contact-sheet.ts';
import { inspectPhoto } from './inspect-photo.ts';
import { locateFace } from './locate-face.ts';
import { RUNTIME_VERSION } from './models/sessions.ts';
import { ModelShelf } from './open-models.ts';
import { writeOutput } from './output-file.ts';
import { PreparedFaces } from './prepared-faces.ts';
import { cropFace, makeTiles, renderPicture } from './render-picture.ts';
import { restorePhoto } from './restore-photo.ts';
import { serveEngine, type EngineHandlers } from './serve.ts';

const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')));

const shelf = new ModelShelf();
const draftedFaces = new PreparedFaces();
const sharedDetector = shareLoad(createFaceDetector);

async function writeContactSheet({ rows, output, overwrite }: EngineParams<'writeContactSheet'>) {
  await writeOutput(output, await encodeContactSheet(rows), { overwrite });
  return { output };
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

async function draftTools({ pack, provider }: EngineParams<'draftFace'>['models']): Promise<DraftTools> {
  return { faces: draftedFaces, detector: { descriptor }, models: await shelf.get(pack, provider) };
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
  restorePhoto: async ({ models, ...params }, context) => {
    const { pack, provider, sessions } = await shelf.get(models.pack, models.provider);
    const tools = { detector: await sharedDetector(), pack, provider, sessions, version };
    return restorePhoto(params, tools, context);
  },
  inspectPhoto: async ({ models, ...params }, { signal }) => {
    const open = models && (await shelf.get(models.pack, models.provider));
    return inspectPhoto(params, await sharedDetector(), open, signal);
  },
  locateFace: async ({ models, ...params }) => {
    const open = models && (await shelf.get(models.pack, models.provider));
    return locateFace(params, await sharedDetector(), open);
  },
  draftFace: async ({ models, ...params }, context) => draftFace(params, await draftTools(models), context),
  varyFace: async ({ models, ...params }, context) => varyFace(params, await draftTools(models), context),
  openModels: async ({ models }) => {
    const { provider, verdicts } = await shelf.get(models.pack, models.provider);
    return { provider, verdicts };
  },
  benchmark: async ({ models }, { signal }) =>
    benchmark(await shelf.get(models.pack, models.provider), signal),
  checkPack: ({ folder }) => checkPack(folder),
  evaluatePair: async ({ models, ...params }, { signal }) =>
    evaluatePair(params, await sharedDetector(), await shelf.get(models.pack, models.provider), signal),
};

serveEngine({ restore, imaging }[engineRoleSchema.parse(process.argv[2])]);
