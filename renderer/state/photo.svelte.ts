import { SvelteMap } from 'svelte/reactivity';
import type { ApiEvent } from '../../contract/api.ts';
import type { Box, Face, Job, Person, PhotoDetail, Turn } from '../../contract/library.ts';
import type { ApiClient } from '../api/client.ts';
import { newUpload, uploadFile } from '../api/upload.ts';

type Api = Pick<ApiClient, 'call' | 'on' | 'onConnection'>;

/** Ids of the timeline as the library shows it, so that next and previous stay within a search. */
type ReadOrder = () => Promise<readonly number[]>;

/** One photo as the photo view shows it: read once, then kept up to date by events. */
export class PhotoState {
  readonly #api: Api;
  readonly #readOrder: ReadOrder;
  /** Which answer is the newest, of the photo and of the order. */
  #reading = 0;
  #ordering = 0;
  #newest: Promise<void> | undefined;

  id = $state<number | null>(null);
  detail = $state.raw<PhotoDetail | null>(null);
  error = $state.raw<unknown>(null);
  people = $state.raw<readonly Person[]>([]);
  /** The timeline's order, for the photo before and after. */
  ids = $state.raw<readonly number[]>([]);
  selectedFaceId = $state<number | null>(null);
  showFaces = $state(true);
  /** The next drag draws a face. */
  drawing = $state(false);
  detecting = $state(false);
  /** Drawn, and looked at by the detector: it is a face when that has answered. */
  pendingBox = $state.raw<Box | null>(null);
  /** The face in work of the running job, and those it has finished: `x0_hat` by the place of the face's box. */
  readonly live = new SvelteMap<string, { box: Box; picture: string }>();
  /** Told of a version that a job of this photo has just made. */
  onversion: (versionId: number) => void = () => {};

  readonly selectedFace = $derived(
    this.detail?.faces.find((face) => face.id === this.selectedFaceId) ?? null,
  );
  /** Whose drafts are drawn: the selected face, or else the largest that can be restored. */
  readonly draftFace = $derived(this.selectedFace ?? largestRestorable(this.detail?.faces ?? []));
  readonly currentVersion = $derived(
    this.detail?.versions.find((version) => version.id === this.detail?.currentVersionId) ?? null,
  );
  readonly #place = $derived(this.ids.indexOf(this.id ?? 0));
  readonly previousId = $derived(this.#place > 0 ? (this.ids[this.#place - 1] ?? null) : null);
  readonly nextId = $derived(this.#place >= 0 ? (this.ids[this.#place + 1] ?? null) : null);

  constructor(api: Api, readOrder: ReadOrder) {
    this.#api = api;
    this.#readOrder = readOrder;
  }

  /** Listens; the answer stops it. */
  start(): () => void {
    const stops = [
      this.#api.on('photos', ({ ids }) => {
        if (this.id !== null && (ids === null || ids.includes(this.id))) void this.reload();
        if (ids === null) void this.readNeighbours();
      }),
      this.#api.on('people', () => void this.#readPeople()),
      this.#api.on('job', ({ job }) => this.#jobChanged(job)),
      this.#api.on('preview', (event) => this.#previewed(event)),
      // What changed while the connection was lost was not told.
      this.#api.onConnection((connected) => void (connected && this.reload())),
    ];
    void this.#readPeople();
    return () => stops.forEach((stop) => stop());
  }

  async open(id: number): Promise<void> {
    this.id = id;
    this.detail = null;
    this.error = null;
    this.selectedFaceId = null;
    this.drawing = false;
    // Answers to what was asked of another photo change nothing of this one.
    this.detecting = false;
    this.pendingBox = null;
    this.live.clear();
    this.#jobs.clear();
    await this.reload();
    if (!this.ids.includes(id)) void this.readNeighbours();
  }

  /** Reads the photo again; what a person selected stays. Resolves when no newer reading is under way either. */
  async reload(): Promise<void> {
    this.#newest = this.#read();
    for (let awaited: Promise<void> | undefined; awaited !== this.#newest;) {
      awaited = this.#newest;
      await awaited;
    }
  }

  async #read(): Promise<void> {
    const reading = ++this.#reading;
    const id = this.id;
    if (id === null) return;
    try {
      const detail = await this.#api.call('photos.get', { id });
      if (reading === this.#reading) this.detail = detail;
      if (reading === this.#reading) this.error = null;
    } catch (error) {
      if (reading === this.#reading) this.error = error;
    }
  }

  /** Which photos are before and after it. */
  async readNeighbours(): Promise<void> {
    const ordering = ++this.#ordering;
    const ids = await this.#readOrder().catch(() => this.ids);
    if (ordering === this.#ordering) this.ids = ids;
  }

  async turnBy(by: 90 | -90): Promise<void> {
    if (!this.detail) return;
    const turn = ((this.detail.turn + by + 360) % 360) as Turn;
    this.detail = { ...this.detail, turn };
    await this.#change('photos.rotate', { ids: [this.detail.id], by: by === -90 ? 270 : 90 });
  }

  async detectFaces(): Promise<void> {
    const { id } = this;
    if (id === null) return;
    this.detecting = true;
    try {
      await this.#change('faces.detect', { photoId: id });
    } finally {
      if (id === this.id) this.detecting = false;
    }
  }

  /** The new face is selected. */
  async addFace(box: Box): Promise<Face | null> {
    const { id } = this;
    if (id === null) return null;
    this.pendingBox = box;
    try {
      const face = await this.#api.call('faces.add', { photoId: id, box });
      await this.reload();
      if (id === this.id) this.selectedFaceId = face.id;
      return face;
    } finally {
      if (this.pendingBox === box) this.pendingBox = null;
    }
  }

  /** On the screen at once. */
  async updateFace(id: number, patch: { box?: Box; off?: boolean }): Promise<void> {
    this.#patchFace(id, patch);
    await this.#change('faces.update', { id, ...patch });
  }

  async nameFace(id: number, name: string): Promise<void> {
    await this.#change('faces.name', { id, name });
  }

  async removeFace(id: number): Promise<void> {
    if (this.selectedFaceId === id) this.selectedFaceId = null;
    await this.#change('faces.remove', { id });
  }

  async setDate(takenAt: string | null): Promise<void> {
    if (this.id !== null) await this.#change('photos.setDate', { ids: [this.id], takenAt });
  }

  async setCaption(caption: string): Promise<void> {
    if (this.id !== null) await this.#change('photos.setCaption', { id: this.id, caption });
  }

  async setCurrentVersion(versionId: number | null): Promise<void> {
    if (this.id !== null) await this.#change('photos.setCurrentVersion', { id: this.id, versionId });
  }

  async removeVersion(id: number): Promise<void> {
    await this.#change('versions.remove', { id });
  }

  async locate(path: string): Promise<void> {
    if (this.id !== null) await this.#change('photos.locate', { id: this.id, path });
  }

  /** Browser mode: sends the missing original; the library takes it as its copy. */
  async sendOriginal(file: File): Promise<void> {
    const { id } = this;
    if (id === null) return;
    const upload = newUpload();
    await uploadFile(upload, file);
    await this.#change('import.original', { id, upload });
  }

  /** What the changed file of the original holds is the original from now on. */
  async keepChanged(): Promise<void> {
    if (this.id !== null) await this.#change('photos.keepChanged', { id: this.id });
  }

  async bin(): Promise<void> {
    if (this.id !== null) await this.#change('photos.bin', { ids: [this.id] });
  }

  async putBack(): Promise<void> {
    if (this.id !== null) await this.#change('photos.restoreFromBin', { ids: [this.id] });
  }

  /** The next face in reading order, or the first; none after the last. */
  selectNextFace(by: 1 | -1): void {
    const faces = this.detail?.faces ?? [];
    const at = faces.findIndex((face) => face.id === this.selectedFaceId);
    const next = at < 0 ? (by > 0 ? 0 : faces.length - 1) : at + by;
    this.selectedFaceId = faces[next]?.id ?? null;
  }

  /** Makes a change and shows its effect, also where it was refused. */
  async #change(...call: Parameters<Api['call']>): Promise<void> {
    try {
      await this.#api.call(...call);
    } finally {
      await this.reload();
    }
  }

  #patchFace(id: number, patch: Partial<Face>): void {
    if (!this.detail) return;
    const faces = this.detail.faces.map((face) => (face.id === id ? { ...face, ...patch } : face));
    this.detail = { ...this.detail, faces };
  }

  async #readPeople(): Promise<void> {
    this.people = await this.#api.call('people.list', {}).catch(() => this.people);
  }

  /** Unfinished jobs of this photo that were heard of, so that an end is told once. */
  // Nothing is drawn from it.

  readonly #jobs = new Set<number>();

  #jobChanged(job: Job): void {
    if (job.photoId !== this.id) return;
    if (job.state === 'waiting' || job.state === 'running' || job.state === 'paused') {
      this.#jobs.add(job.id);
      return;
    }
    if (!this.#jobs.delete(job.id)) return;
    void this.#jobEnded(job);
  }

  async #jobEnded(job: Job): Promise<void> {
    await this.reload();
    this.live.clear();
    if (job.versionId !== null) this.onversion(job.versionId);
  }

  #previewed({ jobId, box, picture }: Extract<ApiEvent, { kind: 'preview' }>): void {
    if (this.#jobs.has(jobId)) this.live.set(`${box.x.toFixed(4)},${box.y.toFixed(4)}`, { box, picture });
  }
}

function largestRestorable(faces: readonly Face[]): Face | null {
  const restorable = faces.filter(({ tooSmall, off }) => !tooSmall && !off);
  return restorable.toSorted((a, b) => b.sizePx - a.sizePx)[0] ?? null;
}
