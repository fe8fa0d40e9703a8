import { rmSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Box, FaceDetector } from '../../../engine/faces/types.ts';
import type { RgbImage } from '../../../engine/image/types.ts';
import { locateFace } from '../../../engine/locate-face.ts';
import { fakeFace } from '../../fixtures/fake-faces.ts';
import { gradient, temporaryFolder } from '../../fixtures/make-pictures.ts';

const WIDTH = 800;
const HEIGHT = 600;

let folder: string;
let input: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  input = join(folder, 'photo.png');
  await sharp(gradient(WIDTH, HEIGHT), { raw: { width: WIDTH, height: HEIGHT, channels: 3 } }).toFile(input);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Sees a face of 100 pixels in the middle of what it is shown, and a small one in its corner. */
function detector(shown: RgbImage[] = []): FaceDetector {
  return {
    name: 'middle/1',
    detect: (image) => {
      shown.push(image);
      const { width, height } = image;
      const corner = fakeFace({ x: 20, y: 20, size: 24 }, width, height);
      return Promise.resolve([corner, fakeFace({ x: width / 2, y: height / 2, size: 100 }, width, height)]);
    },
    landmarks: () => Promise.resolve(null),
    descriptor: () => Promise.resolve(new Float32Array(128)),
  };
}

const blind: FaceDetector = { ...detector(), detect: () => Promise.resolve([]) };

/** A box of pixels, normalised. */
function box(x: number, y: number, width: number, height: number): Box {
  return { x: x / WIDTH, y: y / HEIGHT, width: width / WIDTH, height: height / HEIGHT };
}

describe('locateFace', () => {
  it('takes the face that the detector sees inside the box, in coordinates of the picture', async () => {
    const shown: RgbImage[] = [];
    const found = await locateFace({ input, box: box(400, 300, 50, 60) }, detector(shown), undefined);
    // 60 % of the longer side around the box: 36 pixels.
    expect(shown.map(({ width, height }) => [width, height])).toEqual([[122, 132]]);
    expect([shown[0]?.data[0], shown[0]?.data[1]]).toEqual([
      gradient(WIDTH, HEIGHT)[3 * (264 * WIDTH + 364)],
      gradient(WIDTH, HEIGHT)[3 * (264 * WIDTH + 364) + 1],
    ]);
    expect(found).toMatchObject({ guessed: false, face: { turn: 0 } });
    expect(found.sizePx).toBeCloseTo(100, 3);
    expect(found.face.box.x * WIDTH).toBeCloseTo(364 + 61 - 25, 3);
    expect(found.face.box.y * HEIGHT).toBeCloseTo(264 + 66 - 25, 3);
    expect(found.face.landmarks).toHaveLength(68);
  });

  it('guesses from the box where nothing is seen there', async () => {
    for (const eyes of [blind, detector()]) {
      const drawn = eyes === blind ? box(300, 200, 110, 132) : box(-20, 100, 400, 400);
      const found = await locateFace({ input, box: drawn }, eyes, undefined);
      expect(found.guessed).toBe(true);
      expect(found.face.box).toEqual(drawn);
      // The mean face's square is 1 / 0.55 of the box wide; its own proportions make the aligned one about as large.
      const { sizePx } = found;
      const wide = (drawn.width * WIDTH) / 0.55;
      expect(sizePx / wide).toBeGreaterThan(0.9);
      expect(sizePx / wide).toBeLessThan(1.1);
    }
  });

  it('refuses boxes that hold nothing of the picture', async () => {
    for (const drawn of [box(0, 0, 0, 10), box(10, 10, -5, 5), box(900, 100, 50, 50)]) {
      await expect(locateFace({ input, box: drawn }, blind, undefined)).rejects.toMatchObject({
        code: 'argument/invalid',
        message: expect.stringContaining('800 x 600') as string,
      });
    }
    const missing = locateFace({ input: join(folder, 'no.png'), box: box(0, 0, 9, 9) }, blind, undefined);
    await expect(missing).rejects.toMatchObject({ code: 'input/not-found' });
  });
});
