import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ApiEvent } from '../../../../contract/api.ts';
import type { PackReport } from '../../../../contract/engine.ts';
import type { Engine } from '../../../../main/engines.ts';
import { Packs } from '../../../../main/packs/packs.ts';
import { withoutFolder } from '../../../../main/packs/without-folder.ts';
import { temporaryFolder } from '../../../fixtures/make-pictures.ts';
import { makeZip } from '../../../fixtures/make-zip.ts';

let folder: string;
let packs: Packs;
let events: ApiEvent[];

/** Checks like the engine: what the manifest says is wrong is wrong. */
async function report(pack: string): Promise<PackReport> {
  const manifest = JSON.parse(await readFile(join(pack, 'manifest.json'), 'utf8')) as Record<string, string>;
  const { id = '', wrong } = manifest;
  if (wrong !== undefined)
    return { folder: pack, error: { code: 'pack/damaged', message: `${pack}/${wrong}` } };
  return { folder: pack, id, name: id, licence: 'MIT' };
}

const engine = {
  async call(method: string, params: { folder: string; folders: string[] }) {
    if (method === 'checkPack') return report(params.folder);
    const reports: PackReport[] = [];
    for (const parent of params.folders)
      for (const name of await readdir(parent)) reports.push(await report(join(parent, name)));
    return reports;
  },
} as unknown as Engine;

async function makePack(parent: string, id: string, more: Record<string, string> = {}): Promise<string> {
  const pack = join(folder, parent, basename(id));
  await mkdir(pack, { recursive: true });
  await writeFile(join(pack, 'manifest.json'), JSON.stringify({ id, name: id, licence: 'MIT', ...more }));
  return pack;
}

beforeEach(async () => {
  folder = await temporaryFolder();
  events = [];
  await makePack('bundled', 'family');
  packs = new Packs({
    bundled: join(folder, 'bundled'),
    own: join(folder, 'own'),
    temporary: join(folder, 'tmp'),
    engines: { imaging: engine, interactive: engine },
    emit: (event) => events.push(event),
  });
});
afterEach(() => rm(folder, { recursive: true }));

describe('Packs', () => {
  it('imports a folder, lists it, checks it and removes it', async () => {
    expect(await packs.import(await makePack('elsewhere', 'mine'))).toEqual({ key: 'mine' });
    const listed = (await packs.list()).map(({ key, bundled }) => [key, bundled]);
    expect(listed).toEqual([
      ['family', true],
      ['mine', false],
    ]);
    expect(await packs.folderOf('mine')).toBe(join(folder, 'own', 'mine'));
    expect(await packs.check('mine')).toEqual({ id: 'mine', name: 'mine', licence: 'MIT' });
    await packs.remove('mine');
    expect(await packs.list()).toHaveLength(1);
    expect(events).toEqual([{ kind: 'packs' }, { kind: 'packs' }]);
    expect(await readdir(join(folder, 'tmp'))).toEqual([]);
  });

  it('imports a zip', async () => {
    const manifest = Buffer.from(JSON.stringify({ id: 'zipped', name: 'Zipped', licence: 'MIT' }));
    await writeFile(join(folder, 'a.zip'), makeZip([{ name: 'zipped/manifest.json', data: manifest }]));
    expect(await packs.import(join(folder, 'a.zip'))).toEqual({ key: 'zipped' });
  });

  it('refuses a pack that the check finds fault with, names the file, and leaves nothing', async () => {
    const bad = await makePack('elsewhere', 'bad', { wrong: 'denoiser.onnx: other bytes' });
    const refused = packs.import(bad);
    await expect(refused).rejects.toMatchObject({
      code: 'pack/damaged',
      message: 'bad/denoiser.onnx: other bytes',
    });
    expect(existsSync(join(folder, 'own'))).toBe(false);
    expect(await readdir(join(folder, 'tmp'))).toEqual([]);
  });

  it.each(['../evil', '.hidden', 'a/b', '', 'x'.repeat(101)])('refuses the id %j', async (id) => {
    const source = await makePack('elsewhere', 'source');
    await writeFile(join(source, 'manifest.json'), JSON.stringify({ id }));
    await expect(packs.import(source)).rejects.toMatchObject({ code: 'pack/invalid' });
  });

  it('refuses an id that is there already', async () => {
    const again = await makePack('elsewhere', 'family');
    await expect(packs.import(again)).rejects.toMatchObject({ code: 'pack/exists' });
    await packs.import(await makePack('elsewhere', 'mine'));
    await expect(packs.import(join(folder, 'elsewhere', 'mine'))).rejects.toMatchObject({
      code: 'pack/exists',
    });
  });

  it('shows the model card with the licence, and says where there is none', async () => {
    await writeFile(join(folder, 'bundled', 'family', 'MODEL_CARD.md'), '# Family\n');
    expect(await packs.card('family')).toEqual({ markdown: '# Family\n\nLicence: MIT\n' });
    await cp(
      join(folder, 'bundled', 'family', 'manifest.json'),
      join(folder, 'own', 'bare', 'manifest.json'),
    );
    expect((await packs.card('bare')).markdown).toContain('no model card');
  });

  it('keeps what came with Heirloom', async () => {
    await expect(packs.remove('family')).rejects.toMatchObject({ code: 'argument/invalid' });
    expect(existsSync(join(folder, 'bundled', 'family'))).toBe(true);
  });

  it('a damaged pack is listed with what is wrong, without its place', async () => {
    await makePack('own', 'bad', { wrong: 'a.onnx' });
    const bad = (await packs.list()).find(({ key }) => key === 'bad');
    expect(bad).toEqual({
      key: 'bad',
      bundled: false,
      error: { code: 'pack/damaged', message: 'bad/a.onnx' },
    });
  });

  it('what providers say names the pack, not its place', () => {
    const verdicts = [{ provider: 'cpu' }, { provider: 'cuda', reason: 'cannot load /home/anna/p/a.onnx' }];
    expect(withoutFolder(verdicts, '/home/anna/p')).toEqual([
      { provider: 'cpu' },
      { provider: 'cuda', reason: 'cannot load p/a.onnx' },
    ]);
  });

  it.each(['none', '../bundled/family', '..', '.', '', '/etc', 'family/../family'])(
    'knows no pack %j',
    async (key) => {
      const calls = [packs.folderOf(key), packs.card(key), packs.check(key), packs.remove(key)];
      // Together: a call that is refused before anyone waits for it would count as an unhandled error.
      const refusals = await Promise.allSettled(calls);
      const refused = { status: 'rejected', reason: { code: 'pack/not-found' } };
      expect(refusals).toMatchObject([refused, refused, refused, refused]);
    },
  );
});
