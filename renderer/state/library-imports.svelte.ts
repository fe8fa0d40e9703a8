import type { ImportReport } from '../../contract/library.ts';
import { api, bridge } from '../api/api.ts';
import { newUpload, uploadFile } from '../api/upload.ts';
import { ApiError } from '../api/api-error.ts';
import { m } from '../paraglide/messages.js';
import { settings } from './settings.svelte.ts';
import { toasts } from './toasts.svelte.ts';

type Failure = ImportReport['failed'][number];

/** Files on their way to the application, before it imports them (browser mode). */
export interface Sending {
  readonly key: string;
  done: number;
  readonly total: number;
  readonly failed: Failure[];
}

/** Files sent at once; more only share the same disk. */
const LANES = 3;

/** Imports under way and their reports, until they are dismissed. */
export class Imports {
  reports = $state.raw<readonly ImportReport[]>([]);
  sending = $state<Sending[]>([]);
  /** What could not be sent, by the import that took the rest. */
  unsent = $state.raw<ReadonlyMap<number, readonly Failure[]>>(new Map());
  /** Photos in which faces were looked for in the background, of all that wait; null while nothing is looked for. */
  detection = $state.raw<{ done: number; total: number } | null>(null);
  readonly #cancels = new Map<string, AbortController>();

  /** Reads and listens; the answer stops. */
  start(): () => void {
    const stops = [
      api.on('import', ({ report }) => this.#use(report)),
      api.on('detection', ({ done, total }) => {
        this.detection = total > 0 ? { done, total } : null;
      }),
      api.onConnection((connected) => {
        if (connected) void this.load();
        else this.detection = null;
      }),
    ];
    return () => stops.forEach((stop) => stop());
  }

  async load(): Promise<void> {
    try {
      this.reports = await api.call('import.list', {});
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 'connection/lost')) toasts.error(error);
    }
  }

  /** Files and folders of this machine, by their paths. */
  async fromPaths(paths: readonly string[]): Promise<void> {
    if (paths.length === 0) return;
    this.#use(await api.call('import.start', { paths: [...paths], mode: settings.value.importMode }));
  }

  /**
   * Files that a person chose or dropped: by path where the host knows it, else sent. `unread`: what came with them and
   * could not be read; `ofFolder`: some of them by their folder.
   */
  async fromFiles(
    files: readonly File[],
    { unread = [], ofFolder = false }: { unread?: readonly Failure[]; ofFolder?: boolean } = {},
  ): Promise<void> {
    if (files.length + unread.length === 0) return void toasts.show({ text: () => m.library_no_pictures() });
    const paths = files.map((file) => bridge?.pathForFile(file) ?? '');
    if (unread.length === 0 && paths.every((path) => path !== '')) await this.fromPaths(paths);
    else await this.#send(files, unread, ofFolder);
  }

  async control(id: number, action: 'pause' | 'resume' | 'cancel' | 'dismiss'): Promise<void> {
    await api.call('import.control', { id, action });
    if (action === 'dismiss') this.reports = this.reports.filter((report) => report.id !== id);
  }

  cancelSending(key: string): void {
    this.#cancels.get(key)?.abort();
  }

  async #send(files: readonly File[], unread: readonly Failure[], ofFolder: boolean): Promise<void> {
    const upload = newUpload();
    const cancel = new AbortController();
    this.#cancels.set(upload, cancel);
    const begun = { done: unread.length, total: files.length + unread.length, failed: [...unread] };
    this.sending = [...this.sending, { key: upload, ...begun }];
    // The proxy of the list, so that its progress is seen.
    const progress = this.sending.at(-1);
    if (!progress) return;
    const queue = [...files];
    const lane = async (): Promise<void> => {
      for (let file = queue.shift(); file && !cancel.signal.aborted; file = queue.shift())
        await this.#sendOne(upload, file, progress, cancel.signal);
    };
    try {
      await Promise.all(Array.from({ length: LANES }, lane));
      if (cancel.signal.aborted) await api.call('import.discard', { upload }).catch(() => undefined);
      else await this.#takeIn(upload, ofFolder, progress);
    } finally {
      this.#cancels.delete(upload);
      this.sending = this.sending.filter(({ key }) => key !== upload);
    }
  }

  /** A file that cannot be sent never stops the others. */
  async #sendOne(upload: string, file: File, progress: Sending, signal: AbortSignal): Promise<void> {
    try {
      await uploadFile(upload, file, signal);
    } catch (error) {
      if (signal.aborted) return;
      const code = error instanceof ApiError ? error.code : 'internal';
      progress.failed.push({
        name: file.name,
        code,
        message: error instanceof Error ? error.message : String(error),
      });
    }
    progress.done += 1;
  }

  async #takeIn(upload: string, ofFolder: boolean, { failed, total }: Sending): Promise<void> {
    const first = failed[0];
    if (failed.length === total && first) throw new ApiError(first.code as ApiError['code'], first.message);
    const report = await api.call('import.uploaded', { upload, ofFolder });
    if (failed.length > 0) this.unsent = new Map(this.unsent).set(report.id, $state.snapshot(failed));
    this.#use(report);
  }

  #use(report: ImportReport): void {
    const known = this.reports.some(({ id }) => id === report.id);
    this.reports = known
      ? this.reports.map((one) => (one.id === report.id ? report : one))
      : [...this.reports, report];
  }
}

export const imports = new Imports();
