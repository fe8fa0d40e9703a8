import { z } from 'zod';
import { envelopeSchema } from './errors.ts';
import {
  albumSchema,
  boxSchema,
  exportOptionsSchema,
  exportReportSchema,
  faceSchema,
  idSchema,
  importReportSchema,
  jobSchema,
  nameSchema,
  personSchema,
  photoDetailSchema,
  photoQuerySchema,
  photoSummarySchema,
  queueSchema,
  settingsChangesSchema,
  settingsSchema,
  turnSchema,
  watchedFolderSchema,
} from './library.ts';
import { packReportSchema } from './engine.ts';
import { dateSchema } from './photo-date.ts';
import { facesWithOwn } from './own-settings.ts';
import { guideChoiceSchema, providerSchema, restoreSettingsSchema } from './restore.ts';

/**
 * What the interface and the application say to each other: one table of calls, one union of events. Two transports
 * carry them, Electron's IPC and a WebSocket; both are JSON, so that they cannot differ.
 */

/** Grows with every change that an older interface would not understand. */
export const API_VERSION = 1;

const none = z.strictObject({});
const done = z.null();
const idsSchema = z.array(idSchema).min(1).max(200_000);
/** `1938-06`; `1938` of photos that are dated by a year alone; null without a date. */
const monthSchema = z
  .string()
  .regex(/^\d{4}(-\d{2})?$/)
  .nullable();
/** `data:` address of a JPEG or PNG. */
const pictureDataSchema = z.string().startsWith('data:image/');
/** Under which files of browser mode were uploaded. */
const uploadSchema = z.string().regex(/^[0-9a-f]{32}$/);
const pathSchema = z.string().min(1).max(4096);
/** Null: the version that stands for the photo, or the original where none does. */
const exportedVersionSchema = z.union([idSchema, z.literal('original')]).nullable();
export type ExportedVersion = z.infer<typeof exportedVersionSchema>;

/** Where a setting lies between fidelity and quality, measured on the draft of one face. */
export const measuresSchema = z.strictObject({
  /** Face descriptor distance to the original crop; absent where no descriptor could be taken. */
  likeness: z.number().optional(),
  /** RMS difference between the crop and the result blurred by std_hat, 0-1: small = the photo is honoured. */
  dataDistance: z.number(),
  /** Mean gradient magnitude of the result, RGB in 0-1 a pixel. */
  sharpness: z.number(),
  /** The same of the original crop. */
  sharpnessBefore: z.number(),
});
export type Measures = z.infer<typeof measuresSchema>;

export const draftSchema = z.strictObject({
  /** The aligned crop before and after, S x S. */
  before: pictureDataSchema,
  after: pictureDataSchema,
  /** Guidance map A_t of the last step, grey, white = 1 = the data decides; absent where A_t is one number. */
  guidanceMap: pictureDataSchema.optional(),
  stdHat: z.number(),
  start: z.int(),
  steps: z.int(),
  /** Std of each guide, in pixels at S = 512. */
  guideStds: z.array(z.number()),
  /** Where the guides were chosen for this face. */
  auto: guideChoiceSchema.optional(),
  seed: z.int(),
  measures: measuresSchema,
  seconds: z.number(),
});
export type Draft = z.infer<typeof draftSchema>;

const draftParamsSchema = z.strictObject({
  /** Given by the interface; a new draft of the same key takes the place of one still in work (`job/cancelled`). */
  key: z.string().min(1).max(64),
  faceId: idSchema,
  settings: restoreSettingsSchema,
});

/** Every call: what it takes and what it answers. */
export const API_CALLS = {
  // --- the application
  'app.info': {
    params: none,
    result: z.strictObject({
      apiVersion: z.int(),
      version: z.string(),
      host: z.enum(['electron', 'browser']),
      platform: z.string(),
      /** The library's folder, for a person to read. */
      library: z.string(),
      photoCount: z.int(),
      /** The bundled samples are being shown to a newcomer: this photo first. */
      welcomePhotoId: idSchema.nullable(),
      /** Where exports go unless told. */
      exportFolder: z.string(),
      /** An installed Heirloom in its own window that was told where new versions are published. */
      canUpdate: z.boolean(),
      /** `app.licences` has something to say: true of an installed Heirloom. */
      hasLicences: z.boolean(),
    }),
  },
  /** Licences of the software inside, as text. Throws `internal` where there are none. */
  'app.licences': { params: none, result: z.strictObject({ text: z.string() }) },
  'settings.get': { params: none, result: settingsSchema },
  'settings.set': { params: settingsChangesSchema, result: settingsSchema },
  'undo.state': {
    params: none,
    result: z.strictObject({ undo: z.string().nullable(), redo: z.string().nullable() }),
  },
  /** Answer with the label of what was undone or redone; null where there was nothing. */
  'undo.undo': { params: none, result: z.strictObject({ label: z.string().nullable() }) },
  'undo.redo': { params: none, result: z.strictObject({ label: z.string().nullable() }) },

  // --- the timeline
  /** Newest month first, a year's photos of no month behind its months; photos without a date last, as null. */
  'timeline.months': {
    params: z.strictObject({ query: photoQuerySchema }),
    result: z.array(z.strictObject({ month: monthSchema, count: z.int() })),
  },
  'timeline.page': {
    params: z.strictObject({
      query: photoQuerySchema,
      month: monthSchema,
      offset: z.int().min(0),
      limit: z.int().min(1).max(500),
    }),
    result: z.array(photoSummarySchema),
  },
  /** Every id that the query meets, in the timeline's order. */
  'timeline.ids': { params: z.strictObject({ query: photoQuerySchema }), result: z.array(idSchema) },

  // --- photos
  'photos.get': { params: z.strictObject({ id: idSchema }), result: photoDetailSchema },
  /** Each turns clockwise by so much from where it stands. */
  'photos.rotate': { params: z.strictObject({ ids: idsSchema, by: turnSchema }), result: done },
  /** Throws `argument/invalid` for a date that no calendar has. */
  'photos.setDate': {
    params: z.strictObject({ ids: idsSchema, takenAt: dateSchema.nullable() }),
    result: done,
  },
  'photos.setCaption': {
    params: z.strictObject({ id: idSchema, caption: z.string().max(2000) }),
    result: done,
  },
  'photos.setCurrentVersion': {
    params: z.strictObject({ id: idSchema, versionId: idSchema.nullable() }),
    result: done,
  },
  'photos.bin': { params: z.strictObject({ ids: idsSchema }), result: done },
  'photos.restoreFromBin': { params: z.strictObject({ ids: idsSchema }), result: done },
  /** Deletes for good what is in the bin: rows, versions and copied originals. Originals in place stay. */
  'bin.empty': { params: none, result: z.strictObject({ removed: z.int() }) },
  /** Points a photo at a file again; refused where the bytes are others. */
  'photos.locate': { params: z.strictObject({ id: idSchema, path: pathSchema }), result: done },
  /** The file in the original's place has changed: what it holds now is the photo's original, faces are looked for again. */
  'photos.keepChanged': { params: z.strictObject({ id: idSchema }), result: done },
  /**
   * Looks through a folder for every missing original, by hash; `find-missing` events tell how far it is. `failed`:
   * found, and could not be taken in.
   */
  'photos.findMissing': {
    params: z.strictObject({
      /** Given by the interface, which may stop the search by it. */
      key: z.string().min(1).max(64),
      folder: pathSchema,
    }),
    result: z.strictObject({
      found: z.int(),
      stillMissing: z.int(),
      failed: z.array(z.strictObject({ name: z.string(), code: z.string(), message: z.string() })),
      /** It was stopped before everything was looked at. */
      cancelled: z.boolean(),
    }),
  },
  /** What is found stays, and `photos.findMissing` answers with it. */
  'photos.stopFinding': { params: z.strictObject({ key: z.string().min(1).max(64) }), result: done },
  'versions.remove': { params: z.strictObject({ id: idSchema }), result: done },

  // --- faces and people
  /** Looks for faces (again); those drawn or named by a person stay. */
  'faces.detect': { params: z.strictObject({ photoId: idSchema }), result: z.array(faceSchema) },
  'faces.add': { params: z.strictObject({ photoId: idSchema, box: boxSchema }), result: faceSchema },
  'faces.update': {
    params: z.strictObject({ id: idSchema, box: boxSchema.optional(), off: z.boolean().optional() }),
    result: faceSchema,
  },
  'faces.remove': { params: z.strictObject({ id: idSchema }), result: done },
  /** An empty name takes the name away; a new one makes a person. */
  'faces.name': {
    params: z.strictObject({ id: idSchema, name: z.string().trim().max(200) }),
    result: faceSchema,
  },
  'people.list': { params: none, result: z.array(personSchema) },
  /** To a name that exists: the two become one. */
  'people.rename': { params: z.strictObject({ id: idSchema, name: nameSchema }), result: personSchema },
  'people.remove': { params: z.strictObject({ id: idSchema }), result: done },

  // --- albums
  'albums.list': { params: none, result: z.array(albumSchema) },
  'albums.create': {
    params: z.strictObject({ name: nameSchema, photoIds: z.array(idSchema) }),
    result: albumSchema,
  },
  'albums.rename': { params: z.strictObject({ id: idSchema, name: nameSchema }), result: albumSchema },
  'albums.remove': { params: z.strictObject({ id: idSchema }), result: done },
  'albums.addPhotos': { params: z.strictObject({ id: idSchema, photoIds: idsSchema }), result: done },
  'albums.removePhotos': { params: z.strictObject({ id: idSchema, photoIds: idsSchema }), result: done },

  // --- import
  /** Files and folders (recursive) of this machine. Goes on in the background; `import` events tell. */
  'import.start': {
    params: z.strictObject({
      paths: z.array(pathSchema).min(1).max(100_000),
      mode: z.enum(['copy', 'in-place']),
    }),
    result: importReportSchema,
  },
  /** Files that were uploaded under this token (browser mode's drop); `ofFolder`: a person chose their folder, not each of them. */
  'import.uploaded': {
    params: z.strictObject({ upload: uploadSchema, ofFolder: z.boolean().default(false) }),
    result: importReportSchema,
  },
  /** What was uploaded is wanted no longer. */
  'import.discard': { params: z.strictObject({ upload: uploadSchema }), result: done },
  /** The file that was uploaded is this photo's missing original: the library takes it as its copy. */
  'import.original': {
    params: z.strictObject({ id: idSchema, upload: uploadSchema }),
    result: done,
  },
  'import.list': { params: none, result: z.array(importReportSchema) },
  'import.control': {
    params: z.strictObject({ id: idSchema, action: z.enum(['pause', 'resume', 'cancel', 'dismiss']) }),
    result: done,
  },
  'folders.list': { params: none, result: z.array(watchedFolderSchema) },
  'folders.watch': {
    params: z.strictObject({ path: pathSchema, mode: z.enum(['copy', 'in-place']) }),
    result: watchedFolderSchema,
  },
  'folders.unwatch': { params: z.strictObject({ id: idSchema }), result: done },

  // --- restoring
  'restore.enqueue': {
    params: z
      .strictObject({ photoIds: idsSchema, settings: restoreSettingsSchema })
      .refine(({ photoIds, settings }) => photoIds.length === 1 || facesWithOwn(settings).length === 0, {
        path: ['settings', 'perFace'],
        error: ({ input }) =>
          `Expected one photo with settings of single faces but received ${(input as { photoIds: unknown[] }).photoIds.length}`,
      }),
    result: z.strictObject({ batchId: idSchema, jobs: z.int() }),
  },
  /** One face, not saved. `draft` events bring the picture of each step, the first within a second. */
  'draft.make': { params: draftParamsSchema, result: draftSchema },
  /**
   * The same face with several seeds: pictures to choose from, and what differs between them = what was invented.
   * `draft` events bring the pictures of each seed, `drafted` each draft as soon as it is finished.
   */
  'draft.vary': {
    params: draftParamsSchema.extend({ seeds: z.array(z.int().min(0).max(0xffffffff)).min(2).max(8) }),
    result: z.strictObject({
      drafts: z.array(draftSchema),
      /** Standard deviation over the seeds, grey, white = 0.1 of the full range or more; null: they agree. */
      invented: pictureDataSchema.nullable(),
    }),
  },
  'draft.cancel': { params: z.strictObject({ key: z.string().min(1).max(64) }), result: done },

  // --- the queue
  'jobs.list': { params: none, result: queueSchema },
  'jobs.pauseAll': { params: z.strictObject({ paused: z.boolean() }), result: done },
  'jobs.control': {
    params: z.strictObject({ ids: idsSchema, action: z.enum(['pause', 'resume', 'cancel', 'retry']) }),
    result: done,
  },
  /** Places a waiting job before another one; null: last. */
  'jobs.move': { params: z.strictObject({ id: idSchema, before: idSchema.nullable() }), result: done },
  'jobs.clearFinished': { params: none, result: done },

  // --- export
  /** `export` events tell how far it is. */
  'export.run': {
    params: z.strictObject({
      /** Given by the interface, which may cancel the export by it. */
      key: z.string().min(1).max(64),
      photoIds: idsSchema,
      /** Of a single photo any of its versions. */
      versionId: exportedVersionSchema,
      options: exportOptionsSchema,
    }),
    result: exportReportSchema,
  },
  /** How many of these have no version that stands for them. */
  'export.originals': { params: z.strictObject({ photoIds: idsSchema }), result: z.int() },
  /** What is written stays, and `export.run` answers with it. */
  'export.cancel': { params: z.strictObject({ key: z.string().min(1).max(64) }), result: done },

  // --- models and GPU
  'packs.list': {
    params: none,
    result: z.array(
      packReportSchema.omit({ folder: true }).extend({ key: z.string(), bundled: z.boolean() }),
    ),
  },
  /** Markdown of the model card, and the licence line. */
  'packs.card': {
    params: z.strictObject({ key: z.string() }),
    result: z.strictObject({ markdown: z.string() }),
  },
  /** Hashes, shapes and the golden input on every provider. */
  'packs.check': {
    params: z.strictObject({ key: z.string() }),
    result: packReportSchema.omit({ folder: true }),
  },
  /** From a folder or a zip of this machine. */
  'packs.import': {
    params: z.strictObject({ path: pathSchema }),
    result: z.strictObject({ key: z.string() }),
  },
  'packs.importUploaded': {
    params: z.strictObject({ upload: uploadSchema }),
    result: z.strictObject({ key: z.string() }),
  },
  'packs.remove': { params: z.strictObject({ key: z.string() }), result: done },
  'engine.status': {
    params: none,
    result: z.strictObject({
      running: z.boolean(),
      provider: providerSchema.exclude(['auto']).nullable(),
      /** Of each provider: usable, how fast, why not. */
      verdicts: packReportSchema.shape.providers,
    }),
  },
  /** About ten seconds: drafts of a golden face on the provider in use. */
  'engine.benchmark': {
    params: none,
    result: z.strictObject({
      provider: z.string(),
      stepMilliseconds: z.number(),
      draftSeconds: z.number(),
      normalSeconds: z.number(),
      faces: z.int(),
    }),
  },
} as const;

export type ApiMethod = keyof typeof API_CALLS;
export type ApiParamsInput<M extends ApiMethod> = z.input<(typeof API_CALLS)[M]['params']>;
export type ApiParams<M extends ApiMethod> = z.output<(typeof API_CALLS)[M]['params']>;
export type ApiResult<M extends ApiMethod> = z.output<(typeof API_CALLS)[M]['result']>;
/** One handler a call; a call without a handler does not compile. */
export type ApiHandlers = {
  [M in ApiMethod]: (params: ApiParams<M>) => Promise<ApiResult<M>> | ApiResult<M>;
};

export const apiEventSchema = z.discriminatedUnion('kind', [
  /** Photos changed; null: any of them (the timeline is to be read again). */
  z.strictObject({ kind: z.literal('photos'), ids: z.array(idSchema).nullable() }),
  z.strictObject({ kind: z.literal('albums') }),
  z.strictObject({ kind: z.literal('people') }),
  z.strictObject({ kind: z.literal('folders') }),
  z.strictObject({ kind: z.literal('packs') }),
  z.strictObject({ kind: z.literal('settings'), settings: settingsSchema }),
  z.strictObject({ kind: z.literal('undo'), undo: z.string().nullable(), redo: z.string().nullable() }),
  z.strictObject({ kind: z.literal('import'), report: importReportSchema }),
  /** Faces are looked for in the background: photos done of all that wait; 0 of 0 when that ends, or stands still. */
  z.strictObject({ kind: z.literal('detection'), done: z.int(), total: z.int() }),
  /** One job changed; at most ten a second for each. */
  z.strictObject({ kind: z.literal('job'), job: jobSchema }),
  /** The order or the number of jobs changed: read the queue again. */
  z.strictObject({ kind: z.literal('queue') }),
  /** x0_hat of the face in work. */
  z.strictObject({
    kind: z.literal('preview'),
    jobId: idSchema,
    box: boxSchema,
    picture: pictureDataSchema,
  }),
  z.strictObject({
    kind: z.literal('draft'),
    key: z.string(),
    seed: z.int(),
    /** 0 = RM's picture, before the first step. */
    step: z.int(),
    steps: z.int(),
    picture: pictureDataSchema,
  }),
  /** One of the drafts of `draft.vary` is finished. */
  z.strictObject({ kind: z.literal('drafted'), key: z.string(), draft: draftSchema }),
  /** Photos of an export that are done with, written or not; at most ten a second. */
  z.strictObject({ kind: z.literal('export'), key: z.string(), done: z.int(), total: z.int() }),
  /** Files that a search for missing originals has looked at, and what it found of what is missing; at most ten a second. */
  z.strictObject({
    kind: z.literal('find-missing'),
    key: z.string(),
    looked: z.int(),
    found: z.int(),
    missing: z.int(),
  }),
  /** All jobs of a batch are finished; the three add up to its size. */
  z.strictObject({
    kind: z.literal('batch'),
    batchId: idSchema,
    done: z.int(),
    failed: z.int(),
    cancelled: z.int(),
  }),
  /** Native menu, second instance, opened file: where the interface should go or what it should do. */
  z.strictObject({
    kind: z.literal('command'),
    command: z.enum([
      'import',
      'settings',
      'undo',
      'redo',
      'queue',
      'library',
      'search',
      'shortcuts',
      'select-all',
    ]),
  }),
  /** Something that a person should know and that belongs to no call. */
  z.strictObject({ kind: z.literal('notice'), code: z.string(), message: z.string() }),
]);
export type ApiEvent = z.infer<typeof apiEventSchema>;

export const apiMethodSchema = z.enum(Object.keys(API_CALLS) as [ApiMethod, ...ApiMethod[]]);
export type ApiEnvelope = z.infer<typeof envelopeSchema>;

/** What the interface sends over the WebSocket; Electron's `invoke` carries method and params. */
export const apiRequestSchema = z.strictObject({
  id: z.int().min(1),
  method: z.string().max(64),
  params: z.unknown(),
});
/** What the application sends over the WebSocket. */
export const apiMessageSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('response'), id: z.int(), envelope: envelopeSchema }),
  z.strictObject({ type: z.literal('event'), event: apiEventSchema }),
]);
export type ApiMessage = z.infer<typeof apiMessageSchema>;
