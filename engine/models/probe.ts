import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Provider } from '../../contract/restore.ts';
import { say } from '../../contract/sentences.ts';
import { expectFinite } from '../method/expect-finite.ts';
import { readGolden } from './golden.ts';
import type { Golden } from './golden.ts';
import type { Pack } from './manifest.ts';
import { openPackSessions } from './sessions.ts';
import type { PackSessions } from './sessions.ts';

/** What a provider made of the pack's golden input. */
export interface ProbeMeasurement {
  /** One call of the denoiser, warm: what a restoration spends its time on. */
  milliseconds: number;
  /** Largest difference from the golden restoration, and of the std relative to the golden one. */
  maxDifference: number;
  /** x0_hat of the golden input at the middle of the schedule, to compare providers with each other. */
  x0Hat: Float32Array;
}

export type ProbeResult = { ok: true; measurement: ProbeMeasurement } | { ok: false; reason: string };

export interface ProbeRequest {
  pack: Pack;
  provider: Provider;
}

/** The fastest counts: a busy machine slows a call by chance, never speeds it up. */
const TIMED_CALLS = 3;

/** Runs the pack's golden input on a provider, in this process. A driver's crash ends it: see `probeProvider`. */
export async function measureProvider({ pack, provider }: ProbeRequest): Promise<ProbeMeasurement> {
  const sessions = openPackSessions(pack, { provider });
  try {
    return await measure(sessions, await readGolden(pack), pack);
  } finally {
    await sessions.release();
  }
}

async function measure(
  sessions: PackSessions,
  golden: Golden,
  { manifest }: Pack,
): Promise<ProbeMeasurement> {
  const restored = await sessions.restoration(golden.y);
  const { std } = await sessions.estimator(golden.y, restored);
  const xt = golden.y.map((value) => 2 * value - 1);
  const t = Math.ceil(manifest.schedule.steps / 2);
  const x0Hat = expectFinite(await sessions.denoiser(xt, t), 'The denoiser');
  const milliseconds = await fastestOf(TIMED_CALLS, () => sessions.denoiser(xt, t));
  const stdDifference = Math.abs(std - golden.std) / golden.std;
  return {
    milliseconds,
    maxDifference: Math.max(largestDifference(restored.picture, golden.restoration), stdDifference),
    x0Hat,
  };
}

async function fastestOf(calls: number, call: () => Promise<unknown>): Promise<number> {
  let fastest = Infinity;
  for (let i = 0; i < calls; i++) {
    const start = performance.now();
    await call();
    fastest = Math.min(fastest, performance.now() - start);
  }
  return fastest;
}

/** Largest absolute difference; NaN where either has one. */
export function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);
}

const PROBE_PROCESS = fileURLToPath(new URL('./probe-process.ts', import.meta.url));

/**
 * Probes a provider in a process of its own, which is ended after `limitMilliseconds`: `session.run()` blocks its
 * thread, and a graphics driver may crash. Never throws; the reason says what happened.
 */
export async function probeProvider(request: ProbeRequest, limitMilliseconds: number): Promise<ProbeResult> {
  const child = fork(PROBE_PROCESS, [], {
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let late = false;
  const timer = setTimeout(() => (late = child.kill('SIGKILL')), limitMilliseconds);
  try {
    child.send(request);
    const answer = await answerOf(child);
    return late && !answer.ok
      ? { ok: false, reason: say('probe_late', { seconds: limitMilliseconds / 1000 }) }
      : answer;
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
  }
}

function answerOf(child: ChildProcess): Promise<ProbeResult> {
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-2000)));
  return new Promise((resolve) => {
    child.once('message', (result) => resolve(result as ProbeResult));
    child.once('error', (error) =>
      resolve({ ok: false, reason: say('probe_not_started', { reason: error.message }) }),
    );
    child.once('exit', (code, signal) => {
      const how = signal ?? `code ${code}`;
      const said = errors.trim();
      const reason = said ? say('probe_ended_saying', { how, reason: said }) : say('probe_ended', { how });
      resolve({ ok: false, reason });
    });
  });
}
