import type { ExportedVersion } from '../../contract/api.ts';
import { exportName, type ExportNameParts } from '../../contract/export-name.ts';
import type { ExportOptions, ExportReport, PhotoDetail } from '../../contract/library.ts';
import { extensionFor, formatOfExtension } from '../../contract/picture-names.ts';
import type { OutputFormat } from '../../contract/restore.ts';
import { api } from '../api/api.ts';
import { app } from './app.svelte.ts';
import { settings } from './settings.svelte.ts';
import { attempt } from './toasts.svelte.ts';

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
  photoIds = $state.raw<readonly number[]>([]);
  /** Which picture of each photo goes out. */
  versionId = $state<ExportedVersion>(null);
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
  /** How many have no version that could go out; null until it is known. */
  originals = $state<number | null>(null);

  readonly open = $derived(this.photoIds.length > 0);
  readonly ready = $derived(
    this.choices.folder.trim() !== '' && this.choices.pattern.trim() !== '' && isSide(this.choices.maxSide),
  );

  /** Asks how to export these, with what was chosen the last time. */
  begin(photoIds: readonly number[], versionId: ExportedVersion = null): void {
    const last = settings.value.exportOptions as Partial<Choices>;
    this.choices = { folder: app.info.exportFolder, ...DEFAULTS, ...last };
    this.report = EMPTY;
    this.error = null;
    this.stage = 'options';
    this.photoIds = photoIds;
    this.versionId = versionId;
    void this.#readSample();
    void this.#countOriginals();
  }

  /** What the first photo's file would be called; null until that photo is known. */
  readonly example = $derived.by(() => {
    if (!this.sample) return null;
    const parts = nameParts(this.sample, this.picture, this.photoIds.length);
    return exportName(this.choices.pattern, parts) + extension(this.choices.format, parts.name);
  });

  /** Of a single photo: what can go out besides its original; undefined until it is known, and of several. */
  readonly versions = $derived(this.photoIds.length === 1 ? this.sample?.versions : undefined);

  /** What goes out of the first photo. */
  get picture(): number | 'original' {
    return this.versionId ?? this.sample?.currentVersionId ?? 'original';
  }

  /** While it writes: cancels, so that the report says what was written. */
  close(): void {
    if (this.stage === 'writing') void this.cancel();
    else this.photoIds = [];
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
    const { photoIds } = this;
    const [id] = photoIds;
    if (id === undefined) return;
    const sample = await api.call('photos.get', { id }).catch(() => null);
    if (photoIds === this.photoIds) this.sample = sample;
  }

  async #countOriginals(): Promise<void> {
    this.originals = null;
    const { photoIds } = this;
    const originals = await api.call('export.originals', { photoIds: [...photoIds] }).catch(() => null);
    if (photoIds === this.photoIds) this.originals = originals;
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
      const { photoIds, versionId } = this;
      this.report = await api.call('export.run', { key, photoIds: [...photoIds], versionId, options });
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

function nameParts(photo: PhotoDetail, picture: number | 'original', count: number): ExportNameParts {
  const version = photo.versions.find(({ id }) => id === picture);
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
