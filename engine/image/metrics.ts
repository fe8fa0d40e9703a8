import { HeirloomError } from '../../contract/errors.ts';
import { luma } from './colour.ts';
import { gaussianKernel } from './filters.ts';
import type { FloatImage } from './types.ts';

/** Peak signal-to-noise ratio over R, G and B of values in 0-1, in dB; Infinity for equal pictures. */
export function psnr(a: FloatImage, b: FloatImage): number {
  requireSameSize(a, b);
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += (a.data[i]! - b.data[i]!) ** 2;
  return -10 * Math.log10(sum / a.data.length);
}

const WINDOW = 11;
const C1 = 0.01 ** 2;
const C2 = 0.03 ** 2;

/**
 * Structural similarity of luma, 1 for equal pictures: 11 x 11 Gaussian window of sigma 1.5, K1 = 0.01,
 * K2 = 0.03, L = 1, over the positions where the window fits (Wang et al. 2004, eq. 13).
 */
export function ssim(a: FloatImage, b: FloatImage): number {
  requireSameSize(a, b);
  const { width, height } = a;
  if (Math.min(width, height) < WINDOW) {
    throw new HeirloomError(
      'argument/invalid',
      `Expected at least ${WINDOW} x ${WINDOW} pixels but received ${width} x ${height}`,
    );
  }
  const [x, y] = [Float64Array.from(luma(a)), Float64Array.from(luma(b))];
  const average = (values: Float64Array) => windowedMean(values, width, height);
  const [meanX, meanY] = [average(x), average(y)];
  const [meanXX, meanYY] = [average(x.map((v) => v * v)), average(y.map((v) => v * v))];
  const meanXY = average(x.map((v, i) => v * y[i]!));
  let sum = 0;
  for (let i = 0; i < meanX.length; i++) {
    const [mx, my] = [meanX[i]!, meanY[i]!];
    const covariance = meanXY[i]! - mx * my;
    const variances = meanXX[i]! - mx * mx + meanYY[i]! - my * my;
    sum += ((2 * mx * my + C1) * (2 * covariance + C2)) / ((mx * mx + my * my + C1) * (variances + C2));
  }
  return sum / meanX.length;
}

const SSIM_KERNEL = gaussianKernel(1.5, WINDOW >> 1);

/** Gaussian means where the whole window fits: `(width - 10) x (height - 10)` values. */
function windowedMean(values: Float64Array, width: number, height: number): Float64Array {
  const columns = width - WINDOW + 1;
  const horizontal = new Float64Array(columns * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < columns; x++) {
      let sum = 0;
      for (let k = 0; k < WINDOW; k++) sum += SSIM_KERNEL[k]! * values[y * width + x + k]!;
      horizontal[y * columns + x] = sum;
    }
  }
  const output = new Float64Array(columns * (height - WINDOW + 1));
  for (let i = 0; i < output.length; i++) {
    let sum = 0;
    for (let k = 0; k < WINDOW; k++) sum += SSIM_KERNEL[k]! * horizontal[i + k * columns]!;
    output[i] = sum;
  }
  return output;
}

/** How sharp a picture is: the mean of the squared luma gradient, by differences between neighbours. */
export function gradientEnergy(image: FloatImage): number {
  const { width, height } = image;
  const y = luma(image);
  let sum = 0;
  for (let row = 0; row < height - 1; row++) {
    for (let i = row * width; i < (row + 1) * width - 1; i++) {
      sum += (y[i + 1]! - y[i]!) ** 2 + (y[i + width]! - y[i]!) ** 2;
    }
  }
  return sum / Math.max(1, (width - 1) * (height - 1));
}

function requireSameSize(a: FloatImage, b: FloatImage): void {
  if (a.width === b.width && a.height === b.height) return;
  throw new HeirloomError(
    'argument/invalid',
    `Expected pictures of one size but received ${a.width} x ${a.height} and ${b.width} x ${b.height}`,
  );
}
