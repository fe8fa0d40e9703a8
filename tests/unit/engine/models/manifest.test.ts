import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { listPacks, loadPack, manifestSchema, sha256 } from '../../../../engine/models/manifest.ts';
import { copyTinyPack, TINY_PACK } from '../../../fixtures/tiny-pack.ts';

type Json = Record<string, unknown>;

async function readManifest(dir: string): Promise<Json> {
  return JSON.parse(await readFile(path.join(dir, 'manifest.json'), 'utf8')) as Json;
}

/** A copy of the tiny pack whose manifest went through `change`. */
async function packWith(change: (manifest: Json) => Json): Promise<string> {
  const dir = await copyTinyPack();
  await writeFile(path.join(dir, 'manifest.json'), JSON.stringify(change(await readManifest(dir))));
  return dir;
}

function withFile(manifest: Json, file: string, change: Json): Json {
  const files = manifest.files as Record<string, Json>;
  return { ...manifest, files: { ...files, [file]: { ...files[file], ...change } } };
}

describe('loadPack', () => {
  it('gives manifest, table and a hash that names the pack', async () => {
    const pack = await loadPack(TINY_PACK);
    expect(pack.manifest).toMatchObject({ id: 'tiny-32', resolution: 32, prediction: 'x0' });
    expect(pack.dsst.std).toHaveLength(150);
    expect(pack.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(path.isAbsolute(pack.dir)).toBe(true);
  });

  it('refuses a folder that is not there', async () => {
    await expect(loadPack('/nowhere/pack')).rejects.toMatchObject({
      code: 'pack/not-found',
      message: '/nowhere/pack is not a folder',
    });
  });

  it('refuses a missing manifest, and one that is not JSON', async () => {
    const dir = await copyTinyPack();
    await writeFile(path.join(dir, 'manifest.json'), '{"formatVersion": 1');
    await expect(loadPack(dir)).rejects.toMatchObject({
      code: 'pack/invalid',
      message: `${dir}/manifest.json is not JSON`,
    });
    await rm(path.join(dir, 'manifest.json'));
    await expect(loadPack(dir)).rejects.toMatchObject({
      code: 'pack/invalid',
      message: `${dir}/manifest.json is missing or unreadable`,
    });
  });

  it('refuses a newer format before anything else of it', async () => {
    const dir = await packWith(() => ({ formatVersion: 2, everything: 'else' }));
    const message = `${dir}/manifest.json has format 2; this Heirloom reads up to 1`;
    await expect(loadPack(dir)).rejects.toMatchObject({ code: 'pack/too-new', message });
  });

  it('refuses a missing file', async () => {
    const dir = await copyTinyPack();
    await rm(path.join(dir, 'dgsa.onnx'));
    await expect(loadPack(dir)).rejects.toMatchObject({
      code: 'pack/damaged',
      message: `${dir}/dgsa.onnx is missing`,
    });
  });

  it('refuses a file of another size', async () => {
    const dir = await copyTinyPack();
    await appendFile(path.join(dir, 'denoiser.onnx'), 'x');
    const message = `${dir}/denoiser.onnx has 209 bytes; the manifest says 208`;
    await expect(loadPack(dir)).rejects.toMatchObject({ code: 'pack/damaged', message });
  });

  it('refuses a flipped bit', async () => {
    const dir = await copyTinyPack();
    const file = path.join(dir, 'denoiser-guided.onnx');
    const bytes = await readFile(file);
    bytes[4000] = bytes[4000]! ^ 1;
    await writeFile(file, bytes);
    const message = expect.stringContaining(`${file} has SHA-256`) as string;
    await expect(loadPack(dir)).rejects.toMatchObject({ code: 'pack/damaged', message });
  });

  it.each(['../dgsa.onnx', '/etc/passwd', 'a\\b.onnx', '..', '.hidden', 'sub/file.onnx', ''])(
    'refuses the file name %j',
    async (name) => {
      const dir = await packWith((manifest) => withFile(manifest, 'dgsa', { name }));
      const message = `${dir}/manifest.json: files.dgsa.name: not a plain file name`;
      await expect(loadPack(dir)).rejects.toMatchObject({ code: 'pack/invalid', message });
    },
  );

  it('refuses a table for another size', async () => {
    const dir = await packWith((manifest) => ({ ...manifest, resolution: 64 }));
    const message = `${dir}/dsst.json is for size 32; the pack's is 64`;
    await expect(loadPack(dir)).rejects.toMatchObject({ code: 'pack/invalid', message });
  });

  it('reads the powers of faces where it has them, and refuses those for another size', async () => {
    expect((await loadPack(TINY_PACK)).facePower?.resolution).toBe(32);
    const none = await packWith((manifest) => {
      const { facePower: _, ...files } = manifest.files as Json;
      return { ...manifest, files };
    });
    expect((await loadPack(none)).facePower).toBeUndefined();
    const table = JSON.parse(await readFile(path.join(TINY_PACK, 'face-power.json'), 'utf8')) as Json;
    const bytes = Buffer.from(JSON.stringify({ ...table, resolution: 64 }));
    const entry = { sha256: sha256(bytes), bytes: bytes.length };
    const other = await packWith((manifest) => withFile(manifest, 'facePower', entry));
    await writeFile(path.join(other, 'face-power.json'), bytes);
    const message = `${other}/face-power.json is for size 64; the pack's is 32`;
    await expect(loadPack(other)).rejects.toMatchObject({ code: 'pack/invalid', message });
  });

  it('refuses a table that starts beyond the schedule', async () => {
    const schedule = (steps: number) => ({ kind: 'linear', betaStart: 0.0001, betaEnd: 0.02, steps });
    const latest = (await loadPack(TINY_PACK)).dsst.t.at(-1)!;
    const tooShort = await packWith((manifest) => ({ ...manifest, schedule: schedule(latest - 1) }));
    const message = `${tooShort}/dsst.json starts at timestep ${latest}; the manifest's schedule has ${latest - 1} steps`;
    await expect(loadPack(tooShort)).rejects.toMatchObject({ code: 'pack/invalid', message });
    const enough = await packWith((manifest) => ({ ...manifest, schedule: schedule(latest) }));
    expect((await loadPack(enough)).manifest.schedule.steps).toBe(latest);
  });

  it.each<[string, Json, string]>([
    ['a size that is no power of two', { resolution: 200 }, 'resolution: not a power of two'],
    ['a prediction it does not know', { prediction: 'epsilon' }, 'prediction'],
    ['knots that fall', { stdKnots: [0.1, 2, 1] }, 'stdKnots: does not rise'],
    ['an empty std axis', { stdAxis: { min: 3, max: 3, step: 1 } }, 'stdAxis: min is not below max'],
    ['no presets', { presets: [] }, 'presets'],
    [
      'betas the wrong way round',
      { schedule: { kind: 'linear', betaStart: 0.5, betaEnd: 0.1, steps: 10 } },
      'betaStart is above betaEnd',
    ],
    ['an id with a slash', { id: 'a/b' }, 'id: not lower-case letters'],
  ])('refuses %s', async (_, change, reason) => {
    const dir = await packWith((manifest) => ({ ...manifest, ...change }));
    const message = expect.stringContaining(reason) as string;
    await expect(loadPack(dir)).rejects.toMatchObject({ code: 'pack/invalid', message });
  });
});

describe('manifestSchema', () => {
  const presets = async () => (await readManifest(TINY_PACK)).presets as Json[];
  const check = async (changed: Json[]) =>
    manifestSchema.safeParse({ ...(await readManifest(TINY_PACK)), presets: changed }).error?.issues[0]
      ?.message;

  it('refuses presets that contradict themselves', async () => {
    const [faithful, balanced, detailed] = (await presets()) as [Json, Json, Json];
    expect(await check([faithful, balanced, detailed])).toBeUndefined();
    expect(await check([faithful, faithful])).toBe('an id twice');
    expect(await check([{ ...faithful, weights: [1] }])).toBe('not one weight a guide');
    expect(await check([{ ...faithful, leastBlur: 3, mostBlur: 2 }])).toBe('below leastBlur');
    expect(await check([{ ...faithful, rho: 5 }, detailed])).toBe('faithful has a greater rho than detailed');
  });
});

describe('a table of guides by confidence', () => {
  const check = async (auto: Json) =>
    manifestSchema.safeParse({ ...(await readManifest(TINY_PACK)), auto }).error?.issues[0]?.message;
  const sure = { error: 0.8, guides: 1, spacing: 1 };
  const unsure = { guides: 4, spacing: 2, rho: 0.1 };

  it('takes bounds that rise to a level without one', async () => {
    expect(await check({ levels: [sure, { ...sure, error: 1.5 }, unsure] })).toBeUndefined();
    expect(await check({ relative: true, levels: [unsure] })).toBeUndefined();
  });

  it.each<[string, Json[]]>([
    ['no level', []],
    ['a last level with a bound', [sure]],
    ['bounds that fall', [sure, { ...sure, error: 0.5 }, unsure]],
    ['a level without a bound before the last', [unsure, unsure]],
  ])('refuses %s', async (_, levels) => {
    expect(await check({ levels })).toMatch(/bounds do not rise|Too small/);
  });

  it('refuses guides and errors that cannot be', async () => {
    expect(await check({ levels: [{ ...unsure, guides: 5 }] })).toBeDefined();
    expect(await check({ levels: [{ ...sure, error: 0 }, unsure] })).toBeDefined();
  });
});

describe('listPacks', () => {
  it('lists good and bad packs, each with its reason, and no missing folder', async () => {
    const good = await copyTinyPack();
    const parent = path.dirname(good);
    const bad = path.join(parent, 'zz-bad');
    await mkdir(bad);
    const listings = await listPacks(['/nowhere', parent]);
    expect(listings).toEqual([
      { dir: good, pack: expect.objectContaining({ dir: good }) as unknown },
      { dir: bad, error: expect.objectContaining({ code: 'pack/invalid' }) as unknown },
    ]);
  });
});
