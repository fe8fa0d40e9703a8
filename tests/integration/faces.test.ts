import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { cropTransform, faceSizePx } from '../../engine/faces/alignment.ts';
import { createFaceDetector } from '../../engine/faces/detector.ts';
import { identityDistance } from '../../engine/faces/identity.ts';
import type { DetectedFace, FaceDetector, Point } from '../../engine/faces/types.ts';
import { decodePhoto } from '../../engine/image/decode.ts';
import { rotateQuarter, toRgb, warpAffine } from '../../engine/image/geometry.ts';
import type { RgbImage } from '../../engine/image/types.ts';

const SAMPLES = fileURLToPath(new URL('../../samples/', import.meta.url));
const SOLVAY = fileURLToPath(new URL('../../../shared/photos/solvay-1927.png', import.meta.url));

const photos = readdirSync(SAMPLES).filter((name) => name.endsWith('.jpg'));
const hasSolvay = existsSync(SOLVAY);
const GARLAND = fileURLToPath(new URL('../../../shared/photos/old-g.png', import.meta.url));
if (photos.length === 0) console.warn(`Skipped: no pictures in ${SAMPLES}`);
if (!hasSolvay) console.warn(`Skipped: no ${SOLVAY}`);

let detector: FaceDetector;
beforeAll(async () => {
  detector = await createFaceDetector();
});

async function read(path: string): Promise<RgbImage> {
  return (await decodePhoto(path)).image;
}

function picture(width: number, height: number, value: (x: number, y: number) => number[]): RgbImage {
  const data = new Uint8Array(3 * width * height);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 3) data.set(value(x, y), i);
  }
  return { width, height, depth: 8, data };
}

function noise(): () => number {
  let state = 7;
  return () => (state = (state * 1103515245 + 12345) % 2147483648) % 256;
}

/** A sample with several faces, going by its name. */
function groupPhoto(): string {
  return SAMPLES + (photos.find((name) => /family|group/.test(name)) ?? photos[0]!);
}

describe('a photo in grey', () => {
  it.skipIf(!existsSync(GARLAND))('has the face that it has in sepia', async () => {
    const sepia = await read(GARLAND);
    const grey = { ...sepia, data: sepia.data.slice() };
    for (let i = 0; i < grey.data.length; i += 3) {
      const [r, g, b] = sepia.data.subarray(i, i + 3) as Uint8Array;
      grey.data.fill(Math.round(0.299 * r! + 0.587 * g! + 0.114 * b!), i, i + 3);
    }
    const [[inSepia], [inGrey]] = [await detector.detect(sepia), await detector.detect(grey)];
    expect(inGrey!.confidence).toBeGreaterThan(0.5);
    for (const side of ['x', 'y', 'width', 'height'] as const)
      expect(Math.abs(inGrey!.box[side] - inSepia!.box[side])).toBeLessThan(0.06);
  });
});

describe('pictures without faces', () => {
  it('finds none in noise', async () => {
    const next = noise();
    expect(await detector.detect(picture(600, 400, () => [next(), next(), next()]))).toEqual([]);
  });

  it('finds none in sky and land', async () => {
    const land = picture(800, 600, (x, y) =>
      y < 350 ? [120 + y / 4, 160 + y / 5, 230] : [90 + 30 * Math.sin(x / 60), 130 - y / 10, 60],
    );
    expect(await detector.detect(land)).toEqual([]);
  });

  it('finds none on a single pixel and in a strip', async () => {
    expect(await detector.detect(picture(1, 1, () => [9, 9, 9]))).toEqual([]);
    expect(await detector.detect(picture(4000, 10, (x) => [x % 256, 0, 0]))).toEqual([]);
  });
});

describe('name', () => {
  it('says the networks and their version', () => {
    expect(detector.name).toMatch(/^face-api-ssd\/\d+\.\d+\.\d+$/);
  });
});

describe('bad input', () => {
  it('refuses pictures whose samples do not match their size', async () => {
    const broken = { width: 20, height: 10, depth: 8 as const, data: new Uint8Array(7) };
    await expect(detector.detect(broken)).rejects.toThrow('20 x 10 with 7');
    await expect(detector.landmarks(broken)).rejects.toThrow('20 x 10 with 7');
    await expect(detector.descriptor({ ...broken, width: 0 })).rejects.toThrow('0 x 10 with 7');
  });
});

describe.skipIf(photos.length === 0)('the samples', () => {
  it.each(photos)('finds faces of a sound size in %s', { timeout: 60_000 }, async (name) => {
    const image = await read(SAMPLES + name);
    const faces = await detector.detect(image);
    expect(faces.length).toBeGreaterThan(0);
    for (const face of faces) {
      expect(face.confidence).toBeGreaterThan(0.25);
      expect(face.landmarks).toHaveLength(68);
      expect(faceSizePx(face, image.width, image.height)).toBeGreaterThan(16);
    }
    if (name.includes('sideways')) expect(faces[0]!.turn % 180).toBe(90);
  });

  it('finds the same twice, and keeps no tensor', async () => {
    const image = await read(groupPhoto());
    const first = await detector.detect(image);
    const tensors = tf.memory().numTensors;
    expect(await detector.detect(image)).toEqual(first);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it.each([90, 180] as const)('finds the same faces in a picture turned by %i degrees', async (turn) => {
    const image = await read(groupPhoto());
    const upright = await detector.detect(image);
    const turned = rotateQuarter(image, turn);
    const found = await detector.detect(turned);
    expect(found).toHaveLength(upright.length);
    for (const face of found) {
      expect(face.turn).toBe(360 - turn);
      const back = face.landmarks.map(({ x, y }) =>
        turn === 90 ? { x: y, y: 1 - x } : { x: 1 - x, y: 1 - y },
      );
      const distances = upright.map((other) => meanDistance(back, other, image));
      expect(Math.min(...distances)).toBeLessThan(0.05);
    }
  });

  it('sees the face again in its aligned crop, at the place that alignment gives it', async () => {
    const image = await read(groupPhoto());
    const tensors = tf.memory().numTensors;
    for (const face of await detector.detect(image)) {
      const crop = toRgb(warpAffine(image, cropTransform(face, image.width, image.height, 256), 256, 256), 8);
      const landmarks = await detector.landmarks(crop);
      expect(landmarks).not.toBeNull();
      const [a, , c, , e, f] = cropTransform({ landmarks: landmarks! }, 256, 256, 256);
      for (const offset of [256 * (a - 1), 256 * (e - 1), c, f])
        expect(Math.abs(offset)).toBeLessThan(0.1 * 256);
    }
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('describes one face alike in two crops, and two faces unlike', async () => {
    const image = await read(groupPhoto());
    const faces = (await detector.detect(image)).slice(0, 2);
    const describeAt = (face: DetectedFace, size: number) =>
      detector.descriptor(
        toRgb(warpAffine(image, cropTransform(face, image.width, image.height, size), size, size), 8),
      );
    const [first, again] = [await describeAt(faces[0]!, 256), await describeAt(faces[0]!, 200)];
    expect(first).toHaveLength(128);
    expect(identityDistance(first, again)).toBeLessThan(0.1);
    if (faces[1]) expect(identityDistance(first, await describeAt(faces[1], 256))).toBeGreaterThan(0.2);
  });

  it('sees no landmarks in a crop without a face', async () => {
    const next = noise();
    expect(await detector.landmarks(picture(256, 256, () => [next(), next(), next()]))).toBeNull();
  });
});

describe.skipIf(!hasSolvay)('the Solvay conference of 1927', () => {
  it('has at least 26 of its 29 faces found, and nothing else', { timeout: 60_000 }, async () => {
    const faces = await detector.detect(await read(SOLVAY));
    expect(faces.length).toBeGreaterThanOrEqual(26);
    expect(faces.length).toBeLessThanOrEqual(29);
    // All heads lie in the upper half, and no two faces share a place.
    for (const [i, { box }] of faces.entries()) {
      expect(box.y + box.height).toBeLessThan(0.5);
      for (const other of faces.slice(i + 1)) {
        const apart = Math.hypot((box.x - other.box.x) * 1328, (box.y - other.box.y) * 568);
        expect(apart).toBeGreaterThan(15);
      }
    }
  });
});

/** Of corresponding landmarks, as a part of the face's size. */
function meanDistance(landmarks: Point[], face: DetectedFace, { width, height }: RgbImage): number {
  const sum = landmarks.reduce((total, p, i) => {
    const other = face.landmarks[i]!;
    return total + Math.hypot((p.x - other.x) * width, (p.y - other.y) * height);
  }, 0);
  return sum / landmarks.length / faceSizePx(face, width, height);
}
