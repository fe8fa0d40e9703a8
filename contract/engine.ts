import { z } from 'zod';
import { envelopeSchema } from './errors.ts';
import { RECIPE_IDS } from './evaluation.ts';
import { dateSchema } from './photo-date.ts';
import {
  guideChoiceSchema,
  outputFormatSchema,
  providerSchema,
  restoreSettingsSchema,
  solverSchema,
} from './restore.ts';

/**
 * What the application and the engine process say to each other, over a `fork` channel with advanced
 * serialisation: requests with an id, any number of events for it, one response.
 */

/** `restore` owns ONNX sessions; `imaging` never opens one, so that it always answers soon. */
export const engineRoleSchema = z.enum(['restore', 'imaging']);
export type EngineRole = z.infer<typeof engineRoleSchema>;

/** Normalised 0-1 of the oriented picture, origin top left. */
const pointSchema = z.strictObject({ x: z.number(), y: z.number() });
/** Normalised 0-1, origin top left; may reach a little outside for a face at the border. */
const boxSchema = z.strictObject({ x: z.number(), y: z.number(), width: z.number(), height: z.number() });
const featuresSchema = z.custom<Float32Array>((value) => value instanceof Float32Array, 'expected numbers');
const bytesSchema = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'expected bytes');
/** Uncompressed RGB uint8, HWC, row by row. */
const previewSchema = z.strictObject({
  width: z.int().min(1),
  height: z.int().min(1),
  data: bytesSchema,
});
/** A pack's folder and the provider to run it on. */
const modelsSchema = z.strictObject({ pack: z.string().min(1), provider: providerSchema });

export const stageSchema = z.enum(['decode', 'enlarge', 'detect', 'align', 'restore', 'blend', 'encode']);
export type Stage = z.infer<typeof stageSchema>;

/** Where a draft lies between fidelity and quality. */
const draftMeasuresSchema = z.strictObject({
  /** Face descriptor distance to the original crop; absent where no descriptor could be taken. */
  likeness: z.number().optional(),
  /** RMS difference between the crop and the result blurred by std_hat, RGB in 0-1. */
  dataDistance: z.number(),
  /** Mean gradient magnitude of the result, RGB in 0-1 a pixel. */
  sharpness: z.number(),
  sharpnessBefore: z.number(),
});

const draftResultSchema = z.strictObject({
  /** JPEG of the aligned crop, S x S, before and after (tone and grain as a restoration would). */
  before: bytesSchema,
  after: bytesSchema,
  /** Grey PNG of A_t at the last step, white = 1; absent where it is one number. */
  guidanceMap: bytesSchema.optional(),
  stdHat: z.number(),
  start: z.int(),
  steps: z.int(),
  guideStds: z.array(z.number()),
  /** Where the guides were chosen for this face. */
  auto: guideChoiceSchema.optional(),
  seed: z.int(),
  measures: draftMeasuresSchema,
  seconds: z.number(),
});
export type DraftResult = z.infer<typeof draftResultSchema>;

export const engineEventSchema = z.discriminatedUnion('kind', [
  /** A stage of a photo begins; `milliseconds` since the photo began. */
  z.strictObject({ kind: z.literal('stage'), stage: stageSchema, milliseconds: z.number() }),
  /** The faces are known. */
  z.strictObject({ kind: z.literal('faces'), count: z.int().min(0) }),
  /** One face begins: `index` is its place in detection order, `number` of `count` its place in this photo's work. */
  z.strictObject({
    kind: z.literal('face'),
    index: z.int().min(0),
    number: z.int().min(1),
    count: z.int().min(1),
    box: boxSchema,
  }),
  /** A sampling step is done; at most ten a second, the last one always. */
  z.strictObject({
    kind: z.literal('step'),
    face: z.int().min(0),
    step: z.int().min(1),
    steps: z.int().min(1),
    /** JPEG of `x0_hat`. */
    preview: bytesSchema.optional(),
  }),
  /** A draft so far: step 0 is RM's picture. JPEG, S x S. */
  z.strictObject({
    kind: z.literal('draft'),
    seed: z.int(),
    step: z.int().min(0),
    steps: z.int().min(1),
    picture: bytesSchema,
  }),
  /** One of several drafts is finished. */
  z.strictObject({ kind: z.literal('drafted'), draft: draftResultSchema }),
]);
export type EngineEvent = z.infer<typeof engineEventSchema>;

export const faceReportSchema = z.strictObject({
  /** Place in detection order, from 0. */
  index: z.int().min(0),
  box: boxSchema,
  /** Side of the aligned square in pixels of the oriented original. */
  sizePx: z.number(),
  status: z.enum(['restored', 'skipped', 'too-small', 'failed']),
  /** Estimated or given blur, standard deviation in pixels at S = 512. */
  stdHat: z.number().optional(),
  /** Starting timestep, 1-1000. */
  start: z.int().optional(),
  /** Denoiser calls made. */
  steps: z.int().optional(),
  /** Where the guides were chosen for this face. */
  auto: guideChoiceSchema.optional(),
  seed: z.int().optional(),
  seconds: z.number().optional(),
  /** Euclidean distance of the face descriptors before and after: 0 the same picture, below about 0.6 the same person. */
  likeness: z.number().optional(),
  note: z.string().optional(),
});
export type FaceReport = z.infer<typeof faceReportSchema>;

export const photoReportSchema = z.strictObject({
  input: z.string(),
  /** Absent where nothing was to be written. */
  output: z.string().optional(),
  /** `unchanged`: faces were found, none was restored; the output is a copy of the input, as for `no-faces`. */
  status: z.enum(['restored', 'unchanged', 'no-faces']),
  faces: z.array(faceReportSchema),
  /** Size of the output in pixels. */
  width: z.int(),
  height: z.int(),
  /** What makes the same picture again on the same machine. */
  recipe: z.strictObject({
    heirloom: z.string(),
    pack: z.strictObject({ id: z.string(), version: z.string(), sha256: z.string() }),
    settings: restoreSettingsSchema,
    detector: z.string(),
    provider: z.string(),
  }),
  seconds: z.number(),
  /** Milliseconds spent in each stage. */
  timings: z.partialRecord(stageSchema, z.number()),
  /** Plain sentences for the person: "first frame of 12 used". */
  notes: z.array(z.string()),
});
export type PhotoReport = z.infer<typeof photoReportSchema>;

export const inspectionSchema = z.strictObject({
  input: z.string(),
  format: z.string(),
  /** Oriented size in pixels. */
  width: z.int(),
  height: z.int(),
  depth: z.union([z.literal(8), z.literal(16)]),
  notes: z.array(z.string()),
  detector: z.string(),
  pack: z.string().optional(),
  faces: z.array(
    z.strictObject({
      index: z.int().min(0),
      box: boxSchema,
      confidence: z.number(),
      landmarks: z.array(pointSchema),
      turn: z.union([z.literal(0), z.literal(90), z.literal(180), z.literal(270)]),
      sizePx: z.number(),
      /** Estimated blur, standard deviation in pixels at S = 512; absent without a pack. */
      stdHat: z.number().optional(),
      /** The same for each square of an 8 x 8 grid over the aligned face, row by row; absent where the pack has none. */
      stdGrid: z.array(z.number()).length(64).optional(),
      /** Expected absolute error of `stdHat`, likewise; absent where the pack does not tell it. */
      stdError: z.number().min(0).optional(),
      /** What the setting `auto` would choose; absent where the pack cannot. */
      auto: guideChoiceSchema.optional(),
      /** Starting timestep by the DSST, 1-1000; absent without a pack. */
      start: z.int().optional(),
    }),
  ),
  /** The picture with the faces drawn in, where that was asked for. */
  drawing: z.string().optional(),
});
export type Inspection = z.infer<typeof inspectionSchema>;

export const providerVerdictSchema = z.strictObject({
  provider: providerSchema.exclude(['auto']),
  usable: z.boolean(),
  milliseconds: z.number().optional(),
  /** Why it was not taken, in words. */
  reason: z.string().optional(),
});

/** What a preset sets, so that the restore panel can show it. */
export const presetValuesSchema = z.strictObject({
  /** One a guide, of sum 1. */
  weights: z.array(z.number()).min(1).max(4),
  /** Distance between the guides' std, in pixels at S = 512. */
  spacing: z.number(),
  rho: z.number(),
  dgsa: z.boolean(),
  guidanceScale: z.number(),
  kernelRefinement: z.boolean(),
  perRegion: z.boolean(),
  /** Guides by SE's confidence; null: the pack cannot. */
  auto: z.boolean().nullable(),
  /** How far faint detail is raised to what faces have, 0-1; null: the pack cannot. */
  crispness: z.number().min(0).max(1).nullable(),
  /** Steps of each speed; absent: every step from the start down. */
  steps: z.strictObject({
    draft: z.int().optional(),
    normal: z.int().optional(),
    exact: z.int().optional(),
  }),
  /** Of the spectral sampler at each speed. */
  solvers: z.strictObject({ draft: solverSchema, normal: solverSchema }).optional(),
});
export type PresetValues = z.infer<typeof presetValuesSchema>;

export const packReportSchema = z.strictObject({
  folder: z.string(),
  id: z.string().optional(),
  name: z.string().optional(),
  version: z.string().optional(),
  resolution: z.int().optional(),
  bytes: z.number().optional(),
  presets: z
    .array(
      z.strictObject({
        id: z.string(),
        name: z.string(),
        description: z.string(),
        values: presetValuesSchema.optional(),
      }),
    )
    .optional(),
  licence: z.string().optional(),
  /** Absent: nothing wrong was found. */
  error: z.strictObject({ code: z.string(), message: z.string() }).optional(),
  /** Only of a full check: how many files have the size and the SHA-256 that the manifest names. */
  hashedFiles: z.int().optional(),
  /** Only of a full check: which providers run it. */
  providers: z.array(providerVerdictSchema).optional(),
  chosen: z.string().optional(),
});
export type PackReport = z.infer<typeof packReportSchema>;

/** What was measured of one picture against its truth. */
export const scoreSchema = z.strictObject({
  /** lq, rm, draft, normal or exact, or `preset/speed` where several presets are compared. */
  method: z.string(),
  /** Decibels over RGB in 0-1. */
  psnr: z.number(),
  ssim: z.number(),
  /** Euclidean distance of the face descriptors; absent where the truth or the picture shows no face. */
  identity: z.number().optional(),
  /** Mean distance of the 68 landmarks in pixels of the crop; absent where a face is not seen. */
  landmarks: z.number().optional(),
  seconds: z.number(),
});
export type Score = z.infer<typeof scoreSchema>;

const turnSchema = z.union([z.literal(0), z.literal(90), z.literal(180), z.literal(270)]);

/** A face that the library knows: its detection need not be repeated. */
export const knownFaceSchema = z.strictObject({
  box: boxSchema,
  /** The 68 landmarks of the iBUG 300-W scheme, normalised 0-1 of the oriented picture. */
  landmarks: z.array(pointSchema).length(68),
  turn: turnSchema,
});
export type KnownFace = z.infer<typeof knownFaceSchema>;

/** What the library knows about a photo. */
const photoFactsSchema = z.strictObject({
  takenAt: dateSchema.nullable(),
  /** Empty: none. */
  caption: z.string(),
  /** Names of those whose faces are in it. */
  people: z.array(z.string()),
});
export type PhotoFacts = z.infer<typeof photoFactsSchema>;

const draftParamsSchema = z.strictObject({
  input: z.string().min(1),
  face: knownFaceSchema,
  /** The face's index in its photo, from 0: each has its own noise. */
  index: z.int().min(0),
  settings: restoreSettingsSchema,
  models: modelsSchema,
});

const sheetPictureSchema = z.strictObject({ label: z.string(), picture: previewSchema });

/** Every request: what it takes and what it answers. */
export const ENGINE_CALLS = {
  restorePhoto: {
    params: z.strictObject({
      input: z.string().min(1),
      /** Path without extension: the format decides that. Null writes nothing. */
      output: z.string().min(1).nullable(),
      format: outputFormatSchema.default('same'),
      overwrite: z.boolean().default(false),
      /** The whole picture is one aligned crop. */
      aligned: z.boolean().default(false),
      settings: restoreSettingsSchema,
      models: modelsSchema,
      /** Send `x0_hat` previews with the steps. */
      previews: z.boolean().default(false),
      /** Faces in place of a detection; `settings.faces` and the reports count in this list. */
      known: z.array(knownFaceSchema).optional(),
      /** Folder that keeps finished faces, so that the same request goes on after a death; removed when done. */
      checkpoint: z.string().min(1).optional(),
    }),
    result: photoReportSchema,
  },
  inspectPhoto: {
    params: z.strictObject({
      input: z.string().min(1),
      drawing: z.strictObject({ path: z.string().min(1), overwrite: z.boolean() }).optional(),
      /** Absent: faces only, no blur and no start. */
      models: modelsSchema.optional(),
    }),
    result: inspectionSchema,
  },
  /** For an import: what the file is, and its thumbnails (WebP, oriented, never enlarged). Throws `input/*`. */
  describePhoto: {
    params: z.strictObject({
      input: z.string().min(1),
      thumbnails: z.array(z.strictObject({ path: z.string().min(1), longSide: z.int().min(16).max(4096) })),
    }),
    result: z.strictObject({
      format: z.string(),
      /** Oriented size in pixels. */
      width: z.int(),
      height: z.int(),
      depth: z.union([z.literal(8), z.literal(16)]),
      /** EXIF DateTimeOriginal, without a time zone: `1953-06-02T14:30:00`. */
      takenAt: z.string().nullable(),
      notes: z.array(z.string()),
    }),
  },
  /** The oriented picture as a file that browsers show (WebP or JPEG by the output's name). Null: full size. */
  renderPicture: {
    params: z.strictObject({
      input: z.string().min(1),
      output: z.string().min(1),
      longSide: z.int().min(16).max(16_383).nullable(),
    }),
    result: z.strictObject({ width: z.int(), height: z.int() }),
  },
  /** `folder/<level>/<column>_<row>.webp`; level 0 is full size, the last one fits one tile. All or nothing. */
  makeTiles: {
    params: z.strictObject({
      input: z.string().min(1),
      folder: z.string().min(1),
      tileSize: z.int().min(64).max(2048),
    }),
    result: z.strictObject({ levels: z.int(), width: z.int(), height: z.int() }),
  },
  /** The aligned square around a face as WebP. */
  cropFace: {
    params: z.strictObject({
      input: z.string().min(1),
      face: knownFaceSchema,
      size: z.int().min(16).max(1024),
      output: z.string().min(1),
    }),
    result: z.strictObject({}),
  },
  /** A face that a person drew: landmarks by the detector inside the box, by the mean face where it sees none. */
  locateFace: {
    params: z.strictObject({ input: z.string().min(1), box: boxSchema, models: modelsSchema.optional() }),
    result: z.strictObject({
      face: knownFaceSchema,
      /** Landmarks come from the mean face. */
      guessed: z.boolean(),
      sizePx: z.number(),
      stdHat: z.number().optional(),
      start: z.int().optional(),
    }),
  },
  /** Writes a version (or an original) for the outside. `output` has no extension. */
  exportPicture: {
    params: z.strictObject({
      /** The pixels. */
      input: z.string().min(1),
      /** Where metadata comes from, and the left half of a side-by-side picture. */
      original: z.string().min(1),
      output: z.string().min(1),
      format: outputFormatSchema,
      quality: z.int().min(1).max(100),
      maxSide: z.int().min(16).max(65_500).nullable(),
      /** Degrees clockwise. */
      turn: turnSchema,
      keepMetadata: z.boolean(),
      /** What the library knows about the photo, over what its file says; null, or without `keepMetadata`: nothing. */
      facts: photoFactsSchema.nullable(),
      /** XMP note; null writes none. */
      note: z.string().nullable(),
      sideBySide: z.boolean(),
      overwrite: z.boolean(),
    }),
    result: z.strictObject({ output: z.string(), width: z.int(), height: z.int() }),
  },
  /** One face, nothing written. `draft` events bring RM's picture and that of each step, S x S. */
  draftFace: { params: draftParamsSchema, result: draftResultSchema },
  /**
   * The same face with several seeds, and their standard deviation (grey PNG, white = 0.1 or more of the full range;
   * null: nowhere as much as one of 255 grey levels).
   * `drafted` brings each as soon as it is finished.
   */
  varyFace: {
    params: draftParamsSchema.extend({ seeds: z.array(z.int().min(0).max(0xffffffff)).min(2).max(8) }),
    result: z.strictObject({ drafts: z.array(draftResultSchema), invented: bytesSchema.nullable() }),
  },
  /** Opens the pack: which provider was taken, and why not the others. */
  openModels: {
    params: z.strictObject({ models: modelsSchema }),
    result: z.strictObject({
      provider: providerSchema.exclude(['auto']),
      verdicts: z.array(providerVerdictSchema),
    }),
  },
  /** About ten seconds of restorations of the pack's golden face. */
  benchmark: {
    params: z.strictObject({ models: modelsSchema }),
    result: z.strictObject({
      provider: z.string(),
      stepMilliseconds: z.number(),
      draftSeconds: z.number(),
      normalSeconds: z.number(),
      faces: z.int(),
    }),
  },
  listPacks: {
    params: z.strictObject({ folders: z.array(z.string()) }),
    result: z.array(packReportSchema),
  },
  /** Schema, hashes, shapes and the golden input on every provider. */
  checkPack: {
    params: z.strictObject({ folder: z.string() }),
    result: packReportSchema,
  },
  /** A new pack in `target`: that of `folder` with another maker's ONNX file as RM. */
  addRestorer: {
    params: z.strictObject({ file: z.string(), folder: z.string(), target: z.string() }),
    result: z.strictObject({
      folder: z.string(),
      id: z.string(),
      input: z.string(),
      output: z.string(),
      /** Pixels a side. */
      size: z.int(),
      range: z.enum(['unit', 'symmetric']),
      /** Smallest and largest value that it gave, in its own range. */
      lowest: z.number(),
      highest: z.number(),
      /** dB of its golden face to the golden input, in its range and in the other, and to the replaced RM's, each within 0-99. */
      psnr: z.number(),
      psnrOther: z.number(),
      psnrToReplaced: z.number(),
      /** A call on the CPU. */
      milliseconds: z.number(),
    }),
  },
  evaluatePair: {
    params: z.strictObject({
      name: z.string(),
      /** Bytes of two picture files of the same aligned face: degraded and true. */
      lq: bytesSchema,
      hq: bytesSchema,
      presets: z.array(z.string()).min(1),
      speeds: z.array(z.enum(['draft', 'normal', 'exact'])),
      seed: z.int().min(0).max(0xffffffff),
      /** Place among the pairs: each has its own noise. */
      index: z.int().min(0),
      models: modelsSchema,
      /** Return the pictures as well, for a contact sheet. */
      pictures: z.boolean(),
    }),
    result: z.strictObject({ scores: z.array(scoreSchema), pictures: z.array(sheetPictureSchema) }),
  },
  /** Rows of the evaluation's tables for one pair, and the truth measured alike. */
  evaluateRows: {
    params: z.strictObject({
      ...{ name: z.string(), lq: bytesSchema, hq: bytesSchema },
      rows: z.array(z.enum(RECIPE_IDS)),
      seed: z.int().min(0),
      /** Place among the pairs: each has its own noise. */
      index: z.int().min(0),
      /** ONNX files of the person's own: see `openUserNetworks`. */
      networks: z.strictObject({ inception: z.string().optional(), lpips: z.string().optional() }),
      models: modelsSchema,
    }),
    result: z.strictObject({
      rows: z.array(
        z.strictObject({
          row: z.enum([...RECIPE_IDS, 'truth']),
          psnr: z.number(),
          ssim: z.number(),
          identity: z.number().optional(),
          landmarks: z.number().optional(),
          seconds: z.number(),
          /** Mean gradient energy of luma. */
          sharpness: z.number(),
          descriptor: featuresSchema,
          /** NIQE's 36 features of each patch. */
          naturalScene: z.array(z.array(z.number())),
          inception: featuresSchema.optional(),
          lpips: z.number().optional(),
        }),
      ),
    }),
  },
  /** A face that the prior draws by itself; `output`, where not null, gets it as a PNG. */
  drawFace: {
    params: z.strictObject({
      seed: z.int().min(0),
      /** Each has its own noise. */
      index: z.int().min(0),
      steps: z.int().min(1).max(1000),
      output: z.string().min(1).nullable(),
      overwrite: z.boolean(),
      models: modelsSchema,
    }),
    result: z.strictObject({ picture: previewSchema }),
  },
  writeContactSheet: {
    params: z.strictObject({
      output: z.string().min(1),
      overwrite: z.boolean(),
      rows: z.array(z.array(sheetPictureSchema)).min(1),
    }),
    result: z.strictObject({ output: z.string() }),
  },
  /** What this process has used so far. */
  resources: {
    params: z.strictObject({}),
    result: z.strictObject({ peakMemoryBytes: z.number(), versions: z.record(z.string(), z.string()) }),
  },
} as const;

export type EngineMethod = keyof typeof ENGINE_CALLS;
export type EngineParamsInput<M extends EngineMethod> = z.input<(typeof ENGINE_CALLS)[M]['params']>;
export type EngineParams<M extends EngineMethod> = z.output<(typeof ENGINE_CALLS)[M]['params']>;
export type EngineResult<M extends EngineMethod> = z.output<(typeof ENGINE_CALLS)[M]['result']>;

const methodSchema = z.enum(Object.keys(ENGINE_CALLS) as [EngineMethod, ...EngineMethod[]]);
const idSchema = z.int().min(1);

/** What the application sends. */
export const toEngineSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('request'), id: idSchema, method: methodSchema, params: z.unknown() }),
  z.strictObject({ type: z.literal('cancel'), id: idSchema }),
  z.strictObject({ type: z.literal('shutdown') }),
]);
export type ToEngine = z.infer<typeof toEngineSchema>;

/** What the engine sends. */
export const fromEngineSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ready'), pid: z.int() }),
  z.strictObject({ type: z.literal('event'), id: idSchema, event: engineEventSchema }),
  z.strictObject({
    type: z.literal('response'),
    id: idSchema,
    envelope: envelopeSchema,
  }),
]);
export type FromEngine = z.infer<typeof fromEngineSchema>;
