import type { PresetValues } from '../../../../contract/engine.ts';
import type { Preset } from '../../../../renderer/state/restore-settings.ts';

export function makePreset(id: string, changed: Partial<PresetValues> = {}): Preset {
  const values: PresetValues = {
    weights: [0.7, 0.2, 0.1],
    spacing: 1,
    rho: 0.03,
    dgsa: false,
    guidanceScale: 1,
    kernelRefinement: false,
    perRegion: false,
    auto: false,
    crispness: 0.3,
    steps: { draft: 5, normal: 15 },
    ...changed,
  };
  return { id, name: id, description: '', values };
}

/** As a pack's: their guides lie beside the line between the two ends. */
export const PRESETS: readonly Preset[] = [
  makePreset('faithful', { weights: [0.7, 0.1, 0.1, 0.1], rho: 0.003, crispness: 0.1 }),
  makePreset('balanced'),
  makePreset('detailed', { weights: [1], rho: 0.1, perRegion: true, crispness: 0.9 }),
];
