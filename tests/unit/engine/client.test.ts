import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EngineEvent, EngineParamsInput } from '../../../contract/engine.ts';
import { restoreSettingsSchema } from '../../../contract/restore.ts';
import { callTwice, EngineClient } from '../../../engine/client.ts';

const entry = fileURLToPath(new URL('../../fixtures/fake-engine.ts', import.meta.url));

function deed(input: string): EngineParamsInput<'restorePhoto'> {
  return {
    input,
    output: null,
    settings: restoreSettingsSchema.parse({}),
    models: { pack: 'none', provider: 'cpu' },
  };
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('EngineClient', () => {
  let engine: EngineClient;
  let folder: string;
  beforeAll(() => {
    engine = new EngineClient({ role: 'imaging', entry });
    folder = mkdtempSync(join(tmpdir(), 'heirloom-client-'));
  });
  afterAll(async () => {
    await engine.close();
    rmSync(folder, { recursive: true });
  });
  afterEach(() => expect(engine.pid === undefined || alive(engine.pid)).toBe(true));

  it('starts the process in its role at the first call and keeps it', async () => {
    const { notes } = await engine.call('restorePhoto', deed('plain'));
    expect(notes).toEqual(['imaging']);
    const pid = engine.pid;
    await engine.call('restorePhoto', deed('print'));
    expect(engine.pid).toBe(pid);
  });

  it('gives an error its code, message and details back', async () => {
    await expect(engine.call('restorePhoto', deed('refuse'))).rejects.toMatchObject({
      name: 'HeirloomError',
      code: 'input/empty',
      message: 'empty.jpg is empty',
      details: { bytes: 0 },
    });
    await expect(engine.call('restorePhoto', deed('break'))).rejects.toMatchObject({
      code: 'internal',
      message: 'not foreseen',
    });
  });

  it('passes at most ten steps a second on, and the last one always', async () => {
    const steps: number[] = [];
    const onEvent = (event: EngineEvent) => event.kind === 'step' && steps.push(event.step);
    const started = performance.now();
    await engine.call('restorePhoto', deed('steps'), { onEvent });
    const seconds = (performance.now() - started) / 1000;
    expect(steps.at(0)).toBe(1);
    expect(steps.at(-1)).toBe(200);
    expect(steps.length).toBeGreaterThan(2);
    expect(steps.length).toBeLessThanOrEqual(2 + seconds * 10);
  });

  it('cancels a running call and one that still waits its turn', async () => {
    const controller = new AbortController();
    const calls = [1, 2].map(() =>
      engine.call('restorePhoto', deed('wait'), { signal: controller.signal }).catch((e: unknown) => e),
    );
    setTimeout(() => controller.abort(), 100);
    for (const error of await Promise.all(calls)) expect(error).toMatchObject({ code: 'job/cancelled' });
    await engine.call('restorePhoto', deed('plain'));
  });

  it('refuses a call that is cancelled before it starts', async () => {
    const call = engine.call('restorePhoto', deed('plain'), { signal: AbortSignal.abort() });
    await expect(call).rejects.toMatchObject({ code: 'job/cancelled' });
  });

  it('rejects what a death interrupts with the reason, and starts again', async () => {
    const calls = ['die', 'plain'].map((d) =>
      engine.call('restorePhoto', deed(d)).catch((e: unknown) => e as { code: string; message: string }),
    );
    for (const error of await Promise.all(calls))
      expect(error).toMatchObject({
        code: 'engine/died',
        message: 'The engine process ended (exit code 7): Error: out of graphics memory',
      });
    await engine.call('restorePhoto', deed('plain'));
  });

  it('tries a photo again after one death', async () => {
    const file = join(folder, 'deaths');
    const { input } = await callTwice(engine, 'restorePhoto', deed(`die-once:${file}`));
    expect(input).toContain('die-once');
    expect(readFileSync(file, 'utf8')).toBe('xx');
  });

  it('gives a photo up after two deaths', async () => {
    await expect(callTwice(engine, 'restorePhoto', deed('die'))).rejects.toMatchObject({
      code: 'engine/died',
      message: expect.stringMatching(/^Gave up after two tries\..*exit code 7/) as string,
    });
  });

  it('refuses requests that the process does not serve or understand', async () => {
    await expect(engine.call('resources', {})).rejects.toMatchObject({ code: 'engine/protocol' });
    const wrong = { ...deed('plain'), input: '' };
    await expect(engine.call('restorePhoto', wrong)).rejects.toMatchObject({
      code: 'engine/protocol',
      message: expect.stringContaining('input') as string,
    });
  });

  it('leaves no process behind', async () => {
    const other = new EngineClient({ role: 'restore', entry });
    await other.call('restorePhoto', deed('plain'));
    const pid = other.pid ?? 0;
    await other.close();
    expect(other.pid).toBeUndefined();
    expect(alive(pid)).toBe(false);
    await other.close();
  });

  it('ends a process that hangs, however many calls join the queue behind it', async () => {
    const other = new EngineClient({ role: 'imaging', entry, silenceMs: 3000 });
    await other.call('restorePhoto', deed('plain'));
    const ended = other.call('restorePhoto', deed('hang')).then(
      () => 'done',
      (error: Error) => error.message,
    );
    const further = setInterval(
      () => void other.call('restorePhoto', deed('plain')).catch(() => undefined),
      200,
    );
    const late = new Promise((resolve) => setTimeout(resolve, 20_000, 'still there').unref());
    expect(await Promise.race([ended, late])).toContain('it hung');
    clearInterval(further);
    await other.close();
  });

  it('says so when the process cannot start', async () => {
    const missing = new EngineClient({ role: 'restore', entry: join(folder, 'missing.ts') });
    expect(existsSync(join(folder, 'missing.ts'))).toBe(false);
    await expect(missing.call('resources', {})).rejects.toMatchObject({
      code: 'engine/died',
      message: expect.stringContaining('exit code 1') as string,
    });
  });
});
