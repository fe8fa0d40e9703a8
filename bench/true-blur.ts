import type { FloatImage } from '../engine/image/types.ts';
import { GRID_SIZE } from '../engine/method/regions.ts';
import { gaussianBlur, stdAtSize } from '../engine/method/spectral-blur.ts';

/** In 512-pixel units; past 6 a pixel more changes little. */
const STDS = [0.1, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/** What SE is trained to say of a face. */
export interface TrueBlur {
  std: number;
  grid: Float32Array;
}

/**
 * std* of a restoration whose truth is known (eq. 9/19), for the face and for each square, over a window of twice the
 * square's side: the smallest blur under which the two differ by no more than `tol`, a squared error of values in 0-1.
 */
export function trueBlur(restoration: FloatImage, truth: FloatImage, tol: number): TrueBlur {
  const difference = restoration.data.map((value, i) => value - truth.data[i]!);
  const errors = STDS.map((std) => windowErrors(gaussianBlur(difference, stdAtSize(std, truth.width))));
  const smallest = (square: number) =>
    STDS[errors.findIndex((error) => error[square]! <= tol)] ?? STDS.at(-1)!;
  const squares = GRID_SIZE ** 2;
  return { std: smallest(squares), grid: Float32Array.from({ length: squares }, (_, i) => smallest(i)) };
}

/** Mean square around each square of the grid, row by row, and last that of the whole. */
function windowErrors(difference: Float32Array): number[] {
  const size = Math.sqrt(difference.length / 3);
  const [halves, step] = [2 * GRID_SIZE, size / (2 * GRID_SIZE)];
  const sums = new Float64Array(halves ** 2);
  difference.forEach((value, i) => {
    const [row, column] = [Math.floor(i / size) % size, i % size];
    sums[Math.floor(row / step) * halves + Math.floor(column / step)]! += value * value;
  });
  const mean = (rows: number[], columns: number[]) => {
    const values = rows.flatMap((row) => columns.map((column) => sums[row * halves + column]!));
    return values.reduce((sum, value) => sum + value, 0) / (3 * step * step * values.length);
  };
  const around = (square: number) =>
    [-1, 0, 1, 2].map((i) => 2 * square + i).filter((i) => i >= 0 && i < halves);
  const all = Array.from({ length: halves }, (_, i) => i);
  const squares = Array.from({ length: GRID_SIZE ** 2 }, (_, i) =>
    mean(around(Math.floor(i / GRID_SIZE)), around(i % GRID_SIZE)),
  );
  return [...squares, mean(all, all)];
}
