/**
 * Orthonormal DCT-II of square planes in N log N, by Makhoul's reordering ("A fast cosine transform in one and
 * two dimensions", 1980): a length-N DCT is one length-N Fourier transform of the even samples followed by the
 * odd ones backwards. Two real rows travel together as the real and imaginary part of one complex transform.
 * Arithmetic is float64; only what goes in and out of a plane is float32.
 */
interface Tables {
  size: number;
  /** Bit reversal, the input order of the Fourier transform. */
  reversed: Uint16Array;
  /** Row sample that Makhoul's reordering puts at i. */
  makhoul: Uint16Array;
  /** Twiddle factors of each stage, one after the other: half = 1, 2, 4 ... N/2. */
  cos: Float64Array;
  sin: Float64Array;
  /** Half the orthonormal scale times cos and sin of the phase pi k / 2N. */
  forwardCos: Float64Array;
  forwardSin: Float64Array;
  /** The inverse's 1 / (N scale[k]), and cos and sin of its phase. */
  inverseScale: Float64Array;
  phaseCos: Float64Array;
  phaseSin: Float64Array;
  /** The complex row at work. */
  re: Float64Array;
  im: Float64Array;
}

const tablesBySize = new Map<number, Tables>();

function tablesFor(size: number): Tables {
  const known = tablesBySize.get(size) ?? makeTables(size);
  tablesBySize.set(size, known);
  return known;
}

function makeTables(size: number): Tables {
  const index = Float64Array.from({ length: size }, (_, k) => k);
  const scale = index.map((k) => Math.sqrt((k === 0 ? 1 : 2) / size));
  const phaseCos = index.map((k) => Math.cos((Math.PI * k) / (2 * size)));
  const phaseSin = index.map((k) => Math.sin((Math.PI * k) / (2 * size)));
  return {
    size,
    reversed: bitReversal(size),
    makhoul: Uint16Array.from(index, (i) => (i < size / 2 ? 2 * i : 2 * (size - 1 - i) + 1)),
    ...stageTwiddles(size),
    forwardCos: phaseCos.map((c, k) => 0.5 * scale[k]! * c),
    forwardSin: phaseSin.map((s, k) => 0.5 * scale[k]! * s),
    inverseScale: scale.map((s) => 1 / (size * s)),
    phaseCos,
    phaseSin,
    re: new Float64Array(size),
    im: new Float64Array(size),
  };
}

function bitReversal(size: number): Uint16Array {
  const reversed = new Uint16Array(size);
  for (let i = 1; i < size; i++) reversed[i] = (reversed[i >> 1]! >> 1) | (i & 1 ? size / 2 : 0);
  return reversed;
}

function stageTwiddles(size: number): { cos: Float64Array; sin: Float64Array } {
  const angles: number[] = [];
  for (let half = 1; half < size; half *= 2) {
    for (let j = 0; j < half; j++) angles.push((-Math.PI * j) / half);
  }
  return { cos: Float64Array.from(angles, Math.cos), sin: Float64Array.from(angles, Math.sin) };
}

/** In-place forward Fourier transform of `re + i im`, input in bit-reversed order; two radix-2 stages at a time. */
function fourier({ size, cos, sin, re, im }: Tables): void {
  let half = 1;
  if (Math.log2(size) % 2 === 1) {
    firstStage(re, im);
    half = 2;
  }
  for (; half < size; half *= 4) {
    for (let j = 0; j < half; j++) {
      const c1 = cos[half - 1 + j]!;
      const s1 = sin[half - 1 + j]!;
      const c2 = cos[2 * half - 1 + j]!;
      const s2 = sin[2 * half - 1 + j]!;
      for (let a = j; a < size; a += 4 * half) {
        const b = a + half;
        const c = b + half;
        const d = c + half;
        const br = re[b]! * c1 - im[b]! * s1;
        const bi = re[b]! * s1 + im[b]! * c1;
        const dr = re[d]! * c1 - im[d]! * s1;
        const di = re[d]! * s1 + im[d]! * c1;
        const sumR = re[a]! + br;
        const sumI = im[a]! + bi;
        const differenceR = re[a]! - br;
        const differenceI = im[a]! - bi;
        const xr = (re[c]! + dr) * c2 - (im[c]! + di) * s2;
        const xi = (re[c]! + dr) * s2 + (im[c]! + di) * c2;
        const yr = (re[c]! - dr) * s2 + (im[c]! - di) * c2;
        const yi = (im[c]! - di) * s2 - (re[c]! - dr) * c2;
        re[a] = sumR + xr;
        im[a] = sumI + xi;
        re[b] = differenceR + yr;
        im[b] = differenceI + yi;
        re[c] = sumR - xr;
        im[c] = sumI - xi;
        re[d] = differenceR - yr;
        im[d] = differenceI - yi;
      }
    }
  }
}

function firstStage(re: Float64Array, im: Float64Array): void {
  for (let a = 0; a < re.length; a += 2) {
    const br = re[a + 1]!;
    const bi = im[a + 1]!;
    re[a + 1] = re[a]! - br;
    im[a + 1] = im[a]! - bi;
    re[a] = re[a]! + br;
    im[a] = im[a]! + bi;
  }
}

/** DCT of the two rows that start at `first`. */
function forwardRowPair(tables: Tables, source: Float32Array, target: Float32Array, first: number): void {
  const { size, makhoul, reversed, forwardCos, forwardSin, re, im } = tables;
  const second = first + size;
  for (let i = 0; i < size; i++) {
    const slot = reversed[i]!;
    const sample = makhoul[i]!;
    re[slot] = source[first + sample]!;
    im[slot] = source[second + sample]!;
  }
  fourier(tables);
  for (let k = 0; k < size; k++) {
    const mirror = (size - k) & (size - 1);
    const c = forwardCos[k]!;
    const s = forwardSin[k]!;
    target[first + k] = (re[k]! + re[mirror]!) * c + (im[k]! - im[mirror]!) * s;
    target[second + k] = (im[k]! + im[mirror]!) * c - (re[k]! - re[mirror]!) * s;
  }
}

/** Inverse DCT of the two rows that start at `first`: conjugated, so that the forward Fourier transform serves. */
function inverseRowPair(tables: Tables, source: Float32Array, target: Float32Array, first: number): void {
  const { size, makhoul, reversed, inverseScale, phaseCos, phaseSin, re, im } = tables;
  const second = first + size;
  re[0] = source[first]! * inverseScale[0]!;
  im[0] = -source[second]! * inverseScale[0]!;
  for (let k = 1; k < size; k++) {
    const slot = reversed[k]!;
    const scale = inverseScale[k]!;
    const real = (source[first + k]! + source[second + size - k]!) * scale;
    const imaginary = (source[second + k]! - source[first + size - k]!) * scale;
    re[slot] = real * phaseCos[k]! - imaginary * phaseSin[k]!;
    im[slot] = -(real * phaseSin[k]! + imaginary * phaseCos[k]!);
  }
  fourier(tables);
  for (let i = 0; i < size; i++) {
    const sample = makhoul[i]!;
    target[first + sample] = re[i]!;
    target[second + sample] = -im[i]!;
  }
}

const TILE = 16;

/** Transposes an S x S plane into `target` from `targetOffset` on, tile by tile so that both sides stay in the cache. */
function transpose(source: Float32Array, target: Float32Array, size: number, targetOffset: number): void {
  for (let top = 0; top < size; top += TILE) {
    for (let left = 0; left < size; left += TILE) {
      const bottom = Math.min(top + TILE, size);
      const right = Math.min(left + TILE, size);
      for (let y = top; y < bottom; y++) {
        for (let x = left; x < right; x++) target[targetOffset + x * size + y] = source[y * size + x]!;
      }
    }
  }
}

/**
 * Two-dimensional orthonormal DCT-II of each S x S plane, or its inverse.
 * @param planes `n * size * size` values; `size` is a power of two from 2 on (checked by the callers).
 */
export function transformPlanes(planes: Float32Array, size: number, inverse: boolean): Float32Array {
  const rowPair = inverse ? inverseRowPair : forwardRowPair;
  const tables = tablesFor(size);
  const area = size * size;
  const rows = new Float32Array(area);
  const columns = new Float32Array(area);
  const result = new Float32Array(planes.length);
  for (let offset = 0; offset < planes.length; offset += area) {
    const plane = planes.subarray(offset, offset + area);
    for (let first = 0; first < area; first += 2 * size) rowPair(tables, plane, rows, first);
    transpose(rows, columns, size, 0);
    for (let first = 0; first < area; first += 2 * size) rowPair(tables, columns, rows, first);
    transpose(rows, result, size, offset);
  }
  return result;
}
