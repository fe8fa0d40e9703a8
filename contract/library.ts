import { z } from 'zod';
import { dateSchema } from './photo-date.ts';
import { guideChoiceSchema, outputFormatSchema, providerSchema, restoreSettingsSchema } from './restore.ts';

/** What a family's library holds, as the API shows it. Never a path, except where a person is to read one. */

export const idSchema = z.int().min(1);
/** Normalised 0-1 of the oriented original (not turned by the person), origin top left; may reach a little outside. */
export const boxSchema = z.strictObject({
  x: z.number().min(-1).max(2),
  y: z.number().min(-1).max(2),
  width: z.number().gt(0).max(2),
  height: z.number().gt(0).max(2),
});
export type Box = z.infer<typeof boxSchema>;
export const pointSchema = z.strictObject({ x: z.number(), y: z.number() });
/** Degrees clockwise. */
export const turnSchema = z.union([z.literal(0), z.literal(90), z.literal(180), z.literal(270)]);
export type Turn = z.infer<typeof turnSchema>;
const nameSchema = z.string().trim().min(1).max(200);

/**
 * `new`: faces were not looked for yet. `no-faces`. `faces`: found, nothing restored yet. `restored`: has at least
 * one version. `failed`: the last attempt failed.
 */
export const photoStateSchema = z.enum(['new', 'no-faces', 'faces', 'restored', 'failed']);
export type PhotoState = z.infer<typeof photoStateSchema>;

/** What a tile of the timeline shows. */
export const photoSummarySchema = z.strictObject({
  id: idSchema,
  /** File name as imported. */
  name: z.string(),
  takenAt: dateSchema.nullable(),
  /** Size of the oriented original in pixels, before `turn`. */
  width: z.int(),
  height: z.int(),
  /** Degrees clockwise that the person turned it; pictures are delivered unturned. */
  turn: turnSchema,
  state: photoStateSchema,
  /** The original is not where it was: no file is, or one of other bytes. */
  missing: z.boolean(),
  /** Missing, since the file in its place holds other bytes than those that were imported. */
  changed: z.boolean(),
  faceCount: z.int(),
  /** A job of this photo waits or runs. */
  busy: z.boolean(),
  /** Grows with every change of its pictures; part of picture addresses, so that a cache never shows an old one. */
  revision: z.int(),
  /** The version that stands for the photo; absent or null: the original. `photo/...` addresses always show the original. */
  currentVersionId: idSchema.nullable().optional(),
});
export type PhotoSummary = z.infer<typeof photoSummarySchema>;

export const faceSchema = z.strictObject({
  id: idSchema,
  photoId: idSchema,
  /** 1-based number in reading order, as drawn on the photo. */
  number: z.int().min(1),
  box: boxSchema,
  landmarks: z.array(pointSchema),
  turn: turnSchema,
  /** 0-1; absent for a face that a person drew. */
  confidence: z.number().optional(),
  /** Detector with its version, or `person`. */
  source: z.string(),
  /** Side of the aligned square in pixels of the original. */
  sizePx: z.number(),
  tooSmall: z.boolean(),
  /** Switched off: restorations leave it as it is. */
  off: z.boolean(),
  /** Estimated blur, standard deviation in pixels at S = 512. */
  stdHat: z.number().optional(),
  /** Starting timestep by the DSST. */
  start: z.int().optional(),
  person: z.strictObject({ id: idSchema, name: z.string() }).nullable(),
});
export type Face = z.infer<typeof faceSchema>;

/** What was measured of one face of a version against the original. */
export const faceResultSchema = z.strictObject({
  /** Null where the face has been removed since. */
  faceId: idSchema.nullable(),
  box: boxSchema,
  status: z.enum(['restored', 'skipped', 'too-small', 'failed']),
  /** Distance of face descriptors, 0 the same picture, below about 0.6 the same person. */
  likeness: z.number().optional(),
  stdHat: z.number().optional(),
  start: z.int().optional(),
  steps: z.int().optional(),
  /** Where the guides were chosen for this face. */
  auto: guideChoiceSchema.optional(),
  seed: z.int().optional(),
  seconds: z.number().optional(),
  note: z.string().optional(),
});
export type FaceResult = z.infer<typeof faceResultSchema>;

export const recipeSchema = z.strictObject({
  heirloom: z.string(),
  pack: z.strictObject({ id: z.string(), version: z.string(), sha256: z.string() }),
  settings: restoreSettingsSchema,
  detector: z.string(),
  provider: z.string(),
});
export type Recipe = z.infer<typeof recipeSchema>;

export const versionSchema = z.strictObject({
  id: idSchema,
  photoId: idSchema,
  /** 1-based, in the order of making. */
  number: z.int().min(1),
  createdAt: z.iso.datetime(),
  width: z.int(),
  height: z.int(),
  bytes: z.number(),
  sha256: z.string(),
  recipe: recipeSchema,
  faces: z.array(faceResultSchema),
  notes: z.array(z.string()),
  seconds: z.number(),
});
export type Version = z.infer<typeof versionSchema>;

export const photoDetailSchema = photoSummarySchema.extend({
  importedAt: z.iso.datetime(),
  caption: z.string(),
  format: z.string(),
  depth: z.union([z.literal(8), z.literal(16)]),
  bytes: z.number(),
  sha256: z.string(),
  storage: z.enum(['copied', 'in-place']),
  /** Where the original lies, for a person to read. */
  location: z.string(),
  /** In the bin since; null outside of it. */
  binnedAt: z.iso.datetime().nullable(),
  notes: z.array(z.string()),
  faces: z.array(faceSchema),
  /** Oldest first. */
  versions: z.array(versionSchema),
  /** Which version stands for the photo; null: the original. */
  currentVersionId: idSchema.nullable(),
  albumIds: z.array(idSchema),
  /** Why the last attempt failed. */
  problem: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
});
export type PhotoDetail = z.infer<typeof photoDetailSchema>;

/** What the timeline shows. */
export const photoQuerySchema = z.strictObject({
  /** Words over file names, captions, people and albums; all must be met, each may be the beginning of a word. */
  text: z.string().max(500).optional(),
  state: z.enum(['restored', 'not-restored', 'faces', 'failed', 'missing']).optional(),
  personId: idSchema.optional(),
  albumId: idSchema.optional(),
  /** Inclusive; a photo whose date is a year or a month is met where any of its days is. */
  from: dateSchema.optional(),
  to: dateSchema.optional(),
  /** The bin instead of the library. */
  bin: z.boolean().default(false),
});
export type PhotoQuery = z.infer<typeof photoQuerySchema>;
export type PhotoQueryInput = z.input<typeof photoQuerySchema>;

export const personSchema = z.strictObject({
  id: idSchema,
  name: z.string(),
  photoCount: z.int(),
  /** A face that stands for the person. */
  coverFaceId: idSchema.nullable(),
  /** Of that face's photo; 0 without one. */
  coverRevision: z.int(),
});
export type Person = z.infer<typeof personSchema>;

export const albumSchema = z.strictObject({
  id: idSchema,
  name: z.string(),
  photoCount: z.int(),
  coverPhotoId: idSchema.nullable(),
  /** Of that photo; 0 without one. */
  coverRevision: z.int(),
});
export type Album = z.infer<typeof albumSchema>;

export const watchedFolderSchema = z.strictObject({
  id: idSchema,
  path: z.string(),
  mode: z.enum(['copy', 'in-place']),
  /** False while the folder cannot be seen. */
  reachable: z.boolean(),
});
export type WatchedFolder = z.infer<typeof watchedFolderSchema>;

export const importReportSchema = z.strictObject({
  id: idSchema,
  state: z.enum(['running', 'paused', 'done', 'cancelled']),
  /** Files looked at and files known so far; `total` grows while folders are read. */
  done: z.int(),
  total: z.int(),
  counted: z.boolean(),
  imported: z.int(),
  alreadyThere: z.int(),
  /** Some of those that were already there: the file's name and the photo that it is. */
  duplicates: z.array(z.strictObject({ name: z.string(), photoName: z.string() })),
  /** Files that an export of Heirloom wrote: left out where nobody chose the very file. */
  ownExports: z.int(),
  /** Some of them: the file's name and the photo that was exported. */
  exports: z.array(z.strictObject({ name: z.string(), photoName: z.string() })),
  /** Photos whose missing original was found again. */
  found: z.int(),
  failed: z.array(z.strictObject({ name: z.string(), code: z.string(), message: z.string() })),
  /** More failures than are listed. */
  failedCount: z.int(),
  photoIds: z.array(idSchema),
});
export type ImportReport = z.infer<typeof importReportSchema>;

export const jobStateSchema = z.enum(['waiting', 'running', 'paused', 'done', 'failed', 'cancelled']);
export const jobSchema = z.strictObject({
  id: idSchema,
  /** Jobs that were asked for together. */
  batchId: idSchema,
  photoId: idSchema,
  photoName: z.string(),
  photoRevision: z.int(),
  state: jobStateSchema,
  settings: restoreSettingsSchema,
  /** Faces done and to do; 0 of 0 before they are known. */
  face: z.int(),
  faces: z.int(),
  /** Steps of the face in work. */
  step: z.int(),
  steps: z.int(),
  /** Estimated from measured step times; null while nothing was measured. */
  secondsLeft: z.number().nullable(),
  /** Made by it. */
  versionId: idSchema.nullable(),
  error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
  /** Plain sentences: "one of 3 faces failed". */
  notes: z.array(z.string()),
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
});
export type Job = z.infer<typeof jobSchema>;

export const queueSchema = z.strictObject({
  paused: z.boolean(),
  /** Running first, then waiting in their order, then finished, newest first. */
  jobs: z.array(jobSchema),
  secondsLeft: z.number().nullable(),
});
export type Queue = z.infer<typeof queueSchema>;

export const exportOptionsSchema = z.strictObject({
  /** Absolute folder on this machine. */
  folder: z.string().min(1).max(4096),
  format: outputFormatSchema.default('same'),
  /** JPEG and WebP, 1-100. */
  quality: z.int().min(1).max(100).default(92),
  /** Longest side in pixels; null: full size. */
  maxSide: z.int().min(16).max(65_500).nullable().default(null),
  /** `{name}`, `{date}`, `{number}`, `{preset}`, `{version}`; no extension. `-restored` is left out where an original goes out. */
  pattern: z.string().min(1).max(200).default('{name}-restored'),
  keepMetadata: z.boolean().default(true),
  /** XMP note of what was restored, and with what. */
  xmpNote: z.boolean().default(true),
  /** Original and version in one picture, for sharing. */
  sideBySide: z.boolean().default(false),
  /** `ask`: where a name is taken nothing at all is written, and the answer holds those names. */
  ifExists: z.enum(['ask', 'rename', 'overwrite', 'skip']).default('ask'),
});
export type ExportOptions = z.infer<typeof exportOptionsSchema>;

export const exportReportSchema = z.strictObject({
  written: z.array(z.strictObject({ photoId: idSchema, path: z.string() })),
  skipped: z.array(z.strictObject({ photoId: idSchema, path: z.string() })),
  /** Only with `ask`: these exist, so nothing was written; the same items with another `ifExists` are the answer. */
  taken: z.array(z.strictObject({ photoId: idSchema, path: z.string() })),
  failed: z.array(z.strictObject({ photoId: idSchema, code: z.string(), message: z.string() })),
  /** Photos that it had not come to when it was cancelled; with the others they add up to what was asked for. */
  cancelled: z.int(),
});
export type ExportReport = z.infer<typeof exportReportSchema>;

export const LOCALES = ['en', 'de', 'es', 'ar'] as const;
export const settingsSchema = z.strictObject({
  /** `system`: the machine's own where Heirloom speaks it, else English. */
  language: z.enum(['system', ...LOCALES]).default('system'),
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  thumbnails: z.enum(['small', 'large']).default('large'),
  motion: z.enum(['system', 'reduced']).default('system'),
  importMode: z.enum(['copy', 'in-place']).default('copy'),
  /** Look for faces right after an import. */
  detectOnImport: z.boolean().default(true),
  packId: z.string().max(100).default('family-256'),
  provider: providerSchema.default('auto'),
  /** What a batch from the library starts with. */
  preset: z.string().max(100).default('balanced'),
  speed: z.enum(['draft', 'normal', 'exact']).default('normal'),
  notifications: z.boolean().default(true),
  /** Room for pictures that can be made again: views, tiles, faces. 10^9 bytes. */
  cacheGigabytes: z.int().min(1).max(1000).default(2),
  /** Ask once a day whether there is a newer Heirloom; only where `app.info` says `canUpdate`. */
  lookForUpdates: z.boolean().default(false),
  tourDone: z.boolean().default(false),
  exportOptions: exportOptionsSchema.omit({ ifExists: true }).partial().default({}),
});
export type Settings = z.infer<typeof settingsSchema>;

const { shape } = settingsSchema;
/** Some settings. Without defaults: zod's `partial` would keep them, and a change of one would reset the others. */
export const settingsChangesSchema = z
  .strictObject({
    language: shape.language.unwrap(),
    theme: shape.theme.unwrap(),
    thumbnails: shape.thumbnails.unwrap(),
    motion: shape.motion.unwrap(),
    importMode: shape.importMode.unwrap(),
    detectOnImport: shape.detectOnImport.unwrap(),
    packId: shape.packId.unwrap(),
    provider: shape.provider.unwrap(),
    preset: shape.preset.unwrap(),
    speed: shape.speed.unwrap(),
    notifications: shape.notifications.unwrap(),
    cacheGigabytes: shape.cacheGigabytes.unwrap(),
    lookForUpdates: shape.lookForUpdates.unwrap(),
    tourDone: shape.tourDone.unwrap(),
    exportOptions: shape.exportOptions.unwrap(),
  } satisfies Record<keyof Settings, z.ZodType>)
  .partial();
export type SettingsChanges = z.infer<typeof settingsChangesSchema>;

export { nameSchema };
