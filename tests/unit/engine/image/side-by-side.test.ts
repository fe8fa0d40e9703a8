import { describe, expect, it } from 'vitest';
import { joinSideBySide } from '../../../../engine/image/side-by-side.ts';
import type { RgbImage } from '../../../../engine/image/types.ts';

function grey(width: number, height: number, value: number, depth: 8 | 16 = 8): RgbImage {
  const data = depth === 16 ? new Uint16Array(3 * width * height) : new Uint8Array(3 * width * height);
  return { width, height, depth, data: data.fill(value) };
}

describe('joinSideBySide', () => {
  it("brings both to the right one's height, with white between", async () => {
    const joined = await joinSideBySide(grey(100, 50, 10), grey(300, 200, 20), Infinity);
    expect([joined.width, joined.height, joined.depth]).toEqual([400 + 2 + 300, 200, 8]);
    const row = Array.from({ length: joined.width }, (_, x) => joined.data[3 * (100 * joined.width + x)]);
    expect([row[0], row[399], row[400], row[401], row[402], row[701]]).toEqual([10, 10, 255, 255, 20, 20]);
  });

  it('brings 16 bits to 8', async () => {
    const joined = await joinSideBySide(grey(20, 20, 100 * 257, 16), grey(20, 20, 200), Infinity);
    expect(joined.data).toBeInstanceOf(Uint8Array);
    expect([joined.data[0], joined.data.at(-1)]).toEqual([100, 200]);
  });

  it('keeps to the longest side, whichever it is', async () => {
    for (const [left, right] of [
      [grey(300, 40, 0), grey(300, 40, 0)],
      [grey(20, 300, 0), grey(20, 300, 0)],
      [grey(97, 61, 0), grey(53, 89, 0)],
    ] as const) {
      const joined = await joinSideBySide(left, right, 64);
      expect(Math.max(joined.width, joined.height)).toBeLessThanOrEqual(64);
      expect(Math.max(joined.width, joined.height)).toBeGreaterThanOrEqual(60);
      expect(joined.data).toHaveLength(3 * joined.width * joined.height);
    }
  });

  it('refuses what is too large together', async () => {
    const wide = { ...grey(1, 1, 0), width: 15_000, height: 10_000 };
    await expect(joinSideBySide(wide, wide, Infinity)).rejects.toMatchObject({
      code: 'input/too-large',
      message: expect.stringContaining('30100 x 10000') as string,
    });
  });
});
