import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { EngineClient } from '../../engine/client.ts';
import { removeFolder } from '../fixtures/open-test-application.ts';
import { TINY_PACK } from '../fixtures/tiny-pack.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'heirloom-telemetry-'));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await removeFolder(home);
});

it('keeps onnxruntime from naming the machine and from writing down what it does', async () => {
  for (const name of ['HOME', 'XDG_CACHE_HOME', 'LOCALAPPDATA']) vi.stubEnv(name, home);
  // onnxruntime is silent by itself on machines that only run tests.
  for (const name of Object.keys(process.env))
    if (/^(CI|GITHUB_|VITEST|NODE_ENV)/.test(name)) vi.stubEnv(name, undefined);
  const engine = new EngineClient({ role: 'restore' });
  const report = await engine.call('checkPack', { folder: TINY_PACK });
  await engine.close();
  expect(report.providers?.find(({ provider }) => provider === 'cpu')?.usable).toBe(true);
  const files = await readdir(home, { recursive: true });
  expect(files.filter((file) => /microsoft|onnxruntime|deviceid/i.test(file))).toEqual([]);
});
