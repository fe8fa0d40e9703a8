import { HeirloomError } from '../../contract/errors.ts';
import type { RestoreSettings } from '../../contract/restore.ts';
import type { AutoTable, Manifest, Preset } from '../models/manifest.ts';
import { defaultWeights, normaliseWeights, weightCountError } from './guidance.ts';
import type { Solver } from './samplers.ts';
import type { TimestepSpacing } from './schedule.ts';
import type { StdAxis } from './types.ts';

/** Everything that one face's sampling needs, with nothing left open; what a recipe can be replayed from. */
export interface SamplingPlan {
  preset: string;
  /** One a guide, of sum 1. */
  weights: number[];
  /** Distance between the guides' std, in 512-pixel units. */
  spacing: number;
  /** Trust in the prior: a smaller rho keeps more of the data. */
  rho: number;
  /** Where std_hat and the guides' std live, in 512-pixel units. */
  axis: StdAxis;
  /** A_t: DGSA's, or this number. */
  guidanceScale: 'dgsa' | number;
  /** How far RM's picture is raised to the power of a face's fine detail, 0-1. */
  crispness: number;
  kernelRefinement: boolean;
  /** Each region at its own blur, where SE has a grid; never with the exact sampler or a given blur. */
  perRegion: boolean;
  /** Present: chooses each face's guides in place of `weights`, `spacing` and, where it has one, `rho`. */
  auto: AutoPlan | undefined;
  sampling: SpectralSampling | ExactSampling;
  /** Starting timestep; undefined: from the DSST. */
  start: number | undefined;
  /** std_hat in 512-pixel units; undefined: from SE. */
  blur: number | undefined;
  seed: number;
}

export interface SpectralSampling {
  sampler: 'spectral';
  solver: Solver;
  steps: number;
  timestepSpacing: TimestepSpacing;
  /** Noise that each step adds anew, 0-1; above 0 with DDIM only. */
  eta: number;
}

export interface ExactSampling {
  sampler: 'exact';
  /** Undefined: every step from the start down. */
  steps: number | undefined;
}

/** A pack's table. */
export interface AutoPlan extends AutoTable {
  /** A person asked for it: an SE that does not tell its error is refused, instead of taking the plan's own guides. */
  required: boolean;
}

const MAX_SPECTRAL_STEPS = 50;

/**
 * Resolves a person's settings against a pack's presets.
 * Throws `argument/invalid` for a preset that the pack does not have and for settings that exclude each other.
 */
export function resolvePlan(manifest: Manifest, settings: RestoreSettings): SamplingPlan {
  const preset = findPreset(manifest, settings.preset);
  const weights = resolveWeights(manifest, preset, settings);
  const sampling = resolveSampling(manifest, preset, settings);
  return {
    preset: preset.id,
    weights: normaliseWeights(weights),
    spacing: settings.spacing ?? preset.spacing,
    rho: resolveRho(manifest, preset, settings.fidelity),
    axis: resolveAxis(manifest, preset, settings),
    guidanceScale: resolveScale(preset, settings),
    crispness: resolveCrispness(manifest, preset, settings),
    kernelRefinement: settings.kernelRefinement ?? preset.kernelRefinement,
    perRegion: resolvePerRegion(preset, settings, sampling),
    auto: resolveAuto(manifest, preset, settings),
    sampling,
    start: resolveStart(manifest, settings),
    blur: settings.blur,
    seed: settings.seed,
  };
}

function findPreset({ id, presets }: Manifest, name: string): Preset {
  const preset = presets.find((candidate) => candidate.id === name);
  if (preset) return preset;
  const names = presets.map((candidate) => candidate.id).join(', ');
  throw invalid(`Expected a preset of pack ${id} (${names}) but received ${name}`);
}

/** The number of guides and the weights: what is named wins, then fidelity, then the preset. */
function resolveWeights(manifest: Manifest, preset: Preset, settings: RestoreSettings): number[] {
  const { guides, weights, fidelity } = settings;
  if (weights && guides !== undefined && weights.length !== guides)
    throw weightCountError(guides, weights.length);
  if (weights) return weights;
  if (guides !== undefined) return defaultWeights(guides);
  return fidelity === undefined ? presetWeights(preset) : weightsByFidelity(manifest, fidelity);
}

/** One a guide, of sum 1. */
export function presetWeights({ weights, guides }: Preset): number[] {
  return normaliseWeights(weights ?? defaultWeights(guides));
}

/** Linear between Detailed (0) and Faithful (1), the shorter list filled with zeros. */
function weightsByFidelity(manifest: Manifest, fidelity: number): number[] {
  const detailed = presetWeights(findPreset(manifest, 'detailed'));
  const faithful = presetWeights(findPreset(manifest, 'faithful'));
  const guides = Math.max(detailed.length, faithful.length);
  const mixed = Array.from(
    { length: guides },
    (_, i) => (1 - fidelity) * (detailed[i] ?? 0) + fidelity * (faithful[i] ?? 0),
  );
  return mixed.slice(0, mixed.findLastIndex((weight) => weight > 0) + 1);
}

/** Geometric between Detailed's rho (0) and Faithful's smaller one (1). */
function resolveRho(manifest: Manifest, preset: Preset, fidelity: number | undefined): number {
  if (fidelity === undefined) return preset.rho;
  return (
    findPreset(manifest, 'detailed').rho ** (1 - fidelity) * findPreset(manifest, 'faithful').rho ** fidelity
  );
}

/**
 * The manifest's axis from the preset's least blur to its most, or between those of the fidelity: linear between
 * Detailed's (0) and Faithful's (1). A blur that is given may be any of the whole axis.
 */
function resolveAxis(manifest: Manifest, preset: Preset, { fidelity, blur }: RestoreSettings): StdAxis {
  const { min, max } = manifest.stdAxis;
  const axisOf = ({ leastBlur = min, mostBlur = max }: Preset): StdAxis => ({
    min: Math.max(min, leastBlur),
    max: Math.min(max, mostBlur),
  });
  if (blur !== undefined) return { min, max };
  if (fidelity === undefined) return axisOf(preset);
  const [detailed, faithful] = [findPreset(manifest, 'detailed'), findPreset(manifest, 'faithful')].map(
    axisOf,
  );
  const between = (end: 'min' | 'max') => (1 - fidelity) * detailed![end] + fidelity * faithful![end];
  return { min: between('min'), max: between('max') };
}

/** Linear between Detailed's (0) and Faithful's (1) by the fidelity; a pack without the table for it has none. */
function resolveCrispness(
  { id, presets, files }: Manifest,
  preset: Preset,
  { crispness, fidelity }: RestoreSettings,
): number {
  if (!files.facePower) {
    if (!crispness) return 0;
    throw invalid(`Expected a pack that knows the power of faces with crispness but received ${id}`);
  }
  if (crispness !== undefined || fidelity === undefined) return crispness ?? preset.crispness;
  const of = (name: string) => presets.find((candidate) => candidate.id === name)?.crispness ?? 0;
  return (1 - fidelity) * of('detailed') + fidelity * of('faithful');
}

function resolveStart({ id, schedule }: Manifest, { start }: RestoreSettings): number | undefined {
  if (start === undefined || start <= schedule.steps) return start;
  throw invalid(`Expected a start of pack ${id} between 1 and ${schedule.steps} but received ${start}`);
}

function resolveScale(preset: Preset, { dgsa, guidanceScale }: RestoreSettings): 'dgsa' | number {
  if (dgsa === true && guidanceScale !== undefined) {
    throw invalid(`Expected no constant guidance scale with dgsa but received ${guidanceScale}`);
  }
  const adjusted = dgsa ?? (guidanceScale === undefined && preset.dgsa);
  return adjusted ? 'dgsa' : (guidanceScale ?? preset.guidanceScale);
}

/** The exact sampler knows one kernel a guide, and a given blur is one number: only one that is asked for collides. */
function resolvePerRegion(
  preset: Preset,
  { perRegion, blur }: RestoreSettings,
  { sampler }: SamplingPlan['sampling'],
): boolean {
  if (perRegion === true && sampler === 'exact')
    throw invalid('Expected the spectral sampler with blur per region but received exact');
  if (perRegion === true && blur !== undefined)
    throw invalid(`Expected no blur with blur per region but received ${blur}`);
  return (perRegion ?? preset.perRegion) && sampler === 'spectral' && blur === undefined;
}

/** What is named decides over it; the fidelity, which has guides of its own, over the preset's, and in rho always. */
function resolveAuto(
  { id, auto }: Manifest,
  preset: Preset,
  settings: RestoreSettings,
): AutoPlan | undefined {
  const required = settings.auto === true;
  const named = (['guides', 'weights', 'spacing', 'blur'] as const).find(
    (name) => settings[name] !== undefined,
  );
  if (required && named)
    throw invalid(`Expected no ${named} with auto but received ${JSON.stringify(settings[named])}`);
  if (required && !auto) throw invalid(`Expected a pack that can choose guides with auto but received ${id}`);
  const { fidelity } = settings;
  const wanted = settings.auto ?? (preset.auto && fidelity === undefined);
  if (!auto || !wanted || named) return undefined;
  const levels = fidelity === undefined ? auto.levels : auto.levels.map(withoutRho);
  return { ...auto, levels, required };
}

function withoutRho({ rho: _, ...level }: AutoTable['levels'][number]): AutoTable['levels'][number] {
  return level;
}

function resolveSampling(
  { spectral }: Manifest,
  { speeds }: Preset,
  settings: RestoreSettings,
): SpectralSampling | ExactSampling {
  const sampler = settings.sampler ?? speeds[settings.speed].sampler;
  if (sampler === 'exact') return exactSampling(speeds.exact.steps, settings);
  const speed = speeds[settings.speed === 'exact' ? 'normal' : settings.speed];
  const solver = settings.solver ?? speed.solver;
  return {
    sampler,
    solver,
    steps: spectralSteps(settings.steps ?? speed.steps),
    timestepSpacing: spectral.timestepSpacing,
    eta: solver === speed.solver ? speed.eta : 0,
  };
}

function exactSampling(presetSteps: number | undefined, { solver, steps }: RestoreSettings): ExactSampling {
  if (solver) throw invalid(`Expected no solver with the exact sampler but received ${solver}`);
  return { sampler: 'exact', steps: steps ?? presetSteps };
}

function spectralSteps(steps: number): number {
  if (steps <= MAX_SPECTRAL_STEPS) return steps;
  throw invalid(
    `Expected steps between 4 and ${MAX_SPECTRAL_STEPS} with the spectral sampler but received ${steps}`,
  );
}

function invalid(message: string): HeirloomError {
  return new HeirloomError('argument/invalid', message);
}
