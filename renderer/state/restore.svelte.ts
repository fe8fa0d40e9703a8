import type { PackReport } from '../../contract/engine.ts';
import { api } from '../api/api.ts';
import { ApiError } from '../api/api-error.ts';
import type { ApiClient } from '../api/client.ts';
import {
  change,
  choose,
  choosePreset,
  hasFidelity,
  isChanged,
  presetValues,
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

  /** The presets are there: until then nobody knows what most controls would show. */
  readonly ready = $derived(this.presets.length > 0);
  readonly shown = $derived(shownSettings(this.chosen, this.presets));
  readonly hasFidelity = $derived(hasFidelity(this.presets));
  readonly changed = $derived(isChanged(this.chosen, this.presets));
  /** The fidelity slider stands elsewhere than the preset does. */
  readonly ownFidelity = $derived(this.chosen.fidelity !== undefined);
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
      this.error = null;
      this.#leaveUnknownPreset();
      this.#leaveWhatPackCannot();
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
    this.#edit(choose(this.chosen, key, value, this.presets));
  }

  choosePreset(id: string): void {
    this.#edit(choosePreset(this.chosen, id));
  }

  /** Everything as the preset has it, with the usual seed; tone, grain and size stay. */
  reset(): void {
    const { tone, grain, scale } = this.chosen;
    this.#edit({
      preset: this.shown.preset,
      ...(tone === undefined ? {} : { tone }),
      ...(grain === undefined ? {} : { grain }),
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

  #leaveWhatPackCannot(): void {
    const values = presetValues(this.presets, this.shown.preset);
    for (const key of ['auto', 'crispness'] as const)
      if (values[key] === null) this.chosen = change(this.chosen, key, undefined);
  }

  #edit(chosen: Chosen): void {
    this.chosen = chosen;
    this.edits += 1;
  }
}

function reasonOf(pack: Pick<PackReport, 'error'> | undefined): string {
  return pack?.error?.message ?? 'Expected a pack with presets but found none';
}

export const restore = new RestoreState(api);
