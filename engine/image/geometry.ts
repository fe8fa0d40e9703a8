import sharp from 'sharp';
import { HeirloomError } from '../../contract/errors.ts';
import { MAX_PIXELS } from '../../contract/picture-limits.ts';
import { samplesOf } from './decode.ts';
import type { Affine, FloatImage, RgbImage } from './types.ts';

/** `outer(inner(p))`: the transform that applies `inner` first. */
export function composeAffine(outer: Affine, inner: Affine): Affine {
  const [a, b, c, d, e, f] = outer;
  const [g, h, i, j, k, l] = inner;
  return [a * g + b * j, a * h + b * k, a * i + b * l + c, d * g + e * j, d * h + e * k, d * i + e * l + f];
}

/** The transform that undoes `transform`. Throws `argument/invalid` where it flattens the plane. */
export function invertAffine(transform: Affine): Affine {
  const [a, b, c, d, e, f] = transform;
  const determinant = a * e - b * d;
  if (!Number.isFinite(1 / determinant)) {
    throw new HeirloomError(
      'argument/invalid',
      `Expected an invertible transform but received ${transform.join(', ')}`,
    );
  }
  return [
    e / determinant,
    -b / determinant,
    (b * f - c * e) / determinant,
    -d / determinant,
    a / determinant,
    (c * d - a * f) / determinant,
  ];
}

/**
 * Resamples a picture: output pixel `p` (centre at +0.5) takes the value at `toSource(p)`.
 *
 * Cubic convolution (Catmull-Rom; Keys 1981). Where the transform shrinks, along either axis of the source,
 * the kernel is widened to the output's pixel distance, after a box average by whole factors when it shrinks
 * more than four times. Outside the source the picture is mirrored. Only the region that is needed is read.
 *
 * @returns `width x height`, RGB planes in 0-1 (cubic lobes may reach a little outside).
 */
export function warpAffine(
  image: RgbImage | FloatImage,
  toSource: Affine,
  width: number,
  height: number,
): FloatImage {
  requireSize(width, height);
  const [a, b, , d, e] = toSource;
  const stepX = Math.max(1, Math.hypot(a, b));
  const stepY = Math.max(1, Math.hypot(d, e));
  const boxX = Math.max(1, Math.floor(stepX / 2));
  const boxY = Math.max(1, Math.floor(stepY / 2));
  const toBoxes = composeAffine([1 / boxX, 0, 0, 0, 1 / boxY, 0], toSource);
  const scaleX = Math.max(1, stepX / boxX);
  const scaleY = Math.max(1, stepY / boxY);
  const region = neededRegion(toBoxes, width, height, scaleX, scaleY);
  const boxes = averageBoxes(image, region, boxX, boxY);
  const toRegion = composeAffine([1, 0, -region.x, 0, 1, -region.y], toBoxes);
  return resampleCubic(boxes, toRegion, width, height, scaleX, scaleY);
}

/** The picture stretched to `width x height`. */
export function resizeFloat(image: FloatImage, width: number, height: number): FloatImage {
  return warpAffine(image, [image.width / width, 0, 0, 0, image.height / height, 0], width, height);
}

/** The part, 0-1, of a `width x height` crop that lies inside the picture that it is taken from. */
export function insideFraction(
  toSource: Affine,
  width: number,
  height: number,
  source: { width: number; height: number },
): number {
  const [a, b, c, d, e, f] = toSource;
  const corner = (x: number, y: number): Corner => [a * x + b * y + c, d * x + e * y + f];
  const crop = [corner(0, 0), corner(width, 0), corner(width, height), corner(0, height)];
  const inside = [
    ([x]: Corner) => x,
    ([x]: Corner) => source.width - x,
    ([, y]: Corner) => y,
    ([, y]: Corner) => source.height - y,
  ].reduce(clipPolygon, crop);
  return polygonArea(inside) / polygonArea(crop);
}

type Corner = readonly [x: number, y: number];

/** Sutherland and Hodgman 1974: the part of the polygon on which `distance` is not negative. */
function clipPolygon(polygon: Corner[], distance: (corner: Corner) => number): Corner[] {
  return polygon.flatMap((to, i) => {
    const from = polygon.at(i - 1) ?? to;
    const [d0, d1] = [distance(from), distance(to)];
    const t = d0 / (d0 - d1);
    const crossing: Corner[] =
      d0 < 0 !== d1 < 0 ? [[from[0] + t * (to[0] - from[0]), from[1] + t * (to[1] - from[1])]] : [];
    return d1 < 0 ? crossing : [...crossing, to];
  });
}

function polygonArea(polygon: Corner[]): number {
  const twice = polygon.reduce((sum, [x1, y1], i) => {
    const [x0, y0] = polygon.at(i - 1) ?? [x1, y1];
    return sum + x0 * y1 - x1 * y0;
  }, 0);
  return Math.abs(twice) / 2;
}

interface Region {
  x: number;
  y: number;
  width: number;
  height: number;
}

function neededRegion(
  toSource: Affine,
  width: number,
  height: number,
  scaleX: number,
  scaleY: number,
): Region {
  const [a, b, c, d, e, f] = toSource;
  const [left, right] = [
    Math.min(0, a * width) + Math.min(0, b * height) + c,
    Math.max(0, a * width) + Math.max(0, b * height) + c,
  ];
  const [top, bottom] = [
    Math.min(0, d * width) + Math.min(0, e * height) + f,
    Math.max(0, d * width) + Math.max(0, e * height) + f,
  ];
  const x = Math.floor(left - 2 * scaleX) - 1;
  const y = Math.floor(top - 2 * scaleY) - 1;
  return {
    x,
    y,
    width: Math.ceil(right + 2 * scaleX) + 1 - x,
    height: Math.ceil(bottom + 2 * scaleY) + 1 - y,
  };
}

/** Averages of `boxX x boxY` pixels over `region`, which counts in boxes and may reach outside the picture. */
function averageBoxes(image: RgbImage | FloatImage, region: Region, boxX: number, boxY: number): FloatImage {
  const interleaved = 'depth' in image;
  const { data } = image;
  const plane = region.width * region.height;
  const output = new Float32Array(3 * plane);
  const pixelStep = interleaved ? 3 : 1;
  const channelStep = interleaved ? 1 : image.width * image.height;
  const columns = mirroredIndices(region.x * boxX, region.width * boxX, image.width, pixelStep);
  const rows = mirroredIndices(region.y * boxY, region.height * boxY, image.height, image.width * pixelStep);
  const weight = 1 / (boxX * boxY * (interleaved ? maxSample(image.depth) : 1));
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    let to = Math.floor(i / boxY) * region.width;
    for (let j = 0; j < columns.length; to++) {
      let red = 0;
      let green = 0;
      let blue = 0;
      for (const end = j + boxX; j < end; j++) {
        const from = row + columns[j]!;
        red += data[from]!;
        green += data[from + channelStep]!;
        blue += data[from + 2 * channelStep]!;
      }
      output[to]! += red * weight;
      output[to + plane]! += green * weight;
      output[to + 2 * plane]! += blue * weight;
    }
  }
  return { width: region.width, height: region.height, data: output };
}

/** `count` indices from `start` on, mirrored at both ends of 0..size-1 with the end pixel repeated, times `step`. */
function mirroredIndices(start: number, count: number, size: number, step: number): Int32Array {
  const indices = new Int32Array(count);
  const period = 2 * size;
  for (let i = 0; i < count; i++) {
    const position = (((start + i) % period) + period) % period;
    indices[i] = Math.min(position, period - 1 - position) * step;
  }
  return indices;
}

function resampleCubic(
  source: FloatImage,
  toSource: Affine,
  width: number,
  height: number,
  scaleX: number,
  scaleY: number,
): FloatImage {
  const [a, b, c, d, e, f] = toSource;
  const { data } = source;
  const sourcePlane = source.width * source.height;
  const plane = width * height;
  const output = new Float32Array(3 * plane);
  const weightsX = new Float64Array(Math.ceil(4 * scaleX) + 1);
  const weightsY = new Float64Array(Math.ceil(4 * scaleY) + 1);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to++) {
      const centreX = a * (x + 0.5) + b * (y + 0.5) + c - 0.5;
      const centreY = d * (x + 0.5) + e * (y + 0.5) + f - 0.5;
      const startX = Math.ceil(centreX - 2 * scaleX);
      const startY = Math.ceil(centreY - 2 * scaleY);
      const countX = cubicWeights(weightsX, startX - centreX, scaleX);
      const countY = cubicWeights(weightsY, startY - centreY, scaleY);
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let j = 0; j < countY; j++) {
        const wy = weightsY[j]!;
        let from = (startY + j) * source.width + startX;
        for (let i = 0; i < countX; i++, from++) {
          const w = wy * weightsX[i]!;
          red += w * data[from]!;
          green += w * data[from + sourcePlane]!;
          blue += w * data[from + 2 * sourcePlane]!;
        }
      }
      output[to] = red;
      output[to + plane] = green;
      output[to + 2 * plane] = blue;
    }
  }
  return { width, height, data: output };
}

/**
 * Catmull-Rom weights, of sum 1, of the samples at `offset`, `offset + 1`, ... from the kernel's centre,
 * which is `scale` times as wide as the sample distance. Returns how many there are.
 */
function cubicWeights(weights: Float64Array, offset: number, scale: number): number {
  let count = 0;
  let sum = 0;
  for (let t = offset / scale; t < 2; t += 1 / scale) {
    const u = Math.abs(t);
    const w = u < 1 ? (1.5 * u - 2.5) * u * u + 1 : u < 2 ? ((2.5 - 0.5 * u) * u - 4) * u + 2 : 0;
    weights[count++] = w;
    sum += w;
  }
  for (let i = 0; i < count; i++) weights[i]! /= sum;
  return count;
}

/** RGB planes in 0-1 of a whole picture. Takes 12 bytes a pixel: meant for crops. */
export function toFloat(image: RgbImage): FloatImage {
  const { width, height, data } = image;
  const plane = width * height;
  const scale = 1 / maxSample(image.depth);
  const output = new Float32Array(3 * plane);
  for (let i = 0, j = 0; i < plane; i++, j += 3) {
    output[i] = data[j]! * scale;
    output[i + plane] = data[j + 1]! * scale;
    output[i + 2 * plane] = data[j + 2]! * scale;
  }
  return { width, height, data: output };
}

/** Interleaved samples, rounded, with values outside 0-1 cut off. */
export function toRgb(image: FloatImage, depth: 8 | 16): RgbImage {
  const { width, height } = image;
  const plane = width * height;
  const max = maxSample(depth);
  const data = depth === 16 ? new Uint16Array(3 * plane) : new Uint8Array(3 * plane);
  for (let channel = 0; channel < 3; channel++) {
    for (let i = 0; i < plane; i++) data[3 * i + channel] = quantise(image.data[channel * plane + i]!, max);
  }
  return { width, height, depth, data };
}

/** The sample for a value in 0-1; what lies outside is cut off. */
export function quantise(value: number, max: number): number {
  return value <= 0 ? 0 : value >= 1 ? max : Math.floor(value * max + 0.5);
}

/** The largest sample: 255 or 65535. */
export function maxSample(depth: 8 | 16): number {
  return depth === 16 ? 65535 : 255;
}

/** The picture turned clockwise by whole quarters. */
export function rotateQuarter(image: RgbImage, turn: 0 | 90 | 180 | 270): RgbImage {
  const { width, height } = image;
  const size = turn % 180 === 0 ? { width, height } : { width: height, height: width };
  return { ...image, ...size, data: rotateSamples(image.data, image, 3, turn) };
}

/** Interleaved samples of a `width x height` picture, turned clockwise. The same array where there is no turn. */
export function rotateSamples<T extends Uint8Array | Uint16Array>(
  data: T,
  { width, height }: { width: number; height: number },
  channels: number,
  turn: 0 | 90 | 180 | 270,
): T {
  if (turn === 0) return data;
  const output = new (data.constructor as new (length: number) => T)(data.length);
  const [start, stepX, stepY] = {
    90: [height - 1, height, -1],
    180: [width * height - 1, -1, -width],
    270: [(width - 1) * height, -height, 1],
  }[turn] as [number, number, number];
  for (let y = 0, from = 0; y < height; y++) {
    let to = channels * (start + stepY * y);
    for (let x = 0; x < width; x++, from += channels, to += channels * stepX) {
      for (let channel = 0; channel < channels; channel++) output[to + channel] = data[from + channel]!;
    }
  }
  return output;
}

/**
 * The picture enlarged with a Lanczos-3 kernel, pixel centres kept in place: a point at `p` goes to `factor * p`.
 * Throws `input/too-large` where the result would have more than `MAX_PIXELS`.
 */
export async function enlarge(image: RgbImage, factor: 2 | 4): Promise<RgbImage> {
  const [width, height] = [image.width * factor, image.height * factor];
  if (width * height > MAX_PIXELS) {
    throw new HeirloomError(
      'input/too-large',
      `${image.width} x ${image.height} pixels enlarged ${factor} times exceed ${MAX_PIXELS / 1e6} million pixels`,
    );
  }
  return resizeLanczos(image, width, height);
}

/** The picture with its long side at `longSide` pixels at most, by the Lanczos-3 kernel; itself where it fits. */
export async function fitWithin(image: RgbImage, longSide: number): Promise<RgbImage> {
  const scale = longSide / Math.max(image.width, image.height);
  if (scale >= 1) return image;
  const size = (side: number) => Math.max(1, Math.round(side * scale));
  return resizeLanczos(image, size(image.width), size(image.height));
}

/** The picture stretched to `width x height` by the Lanczos-3 kernel, widened where it shrinks. */
export async function resizeLanczos(image: RgbImage, width: number, height: number): Promise<RgbImage> {
  const wide = image.depth === 16;
  const raw = { width: image.width, height: image.height, channels: 3 as const };
  const { data } = await sharp(image.data, { raw, limitInputPixels: false })
    .resize(width, height, { fit: 'fill', kernel: 'lanczos3' })
    .toColourspace(wide ? 'rgb16' : 'srgb')
    .raw({ depth: wide ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return { width, height, depth: image.depth, data: samplesOf(data, image.depth) };
}

function requireSize(width: number, height: number): void {
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1) {
    throw new HeirloomError(
      'argument/invalid',
      `Expected a whole positive size but received ${width} x ${height}`,
    );
  }
}
