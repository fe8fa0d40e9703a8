import type { ExportOptions, ExportReport, Settings } from '../../contract/library.ts';
import type { OutputFormat } from '../../contract/restore.ts';
import type { ApiClient } from '../api/client.ts';

export type ExportItem = { photoId: number; versionId: number | null };
type IfExists = ExportOptions['ifExists'];
/** What the dialog shows: the choices, the work, the question about taken names, what became of it. */
type Stage = 'options' | 'writing' | 'taken' | 'report';

/** Quality means something for these formats only; `same` may be one of them. */
export const hasQuality = (format: OutputFormat): boolean => format !== 'png' && format !== 'tiff';

const EMPTY: ExportReport = { written: [], skipped: [], taken: [], failed: [] };

/** One export: its choices, the question about names that are taken, and what was written. */
export class ExportState {
  readonly #api: Pick<ApiClient, 'call'>;

  items = $state.raw<readonly ExportItem[]>([]);
  stage = $state<Stage>('options');
  report = $state.raw<ExportReport>(EMPTY);
  /** Why nothing could be written at all. */
  error = $state.raw<unknown>(null);

  folder = $state('');
  format = $state<OutputFormat>('same');
  quality = $state(92);
  maxSide = $state<number | null>(null);
  pattern = $state('{name}-restored');
  keepMetadata = $state(true);
  xmpNote = $state(true);
  sideBySide = $state(false);

  readonly open = $derived(this.items.length > 0);
  readonly ready = $derived(this.folder.trim() !== '' && this.pattern.trim() !== '');

  constructor(api: Pick<ApiClient, 'call'>) {
    this.#api = api;
  }

  /** Asks how to export these, with what was chosen the last time. */
  begin(items: readonly ExportItem[], settings: Settings, exportFolder: string): void {
    const last = settings.exportOptions;
    this.folder = last.folder ?? exportFolder;
    this.format = last.format ?? 'same';
    this.quality = last.quality ?? 92;
    this.maxSide = last.maxSide ?? null;
    this.pattern = last.pattern ?? '{name}-restored';
    this.keepMetadata = last.keepMetadata ?? true;
    this.xmpNote = last.xmpNote ?? true;
    this.sideBySide = last.sideBySide ?? false;
    this.report = EMPTY;
    this.error = null;
    this.stage = 'options';
    this.items = items;
  }

  close(): void {
    this.items = [];
  }

  /** Writes what no file is in the way of; names that are taken become a question. */
  async run(): Promise<void> {
    await this.#write(this.items, 'ask');
    if (this.error === null) await this.#remember();
  }

  /** The answer to the question, for the names that were taken. */
  async resolve(answer: Exclude<IfExists, 'ask'>): Promise<void> {
    const taken = new Set(this.report.taken.map(({ photoId }) => photoId));
    const rest = this.items.filter(({ photoId }) => taken.has(photoId));
    await this.#write(rest, answer);
  }

  /** Leaves what is taken alone and shows what was written before the question. */
  leaveTaken(): void {
    this.report = { ...this.report, skipped: [...this.report.skipped, ...this.report.taken], taken: [] };
    this.stage = 'report';
  }

  async #write(items: readonly ExportItem[], ifExists: IfExists): Promise<void> {
    const stageBefore = this.stage;
    this.error = null;
    this.stage = 'writing';
    try {
      const report = await this.#api.call('export.run', {
        items: [...items],
        options: { ...this.#options(), ifExists },
      });
      this.report = added(this.report, report);
      this.stage = report.taken.length > 0 ? 'taken' : 'report';
    } catch (error) {
      this.error = error;
      this.stage = stageBefore;
    }
  }

  async #remember(): Promise<void> {
    await this.#api.call('settings.set', { exportOptions: this.#options() });
  }

  #options(): Omit<ExportOptions, 'ifExists'> {
    return {
      folder: this.folder.trim(),
      format: this.format,
      quality: this.quality,
      maxSide: this.maxSide,
      pattern: this.pattern.trim(),
      keepMetadata: this.keepMetadata,
      xmpNote: this.xmpNote,
      sideBySide: this.sideBySide,
    };
  }
}

/** A second answer continues the first; what is taken is only what is taken now. */
function added(before: ExportReport, now: ExportReport): ExportReport {
  return {
    written: [...before.written, ...now.written],
    skipped: [...before.skipped, ...now.skipped],
    taken: now.taken,
    failed: [...before.failed, ...now.failed],
  };
}
