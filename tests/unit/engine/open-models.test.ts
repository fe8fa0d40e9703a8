import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { HeirloomError } from '../../../contract/errors.ts';
import { ModelShelf, type OpenModels } from '../../../engine/open-models.ts';
import { TINY_PACK } from '../../fixtures/tiny-pack.ts';

describe('ModelShelf', () => {
  let root: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'heirloom-shelf-'));
    vi.stubEnv('XDG_CACHE_HOME', join(root, 'cache'));
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    rmSync(root, { recursive: true });
  });

  it('forgets a stand-in that could not be opened, and dies of it no more than of any other', async () => {
    const folder = join(root, 'pack');
    const shelf = new ModelShelf();
    const failing = { provider: 'webgpu', verdicts: [], sessions: { release: () => sleep(300) } };
    vi.spyOn(shelf, 'get').mockResolvedValueOnce(failing as unknown as OpenModels);
    const work = () =>
      Promise.reject(new HeirloomError('provider/unavailable', 'device lost', { failed: 'webgpu' }));
    await expect(shelf.use(folder, 'cpu', work)).rejects.toMatchObject({ code: 'pack/not-found' });
    cpSync(TINY_PACK, folder, { recursive: true });
    expect((await shelf.get(folder, 'cpu')).provider).toBe('cpu');
  });

  it('opens a pack once, and anew where another one took the place of its folder', async () => {
    const folder = join(root, 'own');
    cpSync(TINY_PACK, folder, { recursive: true });
    const shelf = new ModelShelf();
    const first = await shelf.get(folder, 'cpu');
    expect(await shelf.get(folder, 'cpu')).toBe(first);
    // Removed and imported again, in a better version.
    rmSync(folder, { recursive: true });
    cpSync(TINY_PACK, folder, { recursive: true });
    const manifest = join(folder, 'manifest.json');
    const text = readFileSync(manifest, 'utf8');
    writeFileSync(
      manifest,
      text.replace(`"version": "${first.pack.manifest.version}"`, '"version": "99.0.0"'),
    );
    const second = await shelf.get(folder, 'cpu');
    expect(second.pack.manifest.version).toBe('99.0.0');
    expect(await shelf.get(folder, 'cpu')).toBe(second);
  });
});
