import { describe, expect, it } from 'vitest';
import { areaAverage, paint, turnRaster } from '../../../../engine/faces/raster.ts';
import type { Raster } from '../../../../engine/faces/raster.ts';

/** Grey raster from rows of values. */
function raster(rows: number[][]): Raster {
  return {
    width: rows[0]!.length,
    height: rows.length,
    data: Float32Array.from(rows.flat().flatMap((value) => [value, value, value])),
  };
}

function greys({ width, height, data }: Raster): number[][] {
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => Number(data[3 * (y * width + x)]!.toFixed(4))),
  );
}

describe('areaAverage', () => {
  it('is the mean of the pixels covered', () => {
    const source = raster([
      [0, 20, 100, 100],
      [40, 60, 0, 200],
    ]);
    expect(greys(areaAverage(source, 2, 1))).toEqual([[30, 100]]);
  });

  it('weighs pixels that are covered in part', () => {
    expect(greys(areaAverage(raster([[30, 60, 90]]), 2, 1))).toEqual([[40, 80]]);
  });

  it('keeps the mean, the colours and the size that it has', () => {
    const data = Uint8Array.from({ length: 3 * 7 * 5 }, (_, i) => (i * 37) % 251);
    const image = { width: 7, height: 5, depth: 8 as const, data };
    expect([...areaAverage(image, 7, 5).data]).toEqual([...data]);
    const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;
    expect(mean(areaAverage(image, 3, 2).data)).toBeCloseTo(mean(data), 3);
  });

  it('brings 16 bits to 0-255', () => {
    const image = {
      width: 2,
      height: 1,
      depth: 16 as const,
      data: Uint16Array.of(65535, 0, 257, 65535, 0, 257),
    };
    const { data } = areaAverage(image, 1, 1);
    expect([...data]).toEqual([255, 0, 1].map((v) => expect.closeTo(v, 3) as number));
  });

  it('repeats pixels where the picture grows', () => {
    expect(greys(areaAverage(raster([[10, 20]]), 4, 2))).toEqual([
      [10, 10, 20, 20],
      [10, 10, 20, 20],
    ]);
  });
});

describe('turnRaster', () => {
  const source = raster([
    [1, 2, 3],
    [4, 5, 6],
  ]);

  it.each([
    [
      0,
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    ],
    [
      90,
      [
        [4, 1],
        [5, 2],
        [6, 3],
      ],
    ],
    [
      180,
      [
        [6, 5, 4],
        [3, 2, 1],
      ],
    ],
    [
      270,
      [
        [3, 6],
        [2, 5],
        [1, 4],
      ],
    ],
  ] as const)('turns clockwise by %i degrees', (turn, expected) => {
    expect(greys(turnRaster(source, turn))).toEqual(expected);
  });
});

describe('paint', () => {
  it('copies a part, cut to the canvas', () => {
    const canvas = raster([
      [0, 0, 0],
      [0, 0, 0],
    ]);
    paint(
      canvas,
      raster([
        [1, 2, 3],
        [4, 5, 6],
      ]),
      1,
      1,
      1,
      0,
    );
    expect(greys(canvas)).toEqual([
      [0, 0, 0],
      [0, 2, 3],
    ]);
  });
});
