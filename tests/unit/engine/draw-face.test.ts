import { describe, expect, it } from 'vitest';
import { drawFace } from '../../../engine/draw-face.ts';
import { loadPack } from '../../../engine/models/manifest.ts';
import type { PackSessions } from '../../../engine/models/sessions.ts';
import { TINY_PACK, TINY_SIZE } from '../../fixtures/tiny-pack.ts';

const pack = await loadPack(TINY_PACK);

/** A prior that knows one picture, and tells what it was asked. */
function priorOf(picture: Float32Array, asked: number[] = []) {
  const denoiser = (_: Float32Array, t: number) => {
    asked.push(t);
    return Promise.resolve(picture);
  };
  return { pack, sessions: { denoiser } as unknown as PackSessions };
}

describe('drawFace', () => {
  it('goes from noise to what the prior sees in it, in the steps asked for', async () => {
    const known = new Float32Array(3 * TINY_SIZE ** 2).fill(0.5);
    const asked: number[] = [];
    const face = await drawFace({ seed: 1, index: 0, steps: 10 }, priorOf(known, asked));
    expect(asked).toHaveLength(10);
    expect(asked[0]).toBe(1000);
    expect(face.width).toBe(TINY_SIZE);
    for (const value of face.data) expect(value).toBeCloseTo(0.75, 5);
  });

  it('draws the same face from the same seed and index, and another from another', async () => {
    const sessions = {
      denoiser: (x: Float32Array) => Promise.resolve(x.map((value) => Math.tanh(value))),
    } as unknown as PackSessions;
    const draw = (seed: number, index: number) =>
      drawFace({ seed, index, steps: 4 }, { pack, sessions }).then(({ data }) => data);
    const first = await draw(1, 0);
    expect(await draw(1, 0)).toEqual(first);
    expect(await draw(1, 1)).not.toEqual(first);
    expect(await draw(2, 0)).not.toEqual(first);
  });

  it('stops between steps', async () => {
    const known = new Float32Array(3 * TINY_SIZE ** 2);
    const drawing = drawFace({ seed: 1, index: 0, steps: 5 }, priorOf(known), AbortSignal.abort());
    await expect(drawing).rejects.toMatchObject({ code: 'job/cancelled' });
  });
});
