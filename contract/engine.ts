import { z } from 'zod';
import { ERROR_TABLE, type ErrorCode } from './errors.ts';
import { outputFormatSchema, providerSchema, restoreSettingsSchema } from './restore.ts';

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
    preview: previewSchema.optional(),
  }),
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
  seed: z.int().optional(),
  seconds: z.number().optional(),
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

export const packReportSchema = z.strictObject({
  folder: z.string(),
  id: z.string().optional(),
  name: z.string().optional(),
  version: z.string().optional(),
  resolution: z.int().optional(),
  bytes: z.number().optional(),
  presets: z.array(z.strictObject({ id: z.string(), name: z.string(), description: z.string() })).optional(),
  licence: z.string().optional(),
  /** Absent: nothing wrong was found. */
  error: z.strictObject({ code: z.string(), message: z.string() }).optional(),
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
  listPacks: {
    params: z.strictObject({ folders: z.array(z.string()) }),
    result: z.array(packReportSchema),
  },
  /** Schema, hashes, shapes and the golden input on every provider. */
  checkPack: {
    params: z.strictObject({ folder: z.string() }),
    result: packReportSchema,
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
      models: modelsSchema,
      /** Return the pictures as well, for a contact sheet. */
      pictures: z.boolean(),
    }),
    result: z.strictObject({ scores: z.array(scoreSchema), pictures: z.array(sheetPictureSchema) }),
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
const codeSchema = z.enum(Object.keys(ERROR_TABLE) as [ErrorCode, ...ErrorCode[]]);
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
    envelope: z.discriminatedUnion('ok', [
      z.strictObject({ ok: z.literal(true), value: z.unknown() }),
      z.strictObject({
        ok: z.literal(false),
        error: z.strictObject({
          code: codeSchema,
          message: z.string(),
          details: z.record(z.string(), z.unknown()).optional(),
        }),
      }),
    ]),
  }),
]);
export type FromEngine = z.infer<typeof fromEngineSchema>;
