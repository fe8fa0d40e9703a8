import { beforeAll, describe, expect, it } from 'vitest';
import { evaluatePair } from '../../../../engine/evaluate/evaluate-pair.ts';
import type { FaceDetector } from '../../../../engine/faces/types.ts';
import { encodePhoto } from '../../../../engine/image/encode.ts';
import { loadPack } from '../../../../engine/models/manifest.ts';
import { openPackSessions } from '../../../../engine/models/sessions.ts';
import type { OpenModels } from '../../../../engine/open-models.ts';
import { TINY_PACK, TINY_SIZE } from '../../../fixtures/tiny-pack.ts';

let models: OpenModels;
beforeAll(async () => {
  const pack = await loadPack(TINY_PACK);
  models = { pack, provider: 'cpu', verdicts: [], sessions: openPackSessions(pack, { provider: 'cpu' }) };
});

/** Sees one landmark in the middle, further right by a pixel where the picture is dark; describes by brightness. */
const detector: FaceDetector = {
  name: 'fake/1',
  detect: () => Promise.resolve([]),
  landmarks: ({ data }) => Promise.resolve([{ x: 0.5 + (data[0]! < 100 ? 1 / TINY_SIZE : 0), y: 0.5 }]),
  descriptor: ({ data }) => Promise.resolve(Float32Array.of(data[0]! / 255, 0)),
};

function grey(value: number, width = TINY_SIZE, height = TINY_SIZE): Promise<Uint8Array> {
  const data = new Uint8Array(3 * width * height).fill(value);
  const metadata = { format: 'png' as const, width, height, depth: 8 as const, grey: false, notes: [] };
  return encodePhoto({ width, height, depth: 8, data }, metadata, { format: 'png' });
}

async function evaluate(lq: Uint8Array, hq: Uint8Array, request = {}) {
  return evaluatePair(
    {
      ...{ name: 'pair', lq, hq, presets: ['balanced'], speeds: ['draft'] as const },
      ...{ seed: 1, index: 0, pictures: false, ...request },
    },
    detector,
    models,
    new AbortController().signal,
  );
}

describe('evaluatePair', () => {
  it('scores equal pictures as equal', async () => {
    const { scores, pictures } = await evaluate(await grey(128), await grey(128));
    expect(scores.map(({ method }) => method)).toEqual(['lq', 'rm', 'draft']);
    expect(scores[0]).toEqual({
      ...{ method: 'lq', psnr: 100, ssim: 1, identity: 0, landmarks: 0, seconds: 0 },
    });
    expect(pictures).toEqual([]);
  });

  it('measures a known difference', async () => {
    const { scores } = await evaluate(await grey(51), await grey(102));
    expect(scores[0]?.psnr).toBeCloseTo(-20 * Math.log10(51 / 255), 4);
    expect(scores[0]?.identity).toBeCloseTo(0.2, 5);
    expect(scores[0]?.landmarks).toBeCloseTo(1, 5);
  });

  it('names presets where there are several, and returns the pictures for a sheet', async () => {
    const request = { presets: ['faithful', 'detailed'], speeds: ['draft', 'normal'], pictures: true };
    const { scores, pictures } = await evaluate(await grey(90), await grey(128), request);
    const methods = ['lq', 'rm', 'faithful/draft', 'faithful/normal', 'detailed/draft', 'detailed/normal'];
    expect(scores.map(({ method }) => method)).toEqual(methods);
    expect(pictures.map(({ label }) => label)).toEqual([...methods, 'truth']);
    expect(pictures[0]?.picture.data[0]).toBe(90);
  });

  it('refuses what is no square picture', async () => {
    await expect(evaluate(await grey(1, 64, 32), await grey(1))).rejects.toThrow('pair (lq) is 64 x 32');
    await expect(evaluate(await grey(1), new Uint8Array())).rejects.toThrow('pair (hq) is empty');
  });
});
