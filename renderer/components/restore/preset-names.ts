import { m } from '../../paraglide/messages.js';
import { isChanged, type Chosen, type Preset } from '../../state/restore-settings.ts';

/** The presets that every language has words for; another pack's own are called as the pack calls them. */
const KNOWN: Record<string, { name: () => string; text: () => string }> = {
  faithful: { name: () => m.restore_preset_faithful(), text: () => m.restore_preset_faithful_text() },
  balanced: { name: () => m.restore_preset_balanced(), text: () => m.restore_preset_balanced_text() },
  detailed: { name: () => m.restore_preset_detailed(), text: () => m.restore_preset_detailed_text() },
};

export const KNOWN_PRESETS: readonly string[] = Object.keys(KNOWN);

export function presetName(presets: readonly Preset[], id: string): string {
  return KNOWN[id]?.name() ?? presets.find((preset) => preset.id === id)?.name ?? id;
}

export function presetText(presets: readonly Preset[], id: string): string {
  return KNOWN[id]?.text() ?? presets.find((preset) => preset.id === id)?.description ?? '';
}

/** The preset of a restoration, and whether it was changed: "Faithful, changed". */
export function styleName(presets: readonly Preset[], settings: Chosen & { preset: string }): string {
  const preset = presetName(presets, settings.preset);
  return isChanged(settings, presets) ? m.restore_preset_changed({ preset }) : preset;
}
