import { luma } from '../image/colour.ts';
import { gaussianKernel } from '../image/filters.ts';
import type { FloatImage } from '../image/types.ts';

/**
 * Natural scene statistics of NIQE (Mittal, Soundararajan and Bovik 2013): how normalised luma and the products of
 * neighbours are spread, patch by patch, at full and at half size. NIQE itself compares their mean and covariance with
 * those of undistorted pictures; see `cli/tables/statistics.ts`.
 */
export const FEATURES = 36;
/** Patches a side: 64 pixels each of a picture of 256; 96 pixels in the paper, whose pictures are larger. */
const GRID = 4;
/** Pixels a side of the smallest patch that says anything. */
const LEAST = 8;
const WINDOW_RADIUS = 3;
const WINDOW = gaussianKernel(7 / 6, WINDOW_RADIUS);

interface Plane {
  width: number;
  height: number;
  data: Float64Array;
}

/** One list of 36 features for each of 4 x 4 patches. Throws a RangeError for a picture under 32 pixels a side. */
export function naturalSceneFeatures(image: FloatImage): number[][] {
  const { width, height } = image;
  const patch = 2 * Math.floor(Math.min(width, height) / GRID / 2);
  if (patch < LEAST)
    throw new RangeError(
      `Expected at least ${GRID * LEAST} x ${GRID * LEAST} pixels but received ${width} x ${height}`,
    );
  const full: Plane = { width, height, data: Float64Array.from(luma(image), (value) => 255 * value) };
  const scales = [full, halved(full)].map(normalised);
  return Array.from({ length: GRID * GRID }, (_, i) =>
    scales.flatMap((plane, scale) => {
      const size = patch >> scale;
      return patchFeatures(cut(plane, (i % GRID) * size, Math.floor(i / GRID) * size, size));
    }),
  );
}

function halved({ width, height, data }: Plane): Plane {
  const [w, h] = [width >> 1, height >> 1];
  const at = (x: number, y: number) => data[y * width + x]!;
  const mean = (_: number, i: number) => {
    const [x, y] = [2 * (i % w), 2 * Math.floor(i / w)];
    return (at(x, y) + at(x + 1, y) + at(x, y + 1) + at(x + 1, y + 1)) / 4;
  };
  return { width: w, height: h, data: new Float64Array(w * h).map(mean) };
}

/** (I - mu) / (sigma + 1), mu and sigma under a Gaussian window, borders repeated. */
function normalised(plane: Plane): Plane {
  const mean = windowed(plane);
  const square = windowed({ ...plane, data: plane.data.map((value) => value * value) });
  const data = plane.data.map((value, i) => {
    const deviation = Math.sqrt(Math.max(0, square[i]! - mean[i]! ** 2));
    return (value - mean[i]!) / (deviation + 1);
  });
  return { ...plane, data };
}

function windowed({ width, height, data }: Plane): Float64Array {
  const rows = alongRows(data, width, height);
  return transposed(alongRows(transposed(rows, width, height), height, width), height, width);
}

function alongRows(data: Float64Array, width: number, height: number): Float64Array {
  const out = new Float64Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let k = -WINDOW_RADIUS; k <= WINDOW_RADIUS; k++) {
        const column = Math.min(width - 1, Math.max(0, x + k));
        sum += WINDOW[k + WINDOW_RADIUS]! * data[y * width + column]!;
      }
      out[y * width + x] = sum;
    }
  }
  return out;
}

function transposed(data: Float64Array, width: number, height: number): Float64Array {
  return data.map((_, i) => data[(i % height) * width + Math.floor(i / height)]!);
}

function cut({ width, data }: Plane, left: number, top: number, size: number): Plane {
  const at = (_: number, i: number) => data[(top + Math.floor(i / size)) * width + left + (i % size)]!;
  return { width: size, height: size, data: new Float64Array(size * size).map(at) };
}

/** 2 of the values and 4 of each of the products with the neighbour to the right, below and on both diagonals. */
function patchFeatures(patch: Plane): number[] {
  const own = fitAsymmetric([...patch.data]);
  const neighbours = [
    [1, 0],
    [0, 1],
    [1, 1],
    [1, -1],
  ] as const;
  const products = neighbours.flatMap(([dx, dy]) => {
    const { shape, mean, left, right } = fitAsymmetric(productsOf(patch, dx, dy));
    return [shape, mean, left ** 2, right ** 2];
  });
  return [own.shape, (own.left + own.right) / 2, ...products];
}

function productsOf({ width, height, data }: Plane, dx: number, dy: number): number[] {
  const products: number[] = [];
  for (let y = Math.max(0, -dy); y < height - Math.max(0, dy); y++)
    for (let x = 0; x < width - dx; x++)
      products.push(data[y * width + x]! * data[(y + dy) * width + x + dx]!);
  return products;
}

export interface AsymmetricFit {
  /** 2 for a Gaussian, 1 for a Laplacian. */
  shape: number;
  mean: number;
  /** Spread below and above zero. */
  left: number;
  right: number;
}

/** Asymmetric generalised Gaussian by moments (Lasmar, Stitou and Berthoumieu 2009). */
export function fitAsymmetric(values: readonly number[]): AsymmetricFit {
  const left = rootMeanSquare(values.filter((value) => value < 0));
  const right = rootMeanSquare(values.filter((value) => value > 0));
  const absolute = values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length;
  const square = values.reduce((sum, value) => sum + value * value, 0) / values.length;
  const ratio = left / Math.max(right, TINY);
  const moment =
    (absolute ** 2 / Math.max(square, TINY)) * (((ratio ** 3 + 1) * (ratio + 1)) / (ratio ** 2 + 1) ** 2);
  const shape = shapeOf(moment);
  const spread = Math.sqrt(Math.exp(logGamma(1 / shape) - logGamma(3 / shape)));
  const mean = (right - left) * spread * Math.exp(logGamma(2 / shape) - logGamma(1 / shape));
  return { shape, mean, left, right };
}

const TINY = 1e-12;

function rootMeanSquare(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / Math.max(1, values.length));
}

const SHAPES = Array.from({ length: 9801 }, (_, i) => 0.2 + i * 0.001);
/** Gamma(2/a)^2 / (Gamma(1/a) Gamma(3/a)), rising with a; made at its first use, since every engine loads this file. */
let moments: readonly number[] | undefined;
function momentsOfShapes(): readonly number[] {
  moments ??= SHAPES.map((a) => Math.exp(2 * logGamma(2 / a) - logGamma(1 / a) - logGamma(3 / a)));
  return moments;
}

function shapeOf(moment: number): number {
  const known = momentsOfShapes();
  let [low, high] = [0, SHAPES.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (known[middle]! < moment) low = middle + 1;
    else high = middle;
  }
  return SHAPES[low]!;
}

/** ln Gamma(x), x above 0, by Lanczos' approximation (g = 7, n = 9). */
function logGamma(x: number): number {
  const c = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ];
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const t = x + 6.5;
  const sum = c.reduce((total, value, i) => (i === 0 ? value : total + value / (x - 1 + i)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}
