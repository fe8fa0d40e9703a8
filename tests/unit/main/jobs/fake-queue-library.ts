import type { PhotoReport } from '../../../../contract/engine.ts';
import { HeirloomError } from '../../../../contract/errors.ts';
import type { Version } from '../../../../contract/library.ts';
import { restoreSettingsSchema } from '../../../../contract/restore.ts';
import type {
  JobPatch,
  JobRecord,
  LibraryFace,
  QueueLibrary,
  QueueStore,
} from '../../../../main/jobs/queue-library.ts';

export const settings = restoreSettingsSchema.parse({});
const NOW = '2026-01-02T03:04:05.000Z';

/** The library's jobs in memory. */
export class FakeStore implements QueueStore {
  records: JobRecord[] = [];
  paused = false;
  /** Faces of photos that were looked at. */
  knownFaces = new Map<number, number>();
  /** What the next job is told of its photo's faces. */
  faceIds: number[] | null = null;
  #cleared: JobRecord[] = [];
  #nextId = 1;

  add(photoIds: readonly number[], wanted: JobRecord['settings']) {
    const batchId = this.#nextId;
    const added = photoIds.map((photoId): JobRecord => {
      const id = this.#nextId++;
      const common = { versionId: null, error: null, notes: [], createdAt: NOW, finishedAt: null };
      const photo = { photoId, photoName: `photo-${photoId}.jpg`, photoRevision: 1 };
      const knownFaces = this.knownFaces.get(photoId) ?? null;
      return {
        id,
        batchId,
        ...photo,
        knownFaces,
        faceIds: this.faceIds,
        state: 'waiting',
        settings: wanted,
        attempts: 0,
        ...common,
      };
    });
    this.records.push(...added);
    return { batchId, ids: added.map(({ id }) => id) };
  }

  pause(paused: boolean): void {
    this.paused = paused;
  }

  get(id: number): JobRecord {
    const record = this.records.find((candidate) => candidate.id === id);
    if (!record) throw new HeirloomError('library/not-found', `No job ${id}`);
    return { ...record };
  }

  list(): JobRecord[] {
    return this.records.map((record) => ({ ...record }));
  }

  update(id: number, patch: JobPatch): JobRecord {
    const record = Object.assign(this.records[this.records.findIndex((r) => r.id === id)] ?? {}, patch);
    const finished = ['done', 'failed', 'cancelled'].includes(this.get(id).state);
    (record as JobRecord).finishedAt = finished ? NOW : null;
    return this.get(id);
  }

  updateAll(ids: readonly number[], patch: JobPatch): void {
    for (const id of ids) this.update(id, patch);
  }

  move(id: number, before: number | null): void {
    const record = this.get(id);
    this.records = this.records.filter((candidate) => candidate.id !== id);
    const at = before === null ? this.records.length : this.records.findIndex((r) => r.id === before);
    this.records.splice(at, 0, record);
  }

  nextWaiting(): JobRecord | null {
    return this.list().find(({ state }) => state === 'waiting') ?? null;
  }

  hasOther(photoId: number, besides: number): boolean {
    return this.records.some(
      (record) =>
        record.photoId === photoId &&
        record.id !== besides &&
        ['waiting', 'running', 'paused'].includes(record.state),
    );
  }

  clearFinished(): void {
    const isFinished = ({ state }: JobRecord) => ['done', 'failed', 'cancelled'].includes(state);
    this.#cleared.push(...this.records.filter(isFinished));
    this.records = this.records.filter((record) => !isFinished(record));
  }

  recoverInterrupted(): number[] {
    const interrupted = this.records.filter(({ state }) => state === 'running');
    for (const record of interrupted) record.state = 'waiting';
    return interrupted.map(({ id }) => id);
  }

  batchCounts(batchId: number) {
    const counts = { waiting: 0, running: 0, paused: 0, done: 0, failed: 0, cancelled: 0 };
    for (const record of [...this.records, ...this.#cleared])
      if (record.batchId === batchId) counts[record.state]++;
    return counts;
  }

  states(): string[] {
    return this.records.map(({ state }) => state);
  }
}

const KNOWN = { box: { x: 0.2, y: 0.2, width: 0.4, height: 0.4 }, turn: 0 as const };

export function fakeFace(faceId: number, more: Partial<LibraryFace> = {}): LibraryFace {
  const landmarks = Array.from({ length: 68 }, () => ({ x: 0.4, y: 0.4 }));
  return { faceId, known: { ...KNOWN, landmarks }, off: false, tooSmall: false, ...more };
}

/** A library of photos with two faces each, whose originals lie in `/originals`. */
export class FakeLibrary implements QueueLibrary {
  jobs = new FakeStore();
  faces = [fakeFace(11), fakeFace(12)];
  missing = new Set<number>();
  readonly #gone = new Set<number>();
  versions: { photoId: number; report: PhotoReport; faceIds: number[] }[] = [];
  problems = new Map<number, { code: string; message: string } | null>();
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** As emptying the bin does: the photo's jobs go with it. */
  deleteForGood(photoId: number): void {
    this.#gone.add(photoId);
    this.jobs.records = this.jobs.records.filter((record) => record.photoId !== photoId);
  }

  originalFile(photoId: number): Promise<string> {
    if (!this.missing.has(photoId)) return Promise.resolve(`/originals/${photoId}.jpg`);
    return Promise.reject(new HeirloomError('library/missing-original', `photo-${photoId}.jpg is gone`));
  }

  knownFaces(): Promise<LibraryFace[]> {
    return Promise.resolve(this.faces);
  }

  versionOutput(photoId: number) {
    return { stem: `${this.#folder}/${photoId}`, checkpoint: `${this.#folder}/checkpoint-${photoId}` };
  }

  addVersion(photoId: number, report: PhotoReport, faceIds: number[]): Promise<Version> {
    this.versions.push({ photoId, report, faceIds });
    return Promise.resolve({ id: 100 + photoId } as Version);
  }

  markProblem(photoId: number, error: { code: string; message: string } | null): void {
    if (this.#gone.has(photoId)) throw new HeirloomError('library/not-found', `No photo ${photoId}`);
    this.problems.set(photoId, error);
  }
}
