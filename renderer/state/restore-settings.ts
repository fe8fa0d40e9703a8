import { DEFAULT_GRAIN } from '../../contract/default-grain.ts';
import type { PackReport, PresetValues } from '../../contract/engine.ts';
import { OWN_SETTINGS, withOwnSettings } from '../../contract/own-settings.ts';
import type { FaceSettings, RestoreSettings, RestoreSettingsInput } from '../../contract/restore.ts';
import { paperWeights, sameWeights } from './restore-weights.ts';

/**
 * [Note: Chosen and shown] The panel keeps only what a person chose (`RestoreSettingsInput`): an untouched control
 * follows the preset, and a recipe names no more than was meant. What the controls *show* is worked out here, by the
 * rules of the engine's `resolvePlan`; a test holds the two together. Every change goes through `change`, which takes
 * away what the new choice excludes, so that the engine never refuses what the panel sends; a control goes through
 * `choose`, for which the preset's own value is no choice.
 */
export type Chosen = RestoreSettingsInput;

export type Speed = RestoreSettings['speed'];
export type Preset = NonNullable<PackReport['presets']>[number];

/** What every control shows. */
export interface Shown {
  preset: string;
  /** 0 all quality, 1 all fidelity. */
  fidelity: number;
  weights: number[];
  spacing: number;
  /** Null: automatic. */
  blur: number | null;
  start: number | null;
  speed: Speed;
  sampler: 'spectral' | 'exact';
  solver: 'ddim' | 'dpmpp-2m';
  /** Null: every step from the start down (exact sampler only). */
  steps: number | null;
  seed: number;
  scale: RestoreSettings['scale'];
  tone: RestoreSettings['tone'];
  /** Part, 0-1, of the photo's own grain that a restored face gets back. */
  grain: number;
  dgsa: boolean;
  guidanceScale: number;
  kernelRefinement: boolean;
  perRegion: boolean;
  /** Null: the pack cannot. */
  auto: boolean | null;
  /** How far faint detail is raised to what faces have, 0-1. Null: the pack cannot, and nothing was chosen. */
  crispness: number | null;
}

export const STEP_RANGE = {
  spectral: { min: 4, max: 50 },
  exact: { min: 4, max: 1000 },
} as const;

/** Until a pack says what its presets set. */
const UNKNOWN: PresetValues = {
  weights: paperWeights(3),
  spacing: 4,
  rho: 0.001,
  dgsa: true,
  guidanceScale: 1,
  kernelRefinement: false,
  perRegion: false,
  auto: null,
  crispness: null,
  steps: { draft: 5, normal: 15 },
};

/** The fidelity slider moves between these two presets; a pack without them has no such slider. */
export function hasFidelity(presets: readonly Preset[]): boolean {
  return ['detailed', 'faithful'].every((id) => presets.some((preset) => preset.id === id));
}

export function presetValues(presets: readonly Preset[], id: string): PresetValues {
  return presets.find((preset) => preset.id === id)?.values ?? UNKNOWN;
}

export function shownSettings(chosen: Chosen, presets: readonly Preset[]): Shown {
  const preset = chosen.preset ?? 'balanced';
  const values = presetValues(presets, preset);
  const speed = chosen.speed ?? 'normal';
  const sampler = chosen.sampler ?? (speed === 'exact' ? 'exact' : 'spectral');
  const usual = values.steps[sampler === 'exact' ? 'exact' : speed === 'exact' ? 'normal' : speed];
  return {
    preset,
    fidelity: chosen.fidelity ?? fidelityOf(presets, preset),
    weights: shownWeights(chosen, presets, values),
    spacing: chosen.spacing ?? values.spacing,
    blur: chosen.blur ?? null,
    start: chosen.start ?? null,
    speed,
    sampler,
    solver: chosen.solver ?? values.solvers?.[speed === 'draft' ? 'draft' : 'normal'] ?? 'dpmpp-2m',
    steps: chosen.steps ?? usual ?? null,
    seed: chosen.seed ?? 0,
    scale: chosen.scale ?? 1,
    tone: chosen.tone ?? 'auto',
    grain: chosen.grain ?? DEFAULT_GRAIN,
    dgsa: chosen.dgsa ?? (chosen.guidanceScale === undefined && values.dgsa),
    guidanceScale: chosen.guidanceScale ?? values.guidanceScale,
    kernelRefinement: chosen.kernelRefinement ?? values.kernelRefinement,
    perRegion: shownPerRegion(chosen, values, sampler),
    auto: shownAuto(chosen, values),
    crispness: shownCrispness(chosen, presets, values),
  };
}

/** A choice is told of a version whatever the pack in use can; the fidelity moves between the two ends. */
function shownCrispness(
  { crispness, fidelity }: Chosen,
  presets: readonly Preset[],
  values: PresetValues,
): number | null {
  if (crispness !== undefined) return crispness;
  if (fidelity === undefined || values.crispness === null) return values.crispness;
  const of = (id: string) => presetValues(presets, id).crispness ?? 0;
  return (1 - fidelity) * of('detailed') + fidelity * of('faithful');
}

/** Guides and blur set by hand exclude it, and the fidelity that of the preset. */
function shownAuto(chosen: Chosen, values: PresetValues): boolean | null {
  if (values.auto === null) return null;
  const { auto, fidelity } = chosen;
  const named = AUTO_EXCLUDES.some((key) => chosen[key] !== undefined);
  return (auto ?? (values.auto && fidelity === undefined)) && !named;
}

/** One number is all that the exact sampler takes, and all that a blur chosen by hand says. */
function shownPerRegion(
  { perRegion, blur }: Chosen,
  values: PresetValues,
  sampler: Shown['sampler'],
): boolean {
  return (perRegion ?? values.perRegion) && sampler === 'spectral' && blur === undefined;
}

function shownWeights(chosen: Chosen, presets: readonly Preset[], values: PresetValues): number[] {
  if (chosen.weights) return chosen.weights;
  if (chosen.guides !== undefined) return paperWeights(chosen.guides);
  return chosen.fidelity === undefined ? values.weights : weightsByFidelity(presets, chosen.fidelity);
}

function weightsByFidelity(presets: readonly Preset[], fidelity: number): number[] {
  const detailed = presetValues(presets, 'detailed').weights;
  const faithful = presetValues(presets, 'faithful').weights;
  const mixed = Array.from(
    { length: Math.max(detailed.length, faithful.length) },
    (_, i) => (1 - fidelity) * (detailed[i] ?? 0) + fidelity * (faithful[i] ?? 0),
  );
  return mixed.slice(0, mixed.findLastIndex((weight) => weight > 0) + 1);
}

/** Where a preset's rho lies between the two ends, on the scale that the engine moves it on. */
function fidelityOf(presets: readonly Preset[], id: string): number {
  const detailed = Math.log(presetValues(presets, 'detailed').rho);
  const faithful = Math.log(presetValues(presets, 'faithful').rho);
  const share = (detailed - Math.log(presetValues(presets, id).rho)) / (detailed - faithful);
  return Number.isFinite(share) ? Math.min(1, Math.max(0, Math.round(share * 100) / 100)) : 0.5;
}

/** What a preset decides: choosing another one takes these choices back. */
const OF_PRESET = [
  'fidelity',
  'guides',
  'weights',
  'spacing',
  'dgsa',
  'guidanceScale',
  'kernelRefinement',
  'perRegion',
  'auto',
  'crispness',
  'sampler',
  'solver',
  'steps',
] as const satisfies readonly (keyof Chosen)[];

export function choosePreset(chosen: Chosen, preset: string): Chosen {
  return { ...without(chosen, OF_PRESET), preset };
}

/** One choice; `undefined` takes it back. What it excludes goes. */
export function change<K extends keyof Chosen>(chosen: Chosen, key: K, value: Chosen[K] | undefined): Chosen {
  const kept = without(chosen, [key, ...(EXCLUDES[key] ?? [])]);
  return consistent(value === undefined ? kept : { ...kept, [key]: value });
}

/** What a control was set to: as `change`, but a value that the preset has anyway is no choice. */
export function choose<K extends keyof Chosen>(
  chosen: Chosen,
  key: K,
  value: Chosen[K] | undefined,
  presets: readonly Preset[],
): Chosen {
  const made = change(chosen, key, value);
  const unmade = change(chosen, key, undefined);
  if (!isKnown(chosen, presets)) return made;
  const [withIt, withoutIt] = [shownSettings(made, presets), shownSettings(unmade, presets)];
  // The preset's own place on this slider is the preset: mixed guides would not be its own.
  const isOwn = key === 'fidelity' ? withIt.fidelity === withoutIt.fidelity : sameShown(withIt, withoutIt);
  return isOwn ? unmade : made;
}

const AUTO_EXCLUDES = ['guides', 'weights', 'spacing', 'blur'] as const satisfies readonly (keyof Chosen)[];

/** A choice on the left takes those on the right back: they would contradict it, or were made for another case. */
const EXCLUDES: Partial<Record<keyof Chosen, readonly (keyof Chosen)[]>> = {
  fidelity: ['weights', 'guides', 'crispness'],
  guides: ['weights', 'auto'],
  weights: ['guides', 'auto'],
  spacing: ['auto'],
  auto: AUTO_EXCLUDES,
  dgsa: ['guidanceScale'],
  guidanceScale: ['dgsa'],
  perRegion: ['blur'],
  blur: ['perRegion', 'auto'],
  speed: ['sampler', 'solver', 'steps'],
  sampler: ['solver', 'steps'],
};

/** A solver, blur per region and few steps belong to the spectral sampler. */
function consistent(chosen: Chosen): Chosen {
  const exact = (chosen.sampler ?? (chosen.speed === 'exact' ? 'exact' : 'spectral')) === 'exact';
  if (exact) return without(chosen, ['solver', 'perRegion']);
  const { steps } = chosen;
  return steps === undefined ? chosen : { ...chosen, steps: Math.min(STEP_RANGE.spectral.max, steps) };
}

/** The number of guides with the paper's weights; a weight moved by hand is `change(chosen, 'weights', ...)`. */
export function chooseGuides(chosen: Chosen, guides: number): Chosen {
  return change(chosen, 'guides', guides);
}

export function hasPaperWeights(shown: Shown): boolean {
  return sameWeights(shown.weights, paperWeights(shown.weights.length));
}

/** What can differ from a preset; the seed, the size, the tone and the grain belong to none. */
const CHANGING = [
  'fidelity',
  'crispness',
  'weights',
  'guides',
  'spacing',
  'blur',
  'start',
  'speed',
  'sampler',
  'solver',
  'steps',
  'kernelRefinement',
  'perRegion',
  'auto',
  'dgsa',
  'guidanceScale',
] as const satisfies readonly (keyof Chosen)[];

export type Changing = (typeof CHANGING)[number];

/**
 * The choices that bring something else than the preset and the choices before them. Of a preset that is not known,
 * all.
 */
export function changedSettings(chosen: Chosen, presets: readonly Preset[]): Changing[] {
  const named = CHANGING.filter((key) => chosen[key] !== undefined && !isUsual(key, chosen));
  if (!isKnown(chosen, presets)) return named;
  let before = without(chosen, CHANGING);
  return named.filter((key) => {
    const after = { ...before, [key]: chosen[key] };
    const brings = !sameShown(shownSettings(before, presets), shownSettings(after, presets));
    before = after;
    return brings;
  });
}

export function isChanged(chosen: Chosen, presets: readonly Preset[]): boolean {
  return changedSettings(chosen, presets).length > 0;
}

function isUsual(key: Changing, { speed }: Chosen): boolean {
  return key === 'speed' && speed === 'normal';
}

function isKnown({ preset = 'balanced' }: Chosen, presets: readonly Preset[]): boolean {
  return presets.some(({ id, values }) => id === preset && values !== undefined);
}

function sameShown(a: Shown, b: Shown): boolean {
  const rest = (shown: Shown) => JSON.stringify({ ...shown, weights: null });
  return sameWeights(a.weights, b.weights) && rest(a) === rest(b);
}

/**
 * What of these a face takes for its own: all that it can have, the usual seed and grain too, so that no choice for the
 * photo reaches it later.
 */
export function ownSettings({
  preset = 'balanced',
  seed = 0,
  grain = DEFAULT_GRAIN,
  ...chosen
}: Chosen): FaceSettings {
  const named = Object.entries(chosen).filter(([key]) => OWN_SETTINGS.includes(key as keyof FaceSettings));
  return { preset, ...Object.fromEntries(named), seed, grain };
}

/** What a face with settings of its own is restored with; the sampler is the photo's, and excludes some of them. */
export function chosenFor(chosen: Chosen, own: FaceSettings | undefined): Chosen {
  return own ? consistent(withOwnSettings(chosen, own)) : chosen;
}

/** For a draft: one face at the pack's size, at the draft's speed unless steps were chosen by hand. */
export function draftSettings(chosen: Chosen): Chosen {
  const exact = chosen.speed === 'exact' || chosen.sampler === 'exact';
  const ofOutput = ['faces', 'scale'] as const;
  return {
    ...without(chosen, exact ? [...ofOutput, 'sampler', 'solver', 'steps'] : ofOutput),
    speed: 'draft',
  };
}

/** The same text for choices that come to the same: in whatever order they were made, what is usual named or not. */
export function textOf(chosen: Chosen): string {
  const named = Object.entries({ preset: 'balanced', seed: 0, grain: DEFAULT_GRAIN, ...chosen });
  return JSON.stringify(named.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Four seeds beside each other, the chosen one first; the same for the same seed. */
export function fourSeeds(seed: number): number[] {
  return [0, 1, 2, 3].map((i) => (seed + i * 0x9e3779b1) >>> 0);
}

function without<K extends keyof Chosen>(chosen: Chosen, keys: readonly K[]): Omit<Chosen, K> & Chosen {
  return Object.fromEntries(Object.entries(chosen).filter(([key]) => !keys.includes(key as K))) as Omit<
    Chosen,
    K
  > &
    Chosen;
}
