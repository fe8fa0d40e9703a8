import { transformPlanes } from './dct.ts';

/**
 * Gaussian blur defined by its transfer function in the orthonormal DCT-II basis (method page, "Ours 2"):
 * `k (*) x = C^T (H . (C x C^T)) C` with `H(u, v) = h[u] h[v]`, `h[u] = exp(-std^2 w_u^2 / 2)`, `w_u = pi u / S`.
 * Exact, with a reflecting border, and the same numbers as `training/spectral.py`.
 * Pictures and spectra are `[3, S, S]` float32, S a power of two. A std is in pixels at S unless its name says 512.
 */

/** The size that every `std512` refers to. */
const REFERENCE_SIZE = 512;

/** A std in 512-pixel units as pixels at `size`. The only place where the two units meet. */
export function stdAtSize(std512: number, size: number): number {
  return (std512 * size) / REFERENCE_SIZE;
}

/** S of a `[3, S, S]` picture. Throws a RangeError where the length is not three square planes of a power of two. */
export function sizeOf(image: Float32Array): number {
  const size = Math.sqrt(image.length / 3);
  if (!Number.isInteger(size) || size < 2 || (size & (size - 1)) !== 0) {
    throw new RangeError(`Expected 3 x S x S values with S a power of two but received ${image.length}`);
  }
  return size;
}

/** Spectrum of a picture: both `[3, S, S]`. */
export function dct2(image: Float32Array): Float32Array {
  return transformPlanes(image, sizeOf(image), false);
}

/** Picture of a spectrum: both `[3, S, S]`. */
export function idct2(spectrum: Float32Array): Float32Array {
  return transformPlanes(spectrum, sizeOf(spectrum), true);
}

/** w_u = pi u / S, u = 0 ... S-1. */
export function angularFrequencies(size: number): Float64Array {
  return Float64Array.from({ length: size }, (_, u) => (Math.PI * u) / size);
}

/**
 * One-dimensional transfer function `h[u]`, `[S]`; the picture's is `H(u, v) = h[u] h[v]`, and
 * `dH/dstd = -std (w_u^2 + w_v^2) H`.
 * Throws a RangeError for a std that is negative or not a number.
 */
export function gaussianTransfer(std: number, size: number): Float64Array {
  if (!(std >= 0 && std < Infinity)) throw new RangeError(`Expected a std of 0 or more but received ${std}`);
  return angularFrequencies(size).map((w) => Math.exp((-std * std * w * w) / 2));
}

/** `H . X` for the separable transfer function h, as a new spectrum. */
export function applyTransfer(spectrum: Float32Array, h: Float64Array): Float32Array {
  const size = h.length;
  const filtered = new Float32Array(spectrum.length);
  for (let i = 0, row = 0; i < spectrum.length; row = (row + 1) % size) {
    const hu = h[row]!;
    for (let v = 0; v < size; v++, i++) filtered[i] = spectrum[i]! * hu * h[v]!;
  }
  return filtered;
}

/**
 * `k_std (*) x`.
 * @param std pixels at S; 0 returns the same samples.
 * @example gaussianBlur(image, stdAtSize(5, 256)); // std 5 of a 512-pixel face, on a 256-pixel one
 */
export function gaussianBlur(image: Float32Array, std: number): Float32Array {
  const h = gaussianTransfer(std, sizeOf(image));
  return std === 0 ? image.slice() : idct2(applyTransfer(dct2(image), h));
}
