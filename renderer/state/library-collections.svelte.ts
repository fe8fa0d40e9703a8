import type { Album, Person, PhotoQueryInput } from '../../contract/library.ts';
import { api } from '../api/api.ts';
import { settings } from './settings.svelte.ts';

/** In the alphabet of the interface's language, where Ä stands by A; the database knows only the codes of letters. */
function byName<Named extends { name: string }>(list: readonly Named[]): readonly Named[] {
  const { compare } = new Intl.Collator(settings.locale, { numeric: true });
  return list.toSorted((a, b) => compare(a.name, b.name));
}

/** Albums and people, for the panel beside the timeline and for menus. */
class Collections {
  #albums = $state.raw<readonly Album[]>([]);
  #people = $state.raw<readonly Person[]>([]);
  readonly albums = $derived(byName(this.#albums));
  readonly people = $derived(byName(this.#people));
  /** They have been read. */
  #known = $state.raw({ albums: false, people: false });
  /** Why they could not be read. */
  error = $state.raw<unknown>(null);

  /** Reads and listens; the answer stops. */
  start(): () => void {
    const stops = [
      api.on('albums', () => void this.#loadAlbums()),
      api.on('people', () => void this.#loadPeople()),
      api.onConnection((connected) => connected && void this.load()),
    ];
    return () => stops.forEach((stop) => stop());
  }

  async load(): Promise<void> {
    await Promise.all([this.#loadAlbums(), this.#loadPeople()]);
  }

  album(id: number | undefined): Album | undefined {
    return this.albums.find((album) => album.id === id);
  }

  person(id: number | undefined): Person | undefined {
    return this.people.find((person) => person.id === id);
  }

  /** A query of an album or a person that is no more. */
  isGone({ albumId, personId }: PhotoQueryInput): boolean {
    const { albums, people } = this.#known;
    return (
      (albums && albumId !== undefined && !this.album(albumId)) ||
      (people && personId !== undefined && !this.person(personId))
    );
  }

  #loadAlbums(): Promise<void> {
    return this.#guard(async () => {
      this.#albums = await api.call('albums.list', {});
      this.#known = { ...this.#known, albums: true };
    });
  }

  #loadPeople(): Promise<void> {
    return this.#guard(async () => {
      this.#people = await api.call('people.list', {});
      this.#known = { ...this.#known, people: true };
    });
  }

  async #guard(read: () => Promise<void>): Promise<void> {
    try {
      await read();
      this.error = null;
    } catch (error) {
      this.error = error;
    }
  }
}

export const collections = new Collections();
