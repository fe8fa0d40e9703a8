import { describe, expect, it } from 'vitest';
import { decodeBytes } from '../../../../engine/image/decode.ts';
import { encodeMap, encodePreview } from '../../../../engine/image/preview.ts';
import { PICTURES } from '../../../fixtures/make-pictures.ts';
import { picture } from '../../../fixtures/pictures.ts';

const ramp = { width: 64, height: 64, data: picture(64, (_, __, column) => column / 63) };

describe('encodePreview', () => {
  it('is a JPEG of the crop, made smaller but never larger', async () => {
    for (const [side, expected] of [
      [undefined, 64],
      [16, 16],
      [500, 64],
    ] as const) {
      const { image, metadata } = await decodeBytes(await encodePreview(ramp, undefined, side), 'preview');
      expect(metadata).toMatchObject({ format: 'jpeg', width: expected, height: expected });
      expect(image.data[0]).toBeLessThan(12);
      expect(image.data.at(-1)).toBeGreaterThan(243);
    }
  });

  it("carries the photo's colour profile, unless that is one for grey", async () => {
    const { icc } = (await decodeBytes(await PICTURES['p3.jpg'](), 'p3')).metadata;
    const { metadata } = await decodeBytes(await encodePreview(ramp, icc), 'preview');
    expect(metadata.icc).toEqual(icc);
    const grey = Uint8Array.from(icc!);
    grey.set(Buffer.from('GRAY'), 16);
    expect((await decodeBytes(await encodePreview(ramp, grey), 'preview')).metadata.icc).toBeUndefined();
  });
});

describe('encodeMap', () => {
  it('is a grey PNG, white where the value is `white` or more', async () => {
    const values = Float32Array.from({ length: 16 * 16 }, (_, i) => [-1, 0, 0.05, 0.1, 7][i % 5]!);
    const { image, metadata } = await decodeBytes(await encodeMap(values, 16, 16, 0.1), 'map');
    expect(metadata).toMatchObject({ format: 'png', grey: true, width: 16, height: 16 });
    expect([0, 1, 2, 3, 4].map((i) => image.data[3 * i])).toEqual([0, 0, 128, 255, 255]);
  });
});
