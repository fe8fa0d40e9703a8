import { SvelteMap } from 'svelte/reactivity';
import type { PackReport } from '../../contract/engine.ts';
import type { Face } from '../../contract/library.ts';
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

/**
 * What the restore panel is set to. One for the window: it stays from photo to photo, but for the seed. A face may have
 * settings of its own, which stay with it; the panel then shows and changes those.
 */
export class RestoreState {
  readonly #api: Pick<ApiClient, 'call' | 'on'>;
  #packId = '';
  #photoId: number | null = null;
  /** By the id of the face. */
  readonly #own = new SvelteMap<number, FaceSettings>();

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
  /** Those that faces had before they went back to those of all. */
  readonly #dropped = new Map<number, FaceSettings>();

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
    this.#own.delete(faceId);
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
    const own = this.ownOf(faceId);
    if (own) this.#dropped.set(faceId, own);
  async enqueue(photoId: number, faces: readonly Face[]): Promise<void> {
    const own = faces.flatMap(({ id, off, tooSmall }, index) =>
      this.#own.has(id) && !off && !tooSmall ? [[index, ownSettings(this.chosenFor(id))] as const] : [],
    );
    const settings = { ...this.chosen, ...(own.length > 0 && { perFace: Object.fromEntries(own) }) };
    await this.#api.call('restore.enqueue', { photoIds: [photoId], settings });
  }

  /** Without what the pack does not have or cannot do. */
  #fitting(chosen: Chosen): Chosen {
    const { preset = 'balanced' } = chosen;
    const known = this.presets.some(({ id }) => id === preset);
    const first = this.presets.find(({ id }) => id === 'balanced') ?? this.presets[0];
    const fitting = known || !first ? chosen : choosePreset(chosen, first.id);
    const values = presetValues(this.presets, fitting.preset ?? 'balanced');
    const cannot = (['auto', 'crispness'] as const).filter((key) => values[key] === null);
    return cannot.reduce((kept, key) => change(kept, key, undefined), fitting);
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
