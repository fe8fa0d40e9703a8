import type { ApiEvent } from '../../contract/api.ts';
import type { Settings } from '../../contract/library.ts';
import type { Changes } from './database/changes.ts';
import type { UndoState } from './database/undo-log.ts';

/** An import changes photos many times a second: the interface hears of it four times. */
const PHOTOS_INTERVAL_MS = 250;
/** More photos than this: read the timeline again. */
const MAX_IDS = 1000;

/** Turns what transactions changed into events; those of photos are gathered. */
export class LibraryEvents {
  readonly #emit: (event: ApiEvent) => void;
  readonly #settings: () => Settings;
  readonly #photoIds = new Set<number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(emit: (event: ApiEvent) => void, settings: () => Settings) {
    this.#emit = emit;
    this.#settings = settings;
  }

  changed(changes: Changes): void {
    if (changes.albums) this.#emit({ kind: 'albums' });
    if (changes.people) this.#emit({ kind: 'people' });
    if (changes.folders) this.#emit({ kind: 'folders' });
    if (changes.settings) this.#emit({ kind: 'settings', settings: this.#settings() });
    for (const id of changes.photoIds) this.#photoIds.add(id);
    if (this.#timer === undefined) this.#flush();
  }

  undoState(state: UndoState): void {
    this.#emit({ kind: 'undo', ...state });
  }

  /** Says what is still held back. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#emitPhotos();
  }

  #flush(): void {
    if (!this.#emitPhotos()) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#flush();
    }, PHOTOS_INTERVAL_MS);
    this.#timer.unref();
  }

  #emitPhotos(): boolean {
    if (this.#photoIds.size === 0) return false;
    const ids = this.#photoIds.size > MAX_IDS ? null : [...this.#photoIds];
    this.#photoIds.clear();
    this.#emit({ kind: 'photos', ids });
    return true;
  }
}
