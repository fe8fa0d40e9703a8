import type { PackReport, PresetValues } from '../contract/engine.ts';
import { presetWeights } from './method/presets.ts';
import type { Manifest, Pack, Preset } from './models/manifest.ts';

/** What a checked pack is and what its presets set. */
export function describePack({ dir, manifest }: Pack): PackReport {
  const { id, name, version, resolution, presets, files, licence } = manifest;
  return {
    folder: dir,
    id,
    name,
    version,
    resolution,
    bytes: Object.values(files).reduce((sum, file) => sum + (file?.bytes ?? 0), 0),
    presets: presets.map((preset) => describePreset(preset, manifest)),
    licence: licenceText(licence),
  };
}

/** What a manifest says of its licence, in whatever form, as one text. */
export function licenceText(licence: unknown): string {
  return typeof licence === 'string' ? licence : JSON.stringify(licence);
}

function describePreset(
  preset: Preset,
  { auto, files }: Manifest,
): NonNullable<PackReport['presets']>[number] {
  const { id, name, description } = preset;
  const able = {
    auto: auto ? preset.auto : null,
    crispness: files.facePower ? preset.crispness : null,
  };
  return { id, name, description, values: { ...valuesOf(preset), ...able } };
}

function valuesOf(preset: Preset): Omit<PresetValues, 'auto' | 'crispness'> {
  const { spacing, rho, dgsa, guidanceScale, kernelRefinement, perRegion } = preset;
  const { draft, normal, exact } = preset.speeds;
  const steps = {
    draft: draft.steps,
    normal: normal.steps,
    ...(exact.steps !== undefined && { exact: exact.steps }),
  };
  const weights = presetWeights(preset);
  const solvers = { draft: draft.solver, normal: normal.solver };
  return { weights, spacing, rho, dgsa, guidanceScale, kernelRefinement, perRegion, steps, solvers };
}
