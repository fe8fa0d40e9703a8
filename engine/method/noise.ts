/** A stream of standard normal values. */
export interface NoiseSource {
  /** The next `length` values. */
  normal(length: number): Float32Array;
}

/**
 * Seeded normal noise: xoshiro128** (Blackman and Vigna 2018), its state filled by splitmix32 from the seed and
 * the face's index, and Box-Muller in float64, rounded to float32. Only 32-bit integer arithmetic decides the
 * uniform values, so the same seed gives the same noise on every machine; each face has its own stream, so the
 * noise of one does not depend on how many others are restored.
 * @param seed 0 to 2^32 - 1
 * @param face index of the face, from 0
 * @example createNoise(7, 0).normal(2); // the same two values everywhere
 */
export function createNoise(seed: number, face: number): NoiseSource {
  expectUint32('seed', seed);
  expectUint32('face', face);
  const next = xoshiro128(seedState(seed, face));
  return { normal: (length) => boxMuller(length, next) };
}

function expectUint32(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
    throw new RangeError(`Expected ${name} between 0 and 4294967295 but received ${value}`);
  }
}

function boxMuller(length: number, next: () => number): Float32Array {
  const values = new Float32Array(length);
  for (let i = 0; i < length; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(uniform(next())));
    const angle = 2 * Math.PI * uniform(next());
    values[i] = radius * Math.cos(angle);
    if (i + 1 < length) values[i + 1] = radius * Math.sin(angle);
  }
  return values;
}

/** Seeded uniform values inside (0, 1), from the same generator. @param seed 0 to 2^32 - 1 */
export function createUniform(seed: number): () => number {
  expectUint32('seed', seed);
  const next = xoshiro128(seedState(seed, 0));
  return () => uniform(next());
}

/** A 32-bit integer as a number inside (0, 1). */
function uniform(bits: number): number {
  return (bits + 0.5) / 0x1_0000_0000;
}

type State = [number, number, number, number];

function seedState(seed: number, face: number): State {
  const next = splitmix32(splitmix32(seed)() ^ face);
  return [next(), next(), next(), next() || 1];
}

function splitmix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = state ^ (state >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
}

/** xoshiro128**: a function that gives the next unsigned 32-bit integer. Exported for its known answers. */
export function xoshiro128([a, b, c, d]: Readonly<State>): () => number {
  return () => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    return result;
  };
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
