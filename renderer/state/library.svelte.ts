import type { PhotoQueryInput, PhotoSummary } from '../../contract/library.ts';
import { api } from '../api/api.ts';
import type { MonthCount, Section } from './library-layout.ts';

/** Photos a request; a page lies within one month. */
const PAGE = 120;
/** Pages that are kept; about 12,000 photos. */
const MOST_PAGES = 100;

interface Page {
  key: string;
  month: string | null;
  offset: number;
  /** Undefined until the first answer. */
  photos: readonly PhotoSummary[] | undefined;
  /** An answer is on its way, or what is kept may be old. */
  state: 'reading' | 'fresh' | 'old';
}

const pageKey = (month: string | null, page: number): string => `${month}#${page}`;

/** The timeline that the query meets: months at once, photos a page at a time as they come into sight. */
export class LibraryState {
  query = $state.raw<PhotoQueryInput>({});
  months = $state.raw<readonly MonthCount[]>([]);
  loaded = $state(false);
  /** Why the timeline could not be read. */
  error = $state.raw<unknown>(null);
  /** Photos in the library without any condition: tells an empty library from an empty answer. */
  libraryCount = $state<number | null>(null);
  /** Grows when photos arrive; whoever draws them reads it. */
  #arrivals = $state(0);
  /** What `months` and the pages answer to; `query` may be a step ahead. */
  #shown: PhotoQueryInput = {};
  #pages = new Map<string, Page>();
  /** Which timeline the answers belong to; an older one that comes late is dropped. */
  #reading = 0;
  #ids: Promise<number[]> | null = null;
  #refreshTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #switches = new Set<() => void>();
  readonly #rereads = new Set<() => void>();

  readonly total = $derived(this.months.reduce((sum, { count }) => sum + count, 0));
  /** Some condition beyond the choice of library or bin. */
  readonly filtered = $derived(
    Object.entries(this.query).some(([key, value]) => key !== 'bin' && value !== undefined && value !== ''),
  );

  /** Listens for changes; the answer stops. */
  start(): () => void {
    const stops = [
      // Whichever changed: another date, state or name may move any of them.
      api.on('photos', () => this.#refreshSoon()),
      api.on('albums', () => this.query.albumId !== undefined && this.#refreshSoon()),
      api.on('people', () => this.query.personId !== undefined && this.#refreshSoon()),
      api.onConnection((connected) => connected && this.#refreshSoon()),
    ];
    return () => stops.forEach((stop) => stop());
  }

  /** Told whenever another query's photos take the place of the ones in sight; the answer stops. */
  onSwitch(listener: () => void): () => void {
    this.#switches.add(listener);
    return () => this.#switches.delete(listener);
  }

  /** Told whenever the same query was read again: photos may have come or gone; the answer stops. */
  onReread(listener: () => void): () => void {
    this.#rereads.add(listener);
    return () => this.#rereads.delete(listener);
  }

  /** Shows another part of the library; what is shown stays until the answer comes. */
  async show(query: PhotoQueryInput): Promise<void> {
    this.query = query;
    await this.refresh();
  }

  /** Changes some conditions and keeps the others; undefined takes one away. */
  narrow(change: { [K in keyof PhotoQueryInput]?: PhotoQueryInput[K] | undefined }): Promise<void> {
    const entries = Object.entries({ ...this.query, ...change }).filter(
      ([, value]) => value !== undefined && value !== '',
    );
    return this.show(Object.fromEntries(entries));
  }

  async refresh(): Promise<void> {
    const reading = ++this.#reading;
    const query = this.query;
    try {
      const [months, all] = await Promise.all([
        api.call('timeline.months', { query }),
        this.filtered || query.bin ? api.call('timeline.months', { query: {} }) : null,
      ]);
      if (reading !== this.#reading) return;
      this.#beginShowing(query);
      this.months = months;
      this.libraryCount = (all ?? months).reduce((sum, { count }) => sum + count, 0);
      this.error = null;
      this.loaded = true;
      this.#arrivals += 1;
    } catch (error) {
      if (reading === this.#reading) this.error = error;
    }
  }

  /** Photos of the same query stay in sight, as old ones, until they are read again. */
  #beginShowing(query: PhotoQueryInput): void {
    const switched = query !== this.#shown;
    this.#ids = null;
    if (switched) this.#pages = new Map();
    for (const page of this.#pages.values()) page.state = 'old';
    this.#shown = query;
    for (const listener of switched ? this.#switches : this.#rereads) listener();
  }

  /** The photo at a place of the timeline; undefined while it is being read. Tracked: draws again when it arrives. */
  photoAt(section: Section, index: number): PhotoSummary | undefined {
    void this.#arrivals;
    const within = index - section.first;
    const page = this.#pages.get(pageKey(section.month, Math.floor(within / PAGE)));
    return page?.photos?.[within % PAGE];
  }

  /** Reads what is not there yet of the photos [first, end) of a month. */
  want(section: Section, first: number, end: number): void {
    const from = Math.floor((first - section.first) / PAGE);
    const to = Math.floor((end - 1 - section.first) / PAGE);
    for (let page = from; page <= to; page++) this.#wantPage(section.month, page);
  }

  /** Every id in the timeline's order; read once and kept until the timeline changes. */
  ids(): Promise<number[]> {
    this.#ids ??= api.call('timeline.ids', { query: this.#shown }).catch((error: unknown) => {
      this.#ids = null;
      throw error;
    });
    return this.#ids;
  }

  /** The photo before (-1) or after (1) another one in the timeline; null at either end. */
  async neighbour(id: number, by: -1 | 1): Promise<number | null> {
    const ids = await this.ids();
    const at = ids.indexOf(id);
    return at < 0 ? null : (ids[at + by] ?? null);
  }

  #wantPage(month: string | null, number: number): void {
    const key = pageKey(month, number);
    const known = this.#pages.get(key);
    if (known && known.state !== 'old') {
      // Newest last, so that the first is the one to forget.
      this.#pages.delete(key);
      this.#pages.set(key, known);
      return;
    }
    const page: Page = { key, month, offset: number * PAGE, photos: known?.photos, state: 'reading' };
    this.#pages.delete(key);
    this.#pages.set(key, page);
    this.#forget();
    void this.#read(page);
  }

  async #read(page: Page): Promise<void> {
    const { month, offset } = page;
    try {
      page.photos = await api.call('timeline.page', { query: this.#shown, month, offset, limit: PAGE });
      // Made old while the answer was on its way: it is read once more when it is in sight.
      if (page.state === 'reading') page.state = 'fresh';
    } catch (error) {
      // Another query has pages of the same names.
      if (this.#pages.get(page.key) !== page) return;
      this.#pages.delete(page.key);
      if (this.#reading > 0 && this.error === null) this.error = error;
    }
    if (this.#pages.get(page.key) === page) this.#arrivals += 1;
  }

  #forget(): void {
    for (const [key, page] of this.#pages) {
      if (this.#pages.size <= MOST_PAGES) return;
      if (page.state !== 'reading') this.#pages.delete(key);
    }
  }

  /** Many events of one action become one reading; a long import is read along, but not with every photo. */
  #refreshSoon(): void {
    this.#refreshTimer ??= setTimeout(() => {
      this.#refreshTimer = undefined;
      void this.refresh();
    }, 150);
  }
}

export const library = new LibraryState();
