import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it, vi } from 'vitest';
import type { EngineParamsInput } from '../../../contract/engine.ts';
import { IdleEngine } from '../../../main/engines.ts';

const engineEntry = fileURLToPath(new URL('../../fixtures/fake-engine.ts', import.meta.url));

let engine: IdleEngine;
afterEach(() => engine.close());

function request(input: string): EngineParamsInput<'restorePhoto'> {
  return { input, output: null, settings: {}, models: { pack: '/none', provider: 'cpu' } };
}

it('is ended when nothing was asked for a while, and starts again', async () => {
  engine = new IdleEngine('restore', { engineEntry }, 50);
  expect(engine.running).toBe(false);
  await engine.call('restorePhoto', request('a.jpg'));
  expect(engine.running).toBe(true);
  await vi.waitFor(() => expect(engine.running).toBe(false), { timeout: 10_000 });
  expect((await engine.call('restorePhoto', request('b.jpg'))).status).toBe('no-faces');
});

it('is not ended while it works', async () => {
  engine = new IdleEngine('restore', { engineEntry }, 20);
  const signal = AbortSignal.timeout(300);
  const long = engine.call('restorePhoto', request('wait'), { signal });
  const short = engine.call('restorePhoto', request('a.jpg'));
  await sleep(100);
  expect(engine.running).toBe(true);
  await expect(long).rejects.toMatchObject({ code: 'job/cancelled' });
  expect((await short).status).toBe('no-faces');
});

it('answers a call that comes while it is being ended', async () => {
  engine = new IdleEngine('restore', { engineEntry }, 1);
  for (let i = 0; i < 5; i++) {
    await engine.call('restorePhoto', request('a.jpg'));
    await sleep(2);
  }
});

it('closed, ends what it does and starts no more', async () => {
  engine = new IdleEngine('restore', { engineEntry });
  const long = engine.call('restorePhoto', request('wait'));
  await vi.waitFor(() => expect(engine.running).toBe(true));
  await sleep(200);
  await Promise.all([engine.close(), expect(long).rejects.toThrow()]);
  await expect(engine.call('restorePhoto', request('a.jpg'))).rejects.toMatchObject({
    code: 'job/cancelled',
  });
});
