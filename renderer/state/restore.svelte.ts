import { SvelteMap } from 'svelte/reactivity';
import type { PackReport } from '../../contract/engine.ts';
import type { Face, Version } from '../../contract/library.ts';
import { facesWithOwn, settingsOfFace } from '../../contract/own-settings.ts';
import type { FaceSettings } from '../../contract/restore.ts';
import { api } from '../api/api.ts';
import { ApiError } from '../api/api-error.ts';
import type { ApiClient } from '../api/client.ts';
import {
  change,
  choose,
  choosePreset,
  chosenFor,
  hasFidelity,
  isChanged,
  ownSettings,
  presetValues,
  shownSettings,
  type Chosen,
  type Preset,
} from './restore-settings.ts';

type Start = { packId: string; preset: string; speed: 'draft' | 'normal' | 'exact' };

/** What the panel was set to for a photo. */
export interface PanelSettings {
  photoId: number | null;
  chosen: Chosen;
  /** Of each face that had some. */
  own: ReadonlyMap<number, FaceSettings>;
}

/** What the panel could not take from a version as it was made. */
export interface NotReused {
  /** The model pack that made it, where another one is in use. */
  pack: string | null;
  /** Presets that the pack in use does not have. */
  presets: readonly string[];
  /** Settings that the pack in use does not know, of a preset that it has. */
  settings: readonly ('auto' | 'crispness')[];
  /** How many faces with settings of their own are no longer there. */
  faces: number;
}

/**
 * What the restore panel is set to. One for the window: it stays from photo to photo, but for the seed. A face may have
 * settings of its own, which stay with it; the panel then shows and changes those.
 */
export class RestoreState {
  readonly #api: Pick<ApiClient, 'call' | 'on'>;
  #packId = '';
  /** In use, as a recipe names it. */
  #pack = '';
  #photoId: number | null = null;
  /** By the id of the face. */
  readonly #own = new SvelteMap<number, FaceSettings>();
  /** Those that faces had before they went back to those of all. */
  readonly #dropped = new Map<number, FaceSettings>();

  /** What holds for every face without settings of its own. */
  chosen = $state.raw<Chosen>({});
  /** The face that the panel is about. */
  faceId = $state<number | null>(null);
  /** How often a person has changed something here. */
  edits = $state(0);
  presets = $state.raw<readonly Preset[]>([]);
  /** Why the packs could not be read. */
  error = $state.raw<unknown>(null);

  /** The presets are there: until then nobody knows what most controls would show. */
  readonly ready = $derived(this.presets.length > 0);
  /** Those of the panel's face, where it has its own. */
  readonly own = $derived(this.ownOf(this.faceId));
  readonly edited = $derived(this.chosenFor(this.faceId));
  readonly shown = $derived(shownSettings(this.edited, this.presets));
  readonly hasFidelity = $derived(hasFidelity(this.presets));
  readonly changed = $derived(isChanged(this.own ?? this.chosen, this.presets));
  /** The fidelity slider stands elsewhere than the preset does. */
  readonly ownFidelity = $derived(this.edited.fidelity !== undefined);
  /** There is something that `reset` takes back. */
  readonly canReset = $derived(this.changed || this.shown.seed !== 0);

  constructor(client: Pick<ApiClient, 'call' | 'on'>) {
    this.#api = client;
  }

  /** Reads the presets of the pack in use; the first time, the person's usual preset is taken. */
  async open({ packId, preset, speed }: Start): Promise<void> {
    if (this.chosen.preset === undefined) this.chosen = { preset, ...(speed === 'normal' ? {} : { speed }) };
    if (packId === this.#packId) return;
    this.presets = [];
    try {
      const packs = await this.#api.call('packs.list', {});
      const pack = packs.find((each) => each.key === packId) ?? packs.find((each) => !each.error);
      this.presets = pack?.presets ?? [];
      if (!pack?.presets) throw new ApiError('pack/not-found', reasonOf(pack ?? packs[0]));
      this.#packId = packId;
      this.#pack = `${pack.id} ${pack.version}`;
      this.error = null;
      this.chosen = this.#fitting(this.chosen);
      for (const [faceId, own] of this.#own) this.#own.set(faceId, ownSettings(this.#fitting(own)));
    } catch (error) {
      this.error = error;
    }
  }

  /** A photo was opened. A seed was chosen by the look of one photo: another photo begins with the usual one. */
  begin(photoId: number): void {
    if (photoId === this.#photoId) return;
    this.#photoId = photoId;
    this.chosen = change(this.chosen, 'seed', undefined);
  }

  ownOf(faceId: number | null): FaceSettings | undefined {
    return faceId === null ? undefined : this.#own.get(faceId);
  }

  /** What a face is restored with. */
  chosenFor(faceId: number | null): Chosen {
    return chosenFor(this.chosen, this.ownOf(faceId));
  }

  /** The face begins with what holds for every other one, or with what it had when it went back to that. */
  giveOwn(faceId: number): void {
    this.#own.set(faceId, ownSettings(this.#fitting(this.#dropped.get(faceId) ?? this.chosen)));
    this.edits += 1;
  }

  /** The face is restored as the others are; what it had is kept for when it is given its own again. */
  dropOwn(faceId: number): void {
    const own = this.ownOf(faceId);
    if (own) this.#dropped.set(faceId, own);
    this.#own.delete(faceId);
    this.edits += 1;
  }

  /** Takes the settings of a version again, those of single faces too. `faces`: all of its photo. */
  reuse({ recipe, faces: results }: Version, faces: readonly Face[]): NotReused {
    const { perFace: _, faces: __, ...settings } = recipe.settings;
    const own = facesWithOwn(recipe.settings).map((index) => ({
      faceId: faces.find(({ id }) => id === results[index]?.faceId)?.id,
      settings: ownSettings(settingsOfFace(recipe.settings, index)),
    }));
    const there = own.flatMap(({ faceId, settings: one }) =>
      faceId === undefined ? [] : [[faceId, one] as const],
    );
    this.#put(settings, there, faces);
    const made = `${recipe.pack.id} ${recipe.pack.version}`;
    return {
      pack: made === this.#pack ? null : made,
      ...this.#unfitting([settings, ...there.map(([, one]) => one)]),
      faces: own.length - there.length,
    };
  }

  /** What `putBack` needs to take a change of everything back. */
  settingsNow(faces: readonly Face[]): PanelSettings {
    const own = faces.flatMap(({ id }) => {
      const one = this.#own.get(id);
      return one ? [[id, one] as const] : [];
    });
    return { photoId: this.#photoId, chosen: this.chosen, own: new Map(own) };
  }

  /** `faces`: all of that photo. */
  putBack({ photoId, chosen, own }: PanelSettings, faces: readonly Face[]): void {
    this.#put(photoId === this.#photoId ? chosen : change(chosen, 'seed', undefined), own, faces);
  }

  #put(chosen: Chosen, own: Iterable<readonly [number, FaceSettings]>, faces: readonly Face[]): void {
    this.chosen = this.#fitting(chosen);
    faces.forEach(({ id }) => this.#own.delete(id));
    for (const [faceId, one] of own) this.#own.set(faceId, ownSettings(this.#fitting(one)));
    this.edits += 1;
  }

  set<K extends keyof Chosen>(key: K, value: Chosen[K] | undefined): void {
    this.#edit(choose(this.edited, key, value, this.presets));
  }

  choosePreset(id: string): void {
    this.#edit(choosePreset(this.edited, id));
  }

  /** Everything as the preset has it, with the usual seed; tone, grain and size stay. */
  reset(): void {
    const { tone, grain, scale } = this.edited;
    this.#edit({
      preset: this.shown.preset,
      ...(tone === undefined ? {} : { tone }),
      ...(grain === undefined ? {} : { grain }),
      ...(scale === undefined ? {} : { scale }),
    });
  }

  /** `faces`: all of the photo, in reading order. */
  async enqueue(photoId: number, faces: readonly Face[]): Promise<void> {
    const own = faces.flatMap(({ id, off, tooSmall }, index) =>
      this.#own.has(id) && !off && !tooSmall ? [[index, ownSettings(this.chosenFor(id))] as const] : [],
    );
    const settings = { ...this.chosen, ...(own.length > 0 && { perFace: Object.fromEntries(own) }) };
    await this.#api.call('restore.enqueue', { photoIds: [photoId], settings });
  }

  /** Without what the pack does not have or cannot do. */
  #fitting(chosen: Chosen): Chosen {
    if (!this.ready) return chosen;
    const first = this.presets.find(({ id }) => id === 'balanced') ?? this.presets[0];
    const fitting = this.#hasPreset(chosen) || !first ? chosen : choosePreset(chosen, first.id);
    return this.#cannot(fitting).reduce((kept, key) => change(kept, key, undefined), fitting);
  }

  #hasPreset({ preset = 'balanced' }: Chosen): boolean {
    return this.presets.some(({ id }) => id === preset);
  }

  #cannot({ preset = 'balanced' }: Chosen): ('auto' | 'crispness')[] {
    const values = presetValues(this.presets, preset);
    return (['auto', 'crispness'] as const).filter((key) => values[key] === null);
  }

  /** What `#fitting` takes away that would have made a difference. */
  #unfitting(all: readonly Chosen[]): Pick<NotReused, 'presets' | 'settings'> {
    const unknown = all.filter((one) => !this.#hasPreset(one));
    const left = all.flatMap((one) =>
      unknown.includes(one) ? [] : this.#cannot(one).filter((key) => one[key]),
    );
    return {
      presets: [...new Set(unknown.map(({ preset = 'balanced' }) => preset))],
      settings: [...new Set(left)],
    };
  }

  #edit(chosen: Chosen): void {
    if (this.faceId !== null && this.own) this.#own.set(this.faceId, ownSettings(chosen));
    else this.chosen = chosen;
    this.edits += 1;
  }
}

function reasonOf(pack: Pick<PackReport, 'error'> | undefined): string {
  return pack?.error?.message ?? 'Expected a pack with presets but found none';
}

export const restore = new RestoreState(api);
