import { describe, expect, it } from 'vitest';
import { measureFace } from '../../../engine/inspect-photo.ts';
import { loadPack } from '../../../engine/models/manifest.ts';
import type { OpenModels } from '../../../engine/open-models.ts';
import { fakeFace } from '../../fixtures/fake-faces.ts';
import { gradient } from '../../fixtures/make-pictures.ts';
import { TINY_PACK, tinyRestoration, tinyStd } from '../../fixtures/tiny-pack.ts';

const pack = await loadPack(TINY_PACK);
const image = { width: 320, height: 240, depth: 8 as const, data: gradient(320, 240) };
const face = fakeFace({ x: 160, y: 100, size: 96 }, 320, 240);
const auto = {
  relative: false,
  levels: [
    { error: 1, guides: 2, spacing: 1.5 },
    { guides: 4, spacing: 2 },
  ],
};

function models(error: number | undefined, table?: typeof auto): OpenModels {
  const sessions = {
    provider: 'cpu' as const,
    release: () => Promise.resolve(),
    restoration: (y: Float32Array) => Promise.resolve({ picture: tinyRestoration(y) }),
    estimator: (y: Float32Array) => Promise.resolve({ std: tinyStd(y), tm: y, error }),
    denoiser: () => Promise.reject(new Error('asked')),
    guided: () => Promise.reject(new Error('asked')),
    dgsa: () => Promise.reject(new Error('asked')),
  };
  const manifest = { ...pack.manifest, auto: table };
  return { pack: { ...pack, manifest }, provider: 'cpu', verdicts: [], sessions };
}

describe('measureFace', () => {
  it('says how far off the blur may be, and what auto would choose by it', async () => {
    const { stdHat, stdError, auto: choice } = await measureFace(image, face, models(0.7, auto));
    expect(stdHat).toBeGreaterThan(1);
    expect(stdError).toBe(0.7);
    expect(choice).toEqual({ error: 0.7, guides: 2, spacing: 1.5 });
  });

  it('chooses nothing without a table, and knows no error where SE tells none', async () => {
    const plain = await measureFace(image, face, models(0.7));
    expect(plain.stdError).toBe(0.7);
    expect(plain).not.toHaveProperty('auto');
    const silent = await measureFace(image, face, models(undefined, auto));
    expect(silent).not.toHaveProperty('stdError');
    expect(silent).not.toHaveProperty('auto');
  });

  it('measures the size alone without a pack, and refuses landmarks of no face', async () => {
    expect(Object.keys(await measureFace(image, face, undefined))).toEqual(['sizePx']);
    const flat = { landmarks: face.landmarks.map(() => ({ x: 0.5, y: 0.5 })) };
    await expect(measureFace(image, flat, undefined)).rejects.toMatchObject({ code: 'argument/invalid' });
  });
});
