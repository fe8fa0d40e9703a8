import { existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Checkpoint, type FinishedFace } from '../../../engine/checkpoint.ts';
import { temporaryFolder, writePicture } from '../../fixtures/make-pictures.ts';
import { noisePicture } from '../../fixtures/pictures.ts';

let root: string;
let input: string;
let folder: string;
beforeEach(async () => {
  root = await temporaryFolder();
  input = await writePicture(root, 'plain.png');
  folder = join(root, 'checkpoint');
});
afterEach(() => rmSync(root, { recursive: true }));

const open = (request: unknown = { seed: 1 }) => Checkpoint.open(folder, input, request);

function finished(seed: number, likeness?: number): FinishedFace {
  const image = { width: 16, height: 16, data: noisePicture(16, seed) };
  return {
    image,
    stdHat: 3.5,
    start: 400,
    steps: 15,
    seconds: 2.25,
    ...(likeness !== undefined && { likeness }),
  };
}

describe('Checkpoint', () => {
  it('gives back what it keeps, to the same request only', async () => {
    const checkpoint = await open();
    await checkpoint.keep({ index: 0 }, finished(1, 0.4));
    await checkpoint.keep({ index: 1 }, finished(2));
    const later = await open();
    expect(await later.recall({ index: 0 })).toEqual(finished(1, 0.4));
    expect(await later.recall({ index: 1 })).toEqual(finished(2));
    expect(await later.recall({ index: 2 })).toBeUndefined();
    expect(await (await open({ seed: 2 })).recall({ index: 0 })).toBeUndefined();
    utimesSync(input, new Date(0), new Date(0));
    expect(await (await open()).recall({ index: 0 })).toBeUndefined();
  });

  it('gives back the guides that were chosen for a face', async () => {
    const face = { ...finished(1), auto: { error: 0.5, guides: 2, spacing: 1 } };
    await (await open()).keep({ index: 0 }, face);
    expect(await (await open()).recall({ index: 0 })).toEqual(face);
  });

  it('takes no damaged file for a face', async () => {
    const checkpoint = await open();
    await checkpoint.keep({ index: 0 }, finished(1));
    const [name] = readdirSync(folder) as [string];
    const whole = readFileSync(join(folder, name));
    const flipped = Buffer.from(whole);
    flipped[whole.length - 1]! ^= 1;
    for (const bytes of [
      flipped,
      whole.subarray(0, -40),
      Buffer.alloc(0),
      Buffer.from('{}\n'),
      Buffer.from('?'),
    ]) {
      writeFileSync(join(folder, name), bytes);
      expect(await checkpoint.recall({ index: 0 })).toBeUndefined();
    }
  });

  it('removes its own files, and the folder unless something else is in it', async () => {
    const checkpoint = await open();
    await checkpoint.keep({ index: 0 }, finished(1));
    writeFileSync(join(folder, '.heirloom-half-written.tmp'), '');
    writeFileSync(join(folder, 'letter.txt'), 'mine');
    await checkpoint.remove();
    expect(readdirSync(folder)).toEqual(['letter.txt']);
    rmSync(join(folder, 'letter.txt'));
    await checkpoint.remove();
    expect(existsSync(folder)).toBe(false);
    await checkpoint.remove();
  });

  it('spares time only: where it cannot write, nothing fails', async () => {
    const nowhere = await Checkpoint.open(join(input, 'folder'), input, {});
    await nowhere.keep({ index: 0 }, finished(1));
    expect(await nowhere.recall({ index: 0 })).toBeUndefined();
    await nowhere.remove();
  });
});
