import { describe, expect, it } from 'vitest';
import { deviationMap, measureDraft } from '../../../engine/draft-measures.ts';
import type { FloatImage } from '../../../engine/image/types.ts';
import { applyTransfer, dct2, gaussianTransfer, idct2 } from '../../../engine/method/spectral-blur.ts';
import { noisePicture, picture } from '../../fixtures/pictures.ts';

const SIZE = 32;
const crop = (data: Float32Array): FloatImage => ({ width: SIZE, height: SIZE, data });

describe('measureDraft', () => {
  it('finds no distance where the result, blurred, is the crop', () => {
    const after = crop(noisePicture(SIZE));
    // 8 pixels at 512 are half a pixel at 32.
    const before = crop(idct2(applyTransfer(dct2(after.data), gaussianTransfer(0.5, SIZE))));
    expect(measureDraft(before, after, 8).dataDistance).toBeLessThan(1e-6);
    expect(measureDraft(after, after, 8).dataDistance).toBeGreaterThan(0.1);
  });

  it('finds the distance of a shift in brightness, which no blur takes away', () => {
    const grey = (value: number) => crop(picture(SIZE, () => value));
    expect(measureDraft(grey(0.5), grey(0.6), 15).dataDistance).toBeCloseTo(0.1, 5);
  });

  it('measures the slope of a ramp', () => {
    const ramp = crop(picture(SIZE, (_, row, column) => 0.003 * row + 0.004 * column));
    const measures = measureDraft(crop(picture(SIZE, () => 0.5)), ramp, 1);
    expect(measures.sharpness).toBeCloseTo(0.005, 6);
    expect(measures.sharpnessBefore).toBe(0);
  });
});

describe('deviationMap', () => {
  it('is zero for equal pictures and the deviation for others', () => {
    const one = crop(noisePicture(SIZE));
    expect(deviationMap([one, one]).every((value) => value === 0)).toBe(true);
    const shifted = crop(one.data.map((value, i) => (i % SIZE === 3 ? value + 0.2 : value)));
    const map = deviationMap([one, shifted]);
    expect(map).toHaveLength(SIZE * SIZE);
    expect(map[3]).toBeCloseTo(0.1, 5);
    expect(map[4]).toBe(0);
  });

  it('is the root mean square over the channels', () => {
    const black = crop(picture(SIZE, () => 0));
    const red = crop(picture(SIZE, (plane) => (plane === 0 ? 0.6 : 0)));
    expect(deviationMap([black, red])[0]).toBeCloseTo(Math.sqrt(0.09 / 3), 5);
  });
});
