import type { ProviderChoice } from '../../../contract/restore.ts';
import { providerName } from './provider-name.ts';

const CHOICES: readonly ProviderChoice[] = ['auto', 'cpu', 'webgpu', 'cuda', 'dml', 'coreml'];

/** Every choice: one that this machine has not is refused with the reason, which is worth reading. */
export function providerChoices(): { value: ProviderChoice; label: string }[] {
  return CHOICES.map((value) => ({ value, label: providerName(value) }));
}
