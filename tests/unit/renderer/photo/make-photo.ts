import type { Draft } from '../../../../contract/api.ts';
import type { Face, Job, PhotoDetail, Version } from '../../../../contract/library.ts';
import { restoreSettingsSchema } from '../../../../contract/restore.ts';

const WHEN = '2026-01-02T03:04:05.000Z';

export function makeFace(id: number, changed: Partial<Face> = {}): Face {
  return {
    id,
    photoId: 1,
    number: id,
    box: { x: 0.1 * id, y: 0.2, width: 0.1, height: 0.2 },
    landmarks: [],
    turn: 0,
    source: 'test',
    sizePx: 120,
    tooSmall: false,
    off: false,
    stdHat: 3.25,
    start: 400,
    person: null,
    ...changed,
  };
}

/** Of an upright face: eyes at 0.2 and 0.3, the mouth below them. */
export function standingLandmarks(): Face['landmarks'] {
  return Array.from({ length: 68 }, (_, i) => {
    if (i >= 36 && i < 42) return { x: 0.2, y: 0.3 };
    if (i >= 42 && i < 48) return { x: 0.3, y: 0.3 };
    return { x: i === 48 ? 0.22 : 0.28, y: 0.5 };
  });
}

export function makeVersion(id: number, changed: Partial<Version> = {}): Version {
  return {
    id,
    photoId: 1,
    number: id,
    createdAt: WHEN,
    width: 800,
    height: 400,
    bytes: 1000,
    sha256: 'aa',
    recipe: {
      heirloom: '0.1.0',
      pack: { id: 'tiny', version: '1', sha256: 'bb' },
      settings: restoreSettingsSchema.parse({}),
      detector: 'test',
      provider: 'cpu',
    },
    faces: [],
    notes: [],
    seconds: 4,
    ...changed,
  };
}

export function makePhoto(changed: Partial<PhotoDetail> = {}): PhotoDetail {
  return {
    id: 1,
    name: 'picnic.jpg',
    takenAt: '1953-06-02',
    width: 400,
    height: 200,
    turn: 0,
    state: 'faces',
    missing: false,
    changed: false,
    faceCount: 2,
    busy: false,
    revision: 1,
    importedAt: WHEN,
    caption: '',
    format: 'jpeg',
    depth: 8,
    bytes: 12_345,
    sha256: 'cc',
    storage: 'copied',
    location: '/library/originals/picnic.jpg',
    binnedAt: null,
    notes: [],
    faces: [makeFace(1), makeFace(2)],
    versions: [],
    currentVersionId: null,
    albumIds: [],
    problem: null,
    ...changed,
  };
}

export function makeJob(changed: Partial<Job> = {}): Job {
  return {
    id: 7,
    batchId: 1,
    photoId: 1,
    photoName: 'picnic.jpg',
    photoRevision: 1,
    state: 'running',
    settings: restoreSettingsSchema.parse({}),
    face: 0,
    faces: 2,
    step: 3,
    steps: 15,
    secondsLeft: 20,
    versionId: null,
    error: null,
    notes: [],
    createdAt: WHEN,
    finishedAt: null,
    ...changed,
  };
}

/** A picture that nobody looks at. */
export const PIXEL = 'data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=';

export function makeDraft(seed = 0, changed: Partial<Draft> = {}): Draft {
  return {
    before: PIXEL,
    after: `${PIXEL}#${seed}`,
    stdHat: 3,
    start: 400,
    steps: 5,
    guideStds: [3],
    seed,
    measures: { likeness: 0.3, dataDistance: 0.02, sharpness: 0.04, sharpnessBefore: 0.02 },
    seconds: 1.5,
    ...changed,
  };
}
