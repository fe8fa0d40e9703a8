import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodePhoto, openPhotoFile } from '../../../engine/image/decode.ts';
import { writeTiles } from '../../../engine/image/tiles.ts';
import { cropFace, makeTiles, renderPicture } from '../../../engine/render-picture.ts';
import { fakeFace } from '../../fixtures/fake-faces.ts';
import { gradient, orientedJpeg, temporaryFolder, writePicture } from '../../fixtures/make-pictures.ts';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (name: string) => join(folder, name);
const large = (width: number, height: number) =>
  sharp(gradient(width, height), { raw: { width, height, channels: 3 } });

/** Noise, which no tile can compress. */
function noise(width: number, height: number) {
  const background = { r: 0, g: 0, b: 0 };
  const create = { width, height, channels: 3 as const, background };
  return { create: { ...create, noise: { type: 'gaussian' as const, mean: 128, sigma: 60 } } };
}

/** Red of a pixel: `gradient` tells its column by it. */
async function redAt(path: string, x: number, y: number): Promise<number> {
  const { image } = await decodePhoto(path);
  return image.data[3 * (y * image.width + x)]!;
}

describe('renderPicture', () => {
  it('gives the whole picture or a smaller one, as WebP or JPEG, never a larger one', async () => {
    const input = at('photo.png');
    await large(300, 200).png().toFile(input);
    const render = (output: string, longSide: number | null) =>
      renderPicture({ input, output: at(output), longSide });
    expect(await render('full.webp', null)).toEqual({ width: 300, height: 200 });
    expect(await render('view.jpg', 150)).toEqual({ width: 150, height: 100 });
    expect(await render('same.webp', 4000)).toEqual({ width: 300, height: 200 });
    const { metadata } = await decodePhoto(at('view.jpg'));
    expect(metadata).toMatchObject({ format: 'jpeg', width: 150, height: 100 });
    expect(await redAt(at('full.webp'), 150, 100)).toBeCloseTo(125, -1);
  });

  it('stands upright', async () => {
    writeFileSync(at('photo.jpg'), await orientedJpeg(6));
    expect(await renderPicture({ input: at('photo.jpg'), output: at('a.webp'), longSide: null })).toEqual({
      width: 48,
      height: 32,
    });
    expect(await redAt(at('a.webp'), 2, 16)).toBeLessThan(60);
  });

  it('keeps transparency in WebP and shows white through it in JPEG', async () => {
    const clear = sharp({
      create: { width: 32, height: 32, channels: 4, background: { r: 9, g: 9, b: 9, alpha: 0 } },
    });
    await clear.png().toFile(at('clear.png'));
    await renderPicture({ input: at('clear.png'), output: at('clear.jpg'), longSide: null });
    expect(await redAt(at('clear.jpg'), 16, 16)).toBe(255);
    await renderPicture({ input: at('clear.png'), output: at('clear.webp'), longSide: null });
    expect((await decodePhoto(at('clear.webp'))).metadata.alpha?.[0]).toBe(0);
  });

  it('shrinks what WebP cannot hold', async () => {
    await large(17_000, 20).png().toFile(at('wide.png'));
    const { width } = await renderPicture({ input: at('wide.png'), output: at('wide.webp'), longSide: null });
    expect(width).toBe(16_383);
  });

  it('refuses other formats, damaged files and the photo itself', async () => {
    const input = await writePicture(folder, 'truncated.png');
    await expect(renderPicture({ input, output: at('a.webp'), longSide: 32 })).rejects.toMatchObject({
      code: 'input/damaged',
    });
    await expect(renderPicture({ input, output: at('a.png'), longSide: 32 })).rejects.toMatchObject({
      code: 'argument/invalid',
    });
    const own = await writePicture(folder, 'plain.jpg');
    await expect(renderPicture({ input: own, output: own, longSide: 32 })).rejects.toMatchObject({
      code: 'output/exists',
    });
    expect(readdirSync(folder).sort()).toEqual(['plain.jpg', 'truncated.png']);
  });
});

describe('makeTiles', () => {
  it('covers every level, each half of the one before, the last in one tile', async () => {
    const input = at('scan.png');
    await large(1300, 901).png().toFile(input);
    mkdirSync(at('tiles'));
    writeFileSync(at('tiles/old.webp'), 'old');
    const made = await makeTiles({ input, folder: at('tiles'), tileSize: 256 });
    expect(made).toEqual({ levels: 4, width: 1300, height: 901 });
    for (let level = 0; level < 4; level++) {
      const [width, height] = [1300, 901].map((side) => Math.ceil(side / 2 ** level)) as [number, number];
      const names = readdirSync(at(`tiles/${level}`));
      expect(names).toHaveLength(Math.ceil(width / 256) * Math.ceil(height / 256));
      const [column, row] = [Math.ceil(width / 256) - 1, Math.ceil(height / 256) - 1];
      const last = await sharp(at(`tiles/${level}/${column}_${row}.webp`)).metadata();
      expect([last.width, last.height]).toEqual([width - 256 * column, height - 256 * row]);
    }
    expect(readdirSync(at('tiles')).sort()).toEqual(['0', '1', '2', '3']);
    expect(readdirSync(folder).sort()).toEqual(['scan.png', 'tiles']);
    // Column 700 of 1300: tile 2 from the left, 188 pixels in.
    expect(
      Math.abs((await redAt(at('tiles/0/2_1.webp'), 188, 100)) - (30 + (190 * 700) / 1299)),
    ).toBeLessThan(4);
  });

  it('stands upright, also where the scan lies on its side', async () => {
    const lying = large(700, 400).withMetadata({ orientation: 6 }).jpeg();
    await lying.toFile(at('scan.jpg'));
    const made = await makeTiles({ input: at('scan.jpg'), folder: at('tiles'), tileSize: 512 });
    expect(made).toEqual({ levels: 2, width: 400, height: 700 });
    expect(await sharp(at('tiles/0/0_1.webp')).metadata()).toMatchObject({ width: 400, height: 188 });
  });

  it('takes one tile for a small picture, and HEIC', async () => {
    const input = await writePicture(folder, 'plain.heic');
    expect(await makeTiles({ input, folder: at('t'), tileSize: 512 })).toMatchObject({
      levels: 1,
      width: 96,
    });
    expect(readdirSync(at('t/0'))).toEqual(['0_0.webp']);
  });

  it('leaves nothing behind of a damaged picture', async () => {
    const input = await writePicture(folder, 'truncated.png');
    const making = makeTiles({ input, folder: at('tiles'), tileSize: 64 });
    await expect(making).rejects.toMatchObject({ code: 'input/damaged' });
    expect(readdirSync(folder)).toEqual(['truncated.png']);
  });

  it('says where it cannot write', async () => {
    const input = await writePicture(folder, 'plain.png');
    const making = makeTiles({ input, folder: join(input, 'tiles'), tileSize: 64 });
    await expect(making).rejects.toMatchObject({ code: 'output/unwritable' });
    expect(existsSync(join(input, 'tiles'))).toBe(false);
  });
});

describe('writeTiles', () => {
  it('says where libvips cannot write', async () => {
    const input = await writePicture(folder, 'plain.png');
    const writing = writeTiles(await openPhotoFile(input), join(input, 'tiles'), 64);
    await expect(writing).rejects.toMatchObject({
      code: 'output/unwritable',
      message: expect.stringContaining('Not a directory') as string,
    });
  });

  it('notices a full disk, of which libvips only warns', async ({ skip }) => {
    mkdirSync(at('full'));
    const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=100k', 'tmpfs', at('full')]);
    if (mount.status !== 0) {
      const reason = 'no file system can be mounted here';
      console.log(`skipped: ${reason}`);
      skip(reason);
    }
    try {
      await sharp(noise(900, 700)).toFile(at('photo.png'));
      const writing = makeTiles({ input: at('photo.png'), folder: at('full/tiles'), tileSize: 64 });
      await expect(writing).rejects.toMatchObject({ code: 'output/unwritable' });
      expect(readdirSync(at('full'))).toEqual([]);
    } finally {
      spawnSync('umount', [at('full')]);
    }
  });
});

describe('cropFace', () => {
  it('shows the aligned square, shrunk or enlarged', async () => {
    const input = at('photo.jpg');
    await large(1200, 900).jpeg({ quality: 98 }).toFile(input);
    const { box, landmarks, turn } = fakeFace({ x: 600, y: 450, size: 400 }, 1200, 900);
    for (const size of [64, 512]) {
      await cropFace({ input, face: { box, landmarks, turn }, size, output: at('face.webp') });
      const { image } = await decodePhoto(at('face.webp'));
      expect([image.width, image.height]).toEqual([size, size]);
      // The square reaches from column 400 to 800.
      const [left, right] = [await redAt(at('face.webp'), 1, 20), await redAt(at('face.webp'), size - 2, 20)];
      expect(Math.abs(left - (30 + (190 * 402) / 1199))).toBeLessThan(5);
      expect(Math.abs(right - (30 + (190 * 798) / 1199))).toBeLessThan(5);
    }
  });

  it('refuses landmarks that no face can have', async () => {
    const input = await writePicture(folder, 'plain.png');
    const landmarks = Array.from({ length: 68 }, () => ({ x: 0.5, y: 0.5 }));
    const face = { box: { x: 0, y: 0, width: 1, height: 1 }, landmarks, turn: 0 as const };
    await expect(cropFace({ input, face, size: 64, output: at('a.webp') })).rejects.toMatchObject({
      code: 'argument/invalid',
    });
    expect(existsSync(at('a.webp'))).toBe(false);
  });
});
