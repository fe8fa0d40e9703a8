import { api } from '../api/api.ts';
import type { ApiClient } from '../api/client.ts';
import {
  change,
  choosePreset,
  hasFidelity,
  isChanged,
  shownSettings,
  type Chosen,
  type Preset,
} from './restore-settings.ts';

type Start = { packId: string; preset: string; speed: 'draft' | 'normal' | 'exact' };

/** What the restore panel is set to. One for the window: it stays from photo to photo, but for the seed. */
export class RestoreState {
  readonly #api: Pick<ApiClient, 'call' | 'on'>;
  #packId = '';
  #photoId: number | null = null;

  chosen = $state.raw<Chosen>({});
  /** How often a person has changed something here. */
  edits = $state(0);
  presets = $state.raw<readonly Preset[]>([]);
  /** Why the packs could not be read. */
  error = $state.raw<unknown>(null);

  readonly shown = $derived(shownSettings(this.chosen, this.presets));
  readonly hasFidelity = $derived(hasFidelity(this.presets));
  readonly changed = $derived(isChanged(this.chosen));
  /** There is something that `reset` takes back. */
  readonly canReset = $derived(this.changed || this.shown.seed !== 0);

  constructor(client: Pick<ApiClient, 'call' | 'on'>) {
    this.#api = client;
  }

  /** Reads the presets of the pack in use; the first time, the person's usual preset is taken. */
  async open({ packId, preset, speed }: Start): Promise<void> {
    if (this.chosen.preset === undefined) this.chosen = { preset, ...(speed === 'normal' ? {} : { speed }) };
    if (packId === this.#packId) return;
    try {
      const packs = await this.#api.call('packs.list', {});
      const pack = packs.find((each) => each.id === packId) ?? packs.find((each) => !each.error);
      this.presets = pack?.presets ?? [];
      this.#packId = packId;
      this.error = null;
      this.#leaveUnknownPreset();
      if (this.shown.auto === null) this.chosen = change(this.chosen, 'auto', undefined);
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

  set<K extends keyof Chosen>(key: K, value: Chosen[K] | undefined): void {
    this.#edit(change(this.chosen, key, value));
  }

  choosePreset(id: string): void {
    this.#edit(choosePreset(this.chosen, id));
  }

  /** Everything as the preset has it, with the usual seed; tone and size stay. */
  reset(): void {
    const { tone, scale } = this.chosen;
    this.#edit({
      preset: this.shown.preset,
      ...(tone === undefined ? {} : { tone }),
      ...(scale === undefined ? {} : { scale }),
    });
  }

  async enqueue(photoId: number): Promise<void> {
    await this.#api.call('restore.enqueue', { photoIds: [photoId], settings: this.chosen });
  }

  /** Another pack may not have it. */
  #leaveUnknownPreset(): void {
    const known = this.presets.some(({ id }) => id === this.shown.preset);
    const first = this.presets.find(({ id }) => id === 'balanced') ?? this.presets[0];
    if (!known && first) this.chosen = choosePreset(this.chosen, first.id);
  }

  #edit(chosen: Chosen): void {
    this.chosen = chosen;
    this.edits += 1;
  }
}

export const restore = new RestoreState(api);
