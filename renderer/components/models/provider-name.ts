import type { ProviderChoice } from '../../../contract/restore.ts';
import { m } from '../../paraglide/messages.js';

const NAMES: Record<ProviderChoice, () => string> = {
  auto: m.models_provider_auto,
  cpu: m.models_provider_cpu,
  webgpu: m.models_provider_webgpu,
  cuda: m.models_provider_cuda,
  dml: m.models_provider_dml,
  coreml: m.models_provider_coreml,
};

/** What a provider is called in the interface's language; one of a newer engine keeps its own name. */
export function providerName(provider: string): string {
  return Object.hasOwn(NAMES, provider) ? NAMES[provider as ProviderChoice]() : provider;
}
