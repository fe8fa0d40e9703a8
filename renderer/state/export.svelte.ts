import { exportName, type ExportNameParts } from '../../contract/export-name.ts';
import type { ExportOptions, ExportReport, PhotoDetail } from '../../contract/library.ts';
import { extensionFor, formatOfExtension } from '../../contract/picture-names.ts';
import type { OutputFormat } from '../../contract/restore.ts';
import { api } from '../api/api.ts';
import { app } from './app.svelte.ts';
import { settings } from './settings.svelte.ts';
import { attempt } from './toasts.svelte.ts';

export type ExportItem = { photoId: number; versionId: number | null };
export type Choices = Omit<ExportOptions, 'ifExists'>;
/** What the dialog shows: the choices, the work, the question about taken names, what became of it. */
type Stage = 'options' | 'writing' | 'taken' | 'report';

/** Longest side that can be asked for, in pixels. */
export const SIDE = { least: 16, most: 65_500 };

const EMPTY: ExportReport = { written: [], skipped: [], taken: [], failed: [], cancelled: 0 };
const DEFAULTS: Omit<Choices, 'folder'> = {
  format: 'same',
  quality: 92,
  maxSide: null,
  pattern: '{name}-restored',
  keepMetadata: true,
  xmpNote: true,
  sideBySide: false,
};

/** Quality means something for these formats only; `same` may be one of them. */
export const hasQuality = (format: OutputFormat): boolean => format !== 'png' && format !== 'tiff';

const isSide = (side: number | null): boolean =>
  side === null || (Number.isInteger(side) && side >= SIDE.least && side <= SIDE.most);

/** One export: its choices, the question about names that are taken, and what was written. */
export class ExportState {
  items = $state.raw<readonly ExportItem[]>([]);
  stage = $state<Stage>('options');
  choices = $state<Choices>({ folder: '', ...DEFAULTS });
  report = $state.raw<ExportReport>(EMPTY);
  /** Photos that are done with while it writes. */
  done = $state(0);
  /** Cancelled: the file in work is the last. */
  stopping = $state(false);
  #key = '';
  /** Why nothing could be written at all. */
  error = $state.raw<unknown>(null);
  /** The first photo, for the example; null until it is read. */
  sample = $state.raw<PhotoDetail | null>(null);
  /** How many go out as their originals; null until it is known. */
  originals = $state<number | null>(null);

  readonly open = $derived(this.items.length > 0);
  readonly ready = $derived(
    this.choices.folder.trim() !== '' && this.choices.pattern.trim() !== '' && isSide(this.choices.maxSide),
  );

  /** Asks how to export these, with what was chosen the last time. */
  begin(items: readonly ExportItem[]): void {
    const last = settings.value.exportOptions as Partial<Choices>;
    this.choices = { folder: app.info.exportFolder, ...DEFAULTS, ...last };
    this.report = EMPTY;
    this.error = null;
    this.stage = 'options';
    this.items = items;
    void this.#readSample();
    void this.#countOriginals();
  }

  readonly #sampleParts = $derived.by(() => {
    const item = this.items[0];
    return item && this.sample ? nameParts(this.sample, item.versionId, this.items.length) : null;
  });

  /** What the first photo's file would be called; null until that photo is known. */
  readonly example = $derived.by(() => {
    const parts = this.#sampleParts;
    return parts && exportName(this.choices.pattern, parts) + extension(this.choices.format, parts.name);
  });

  /** Of a single photo: the version that goes out, null for the original; undefined until it is known, and of several. */
  readonly version = $derived(this.items.length === 1 ? this.#sampleParts?.version : undefined);

  /** Photos with the version that stands for each. */
  beginPhotos(photoIds: readonly number[]): void {
    this.begin(photoIds.map((photoId) => ({ photoId, versionId: null })));
  }

  /** While it writes: cancels, so that the report says what was written. */
  close(): void {
    if (this.stage === 'writing') void this.cancel();
    else this.items = [];
  }

  async cancel(): Promise<void> {
    this.stopping = true;
    await attempt(() => api.call('export.cancel', { key: this.#key }));
  }

  /** Writes, unless names are taken: then nothing is written and `stage` asks. */
  async run(): Promise<void> {
    await this.#write('ask');
    if (this.error === null) await attempt(() => settings.set({ exportOptions: this.#trimmed() }));
  }

  /** The answer to the question. */
  async resolve(answer: 'rename' | 'overwrite' | 'skip'): Promise<void> {
    await this.#write(answer);
  }

  /** The example is a help: without it the dialog does its work. */
  async #readSample(): Promise<void> {
    this.sample = null;
    const { items } = this;
    const first = items[0];
    if (!first) return;
    const sample = await api.call('photos.get', { id: first.photoId }).catch(() => null);
    if (items === this.items) this.sample = sample;
  }

  async #countOriginals(): Promise<void> {
    this.originals = null;
    const { items } = this;
    const originals = await api.call('export.originals', { items: [...items] }).catch(() => null);
    if (items === this.items) this.originals = originals;
  }

  async #write(ifExists: ExportOptions['ifExists']): Promise<void> {
    const stageBefore = this.stage;
    this.error = null;
    this.done = 0;
    this.stopping = false;
    this.stage = 'writing';
    const key = (this.#key = crypto.randomUUID());
    const stop = api.on('export', (event) => {
      if (event.key === key) this.done = event.done;
    });
    try {
      const options = { ...this.#trimmed(), ifExists };
      this.report = await api.call('export.run', { key, items: [...this.items], options });
      this.stage = this.report.taken.length > 0 ? 'taken' : 'report';
    } catch (error) {
      this.error = error;
      this.stage = stageBefore;
    } finally {
      stop();
    }
  }

  #trimmed(): Choices {
    const choices = $state.snapshot(this.choices);
    return { ...choices, folder: choices.folder.trim(), pattern: choices.pattern.trim() };
  }
}

function nameParts(photo: PhotoDetail, versionId: number | null, count: number): ExportNameParts {
  const wanted = versionId ?? photo.currentVersionId;
  const version = photo.versions.find(({ id }) => id === wanted);
  return {
    name: photo.name,
    takenAt: photo.takenAt,
    number: 1,
    count,
    version: version ? { number: version.number, preset: version.recipe.settings.preset } : null,
  };
}

/** As the engine chooses it: the photo's own extension where it fits, PNG for what cannot be written. */
function extension(format: OutputFormat, name: string): string {
  const own = /\.[^.]*$/.exec(name)?.[0] ?? '';
  return extensionFor(format === 'same' ? (formatOfExtension(own) ?? 'png') : format, own);
}

export const exporting = new ExportState();
