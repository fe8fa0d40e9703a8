import { describe, expect, it } from 'vitest';
import { encodeContactSheet, type LabelledPicture } from '../../../../engine/image/contact-sheet.ts';
import { decodeBytes } from '../../../../engine/image/decode.ts';

function cell(label: string, [r, g, b]: [number, number, number]): LabelledPicture {
  const data = Uint8Array.from({ length: 3 * 32 * 32 }, (_, i) => [r, g, b][i % 3] ?? 0);
  return { label, picture: { width: 32, height: 32, data } };
}

describe('encodeContactSheet', () => {
  it('puts pictures in rows with their labels below', async () => {
    const red = cell('lq', [255, 0, 0]);
    const green = cell('rm', [0, 255, 0]);
    const { image } = await decodeBytes(await encodeContactSheet([[red, green], [green]]), 'sheet');
    expect([image.width, image.height]).toEqual([4 + 2 * 36, 4 + 2 * 54]);
    const at = (x: number, y: number) => [...image.data.subarray(3 * (y * image.width + x)).subarray(0, 3)];
    expect(at(20, 20)).toEqual([255, 0, 0]);
    expect(at(56, 20)).toEqual([0, 255, 0]);
    expect(at(20, 74)).toEqual([0, 255, 0]);
    expect(at(56, 74)).toEqual([255, 255, 255]);
    const label = Array.from({ length: 32 * 14 }, (_, i) => at(4 + (i % 32), 38 + Math.floor(i / 32)));
    expect(label.some((pixel) => pixel.every((value) => value === 0))).toBe(true);
  });

  it('cuts a label that is wider than its picture', async () => {
    const long = cell('balanced/exact', [0, 0, 255]);
    const { image } = await decodeBytes(await encodeContactSheet([[long]]), 'sheet');
    expect(image.width).toBe(40);
  });

  it('refuses nothing', async () => {
    await expect(encodeContactSheet([])).rejects.toThrow();
  });
});
