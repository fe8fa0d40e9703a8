import { DEFAULT_GRAIN } from '../../../contract/default-grain.ts';
import { settingsOfFace } from '../../../contract/own-settings.ts';
import type { RestoreSettings } from '../../../contract/restore.ts';
import { m } from '../../paraglide/messages.js';
import { formatNumber } from '../../state/format.ts';
import {
  changedSettings,
  ownSettings,
  shownSettings,
  type Changing,
  type Chosen,
  type Preset,
  type Shown,
} from '../../state/restore-settings.ts';
import type { NotReused } from '../../state/restore.svelte.ts';
import { presetName, styleName } from './preset-names.ts';

export const SPEED_NAMES: Record<Shown['speed'], () => string> = {
  draft: () => m.restore_speed_draft(),
  normal: () => m.restore_speed_normal(),
  exact: () => m.restore_speed_exact(),
};
export const SAMPLER_NAMES: Record<Shown['sampler'], () => string> = {
  spectral: () => m.restore_sampler_spectral(),
  exact: () => m.restore_sampler_exact(),
};
export const SOLVER_NAMES: Record<Shown['solver'], string> = { 'dpmpp-2m': 'DPM++ 2M', ddim: 'DDIM' };
export const TONE_NAMES: Record<Shown['tone'], () => string> = {
  auto: () => m.restore_tone_auto(),
  colour: () => m.restore_tone_colour(),
  monochrome: () => m.restore_tone_monochrome(),
  sepia: () => m.restore_tone_sepia(),
};

export const percent = (value: number) => formatNumber(value, { style: 'percent' });
export const oneDecimal = (value: number) => formatNumber(value, { maximumFractionDigits: 1 });
export const twoDecimals = (value: number) =>
  formatNumber(value, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

const unlessAutomatic = (value: number | null, format: (value: number) => string) =>
  value === null ? m.restore_automatic_face() : format(value);
const onOff = (on: boolean | null) => (on ? m.restore_on() : m.restore_off());

interface Words {
  label: () => string;
  value: (shown: Shown) => string;
}

/** As the panel calls each setting, and what it is set to. */
const WORDS: Record<Changing, Words> = {
  fidelity: { label: () => m.restore_fidelity(), value: ({ fidelity }) => percent(fidelity) },
  crispness: { label: () => m.restore_crispness(), value: ({ crispness }) => percent(crispness ?? 0) },
  weights: { label: () => m.restore_weights(), value: ({ weights }) => weights.map(twoDecimals).join(' · ') },
  guides: { label: () => m.restore_guides(), value: ({ weights }) => formatNumber(weights.length) },
  spacing: { label: () => m.restore_spacing(), value: ({ spacing }) => oneDecimal(spacing) },
  blur: { label: () => m.restore_blur(), value: ({ blur }) => unlessAutomatic(blur, oneDecimal) },
  start: { label: () => m.restore_start(), value: ({ start }) => unlessAutomatic(start, formatNumber) },
  speed: { label: () => m.restore_speed(), value: ({ speed }) => SPEED_NAMES[speed]() },
  sampler: { label: () => m.restore_sampler(), value: ({ sampler }) => SAMPLER_NAMES[sampler]() },
  solver: { label: () => m.restore_solver(), value: ({ solver }) => SOLVER_NAMES[solver] },
  steps: { label: () => m.restore_steps(), value: ({ steps }) => unlessAutomatic(steps, formatNumber) },
  kernelRefinement: {
    label: () => m.restore_kernel(),
    value: ({ kernelRefinement }) => onOff(kernelRefinement),
  },
  perRegion: { label: () => m.restore_per_region(), value: ({ perRegion }) => onOff(perRegion) },
  auto: { label: () => m.restore_auto(), value: ({ auto }) => onOff(auto) },
  dgsa: { label: () => m.restore_dgsa(), value: ({ dgsa }) => onOff(dgsa) },
  guidanceScale: {
    label: () => m.restore_guidance_scale(),
    value: ({ guidanceScale }) => twoDecimals(guidanceScale),
  },
};

const TONE: Words = { label: () => m.restore_tone(), value: ({ tone }) => TONE_NAMES[tone]() };
const GRAIN: Words = { label: () => m.restore_grain(), value: ({ grain }) => percent(grain) };

/** What of a restoration differs from its preset, and its tone and grain where they were chosen. */
export function changedInWords(
  settings: Chosen,
  presets: readonly Preset[],
): { label: string; value: string }[] {
  const shown = shownSettings(settings, presets);
  const changed = changedSettings(settings, presets).map((key) => WORDS[key]);
  const tone = shown.tone === 'auto' ? [] : [TONE];
  const grain = shown.grain === DEFAULT_GRAIN ? [] : [GRAIN];
  return [...changed, ...tone, ...grain].map(({ label, value }) => ({ label: label(), value: value(shown) }));
}

/** What one face of a restoration was restored by, where it had settings of its own: "Faithful · Seed 7". */
export function ownInWords(settings: RestoreSettings, index: number, presets: readonly Preset[]): string {
  const { seed, grain, ...face } = settingsOfFace(settings, index);
  const own = { ...ownSettings(face), preset: face.preset };
  return [
    styleName(presets, own),
    ...changedInWords(own, presets).map(({ label, value }) => `${label}: ${value}`),
    ...(grain === settings.grain ? [] : [`${m.restore_grain()}: ${percent(grain)}`]),
    ...(seed === settings.seed ? [] : [m.restore_seed_is({ seed: String(seed) })]),
  ].join(' · ');
}

/** Why the panel differs from the version whose settings it took; empty where it does not. */
export function notReusedInWords(
  { pack, presets: unknown, settings, faces }: NotReused,
  presets: readonly Preset[],
): string {
  const instead = presetName(
    presets,
    presets.find(({ id }) => id === 'balanced')?.id ?? presets[0]?.id ?? '',
  );
  const missing = unknown.map((id) => presetName(presets, id)).join(', ');
  const left = settings.map((key) => WORDS[key].label()).join(', ');
  return [
    pack === null ? '' : m.restore_reused_pack({ pack }),
    missing && m.restore_reused_preset({ presets: missing, instead }),
    left && m.restore_reused_left_out({ settings: left }),
    faces === 0 ? '' : m.restore_reused_faces_gone({ count: faces }),
  ]
    .filter(Boolean)
    .join(' ');
}

/** "Faces 2, 5 have settings of their own"; empty where there are none. */
export function ownFacesInWords(numbers: readonly number[]): string {
  const faces = numbers.map((number) => formatNumber(number)).join(', ');
  return numbers.length === 0 ? '' : m.restore_own_faces({ count: numbers.length, faces });
}
