/** The process that `probeProvider` starts: one request in, one ProbeResult out. */
import { measureProvider } from './probe.ts';
import type { ProbeRequest, ProbeResult } from './probe.ts';

async function answer(request: ProbeRequest): Promise<ProbeResult> {
  try {
    return { ok: true, measurement: await measureProvider(request) };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

process.once('message', (request: ProbeRequest) => {
  void answer(request).then((result) => process.send?.(result));
});
