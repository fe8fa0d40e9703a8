import type { FaceSettings, RestoreSettings, RestoreSettingsInput } from './restore.ts';

/** How a face is sampled: its preset and what is chosen beside that. */
const OF_METHOD: Record<Exclude<keyof FaceSettings, 'seed' | 'grain'>, true> = {
  preset: true,
  fidelity: true,
  guides: true,
  weights: true,
  spacing: true,
  start: true,
  blur: true,
  guidanceScale: true,
  dgsa: true,
  kernelRefinement: true,
  crispness: true,
  perRegion: true,
  auto: true,
};

/** All that a face may have for itself. */
export const OWN_SETTINGS: readonly (keyof FaceSettings)[] = [
  ...(Object.keys(OF_METHOD) as (keyof typeof OF_METHOD)[]),
  'seed',
  'grain',
];

/**
 * [Note: Settings of one face] A face with settings of its own that name anything of the method takes the whole method
 * from them: what they do not name is the preset's, and the preset the photo's unless they name one. Guides chosen for
 * the photo thus never mix with what was chosen for the face. The seed and the grain are replaced each by itself, and
 * whatever no face can have for itself (speed, sampler, size, tone) stays the photo's.
 */
export function withOwnSettings<Settings extends RestoreSettingsInput>(
  settings: Settings,
  own: FaceSettings | undefined,
): Settings {
  if (!own) return settings;
  const replaces = Object.keys(own).some((key) => key in OF_METHOD);
  const kept = Object.entries(settings).filter(
    ([key]) => !replaces || key === 'preset' || !(key in OF_METHOD),
  );
  return { ...Object.fromEntries(kept), ...own } as Settings;
}

/** What the face of this index is restored with. */
export function settingsOfFace({ perFace, ...settings }: RestoreSettings, index: number): RestoreSettings {
  return withOwnSettings(settings, perFace?.[index]);
}

/** Indices of the faces that have settings of their own, rising. */
export function facesWithOwn({ perFace = {} }: Pick<RestoreSettings, 'perFace'>): number[] {
  return Object.keys(perFace)
    .map(Number)
    .sort((a, b) => a - b);
}

/**
 * For the note in a file: which faces were restored otherwise than the others, counted from 1.
 *
 * @example
 * ownSettingsNote(settings); // '; with settings of its own: face 3 (faithful, seed 7)'
 */
export function ownSettingsNote(settings: RestoreSettings): string {
  return facesWithOwn(settings)
    .map((index) => {
      const { preset, seed } = settingsOfFace(settings, index);
      return `; with settings of its own: face ${index + 1} (${preset}, seed ${seed})`;
    })
    .join('');
}
