import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addRestorer } from '../../engine/add-restorer.ts';
import { readGolden } from '../../engine/models/golden.ts';
import { loadPack } from '../../engine/models/manifest.ts';
import { openPackSessions } from '../../engine/models/sessions.ts';
import { runCli } from '../fixtures/run-cli.ts';
import { TINY_PACK } from '../fixtures/tiny-pack.ts';

const restorer = (name: string) =>
  fileURLToPath(new URL(`../fixtures/restorers/${name}.onnx`, import.meta.url));

let target: string;
beforeEach(async () => {
  target = await mkdtemp(join(tmpdir(), 'heirloom-restorer-'));
});
afterEach(() => rm(target, { recursive: true }));

const add = (name: string) => addRestorer({ file: restorer(name), folder: TINY_PACK, target });

describe('addRestorer', () => {
  it('finds names, size and range, and makes a pack that restores with it', async () => {
    const added = await add('symmetric-64');
    expect(added).toMatchObject({ input: 'input', output: 'output', size: 64, range: 'symmetric' });
    expect(added.psnr).toBeGreaterThan(added.psnrOther);
    expect(added.id).toBe('tiny-32-with-symmetric-64');

    const pack = await loadPack(added.folder);
    const { y, restoration } = await readGolden(pack);
    const sessions = openPackSessions(pack, { provider: 'cpu' });
    const { picture: restored } = await sessions.restoration(y);
    await sessions.release();
    // The file keeps half floats.
    expect(Math.max(...restored.map((value, i) => Math.abs(value - restoration[i]!)))).toBeLessThan(1e-3);
    expect(restored).not.toEqual(y);
  });

  it('takes a network that leaves its size open at 512', async () => {
    const added = await add('open-size');
    expect(added).toMatchObject({ size: 512, range: 'unit' });
    expect(added.highest).toBeLessThanOrEqual(1);
  });

  it('says in the new pack what its restoration network is', async () => {
    const { folder } = await add('symmetric-64');
    const { manifest, facePower } = await loadPack(folder);
    expect(facePower, 'told from the picture of the restoration network that was replaced').toBeUndefined();
    expect(manifest.licence).toContain('restoration.onnx is symmetric-64.onnx');
    expect(await readFile(join(folder, 'MODEL_CARD.md'), 'utf8')).toContain('symmetric-64.onnx');
  });

  it.each([
    ['two-inputs', 'two-inputs.onnx has 2 inputs (x, w); expected one picture'],
    ['monochrome', 'takes x: float32 1 x 1 x 64 x 64; expected float32 1 x 3 x N x N'],
    ['size-48', 'takes x: float32 1 x 3 x 48 x 48'],
    ['enlarges', 'gives y: float32 1 x 3 x 128 x 64; expected float32 1 x 3 x 64 x 64'],
    ['black', 'black.onnx does not give the golden face back'],
    ['not-a-number', 'not-a-number.onnx does not give the golden face back: correlation 0.00'],
  ])('refuses %s, says why, and leaves nothing behind', async (name, message) => {
    await expect(add(name)).rejects.toThrow(message);
    expect(await readdir(target)).toEqual([]);
  });

  it('refuses what is no ONNX file, and a file that is not there', async () => {
    const file = join(target, 'notes.onnx');
    await writeFile(file, 'Dear diary');
    await expect(addRestorer({ file, folder: TINY_PACK, target })).rejects.toThrow(
      'notes.onnx: not an ONNX graph',
    );
    await expect(addRestorer({ file: '/nowhere.onnx', folder: TINY_PACK, target })).rejects.toMatchObject({
      code: 'input/not-found',
      message: '/nowhere.onnx: no such file',
    });
  });

  it('does not replace a pack that is there', async () => {
    await add('symmetric-64');
    await expect(add('symmetric-64')).rejects.toMatchObject({ code: 'pack/exists' });
    expect(await readdir(target)).toEqual(['tiny-32-with-symmetric-64']);
  });
});

describe('heirloom packs add-restorer', () => {
  it('says what it found and where the pack is, and the pack passes its check', async () => {
    const file = join(target, 'My GFP export.onnx');
    await cp(restorer('symmetric-64'), file);
    const { code, stdout } = await runCli([
      'packs',
      'add-restorer',
      file,
      '--pack',
      TINY_PACK,
      '--out',
      target,
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/values -1 to 1: gave -?[\d.]+ to [\d.]+, [\d.]+ dB to the golden face/);
    const folder = join(target, 'tiny-32-with-my-gfp-export');
    expect(stdout).toContain(folder);
    const check = await runCli(['packs', 'check', folder]);
    expect(check.stdout).toContain('provider cpu: works');
    expect(check.stdout).toMatch(/^ {2}hashes of \d+ files checked and passed$/m);
  });

  it('exits with 1 and the reason for one that does not fit', async () => {
    const { code, stderr } = await runCli([
      'packs',
      'add-restorer',
      restorer('black'),
      '--pack',
      TINY_PACK,
      '--out',
      target,
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain('black.onnx does not give the golden face back');
  });
});
