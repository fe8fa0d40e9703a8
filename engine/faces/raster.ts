import type { RgbImage } from '../image/types.ts';
import type { Turn } from './types.ts';

/** Small interleaved picture for the networks: RGB float, HWC, 0-255. */
export interface Raster {
  width: number;
  height: number;
  data: Float32Array;
}

/**
 * The picture at `width x height`, each pixel the mean of the area that it covers (where the picture grows, of
 * the one or two pixels that it touches). Reads the samples once and holds two rows, so that a scan of 100
 * megapixels costs no copy.
 */
export function areaAverage(image: RgbImage | Raster, width: number, height: number): Raster {
  const output = new Float32Array(3 * width * height);
  const columns = spans(image.width, width);
  const rows = spans(image.height, height);
  const sums = new Float32Array(3 * image.width);
  const toByte = 'depth' in image && image.depth === 16 ? 255 / 65535 : 1;
  for (let y = 0; y < height; y++) {
    sumRows(image, rows, y, sums);
    const weight = (toByte * (width / image.width) * height) / image.height;
    averageRow(sums, columns, output, 3 * width * y, weight);
  }
  return { width, height, data: output };
}

/** For each output pixel the first and last input pixel and the parts of them that it covers. */
interface Spans {
  first: Int32Array;
  last: Int32Array;
  firstPart: Float32Array;
  lastPart: Float32Array;
}

function spans(from: number, to: number): Spans {
  const step = from / to;
  const index = Int32Array.from({ length: to }, (_, i) => i);
  const start = Float64Array.from(index, (i) => i * step);
  const end = Float64Array.from(index, (i) => Math.min(from, (i + 1) * step));
  const first = index.map((i) => Math.min(from - 1, Math.floor(start[i]! + 1e-9)));
  const last = index.map((i) => Math.max(first[i]!, Math.ceil(end[i]! - 1e-9) - 1));
  return {
    first,
    last,
    firstPart: Float32Array.from(index, (i) =>
      first[i] === last[i] ? end[i]! - start[i]! : first[i]! + 1 - start[i]!,
    ),
    lastPart: Float32Array.from(index, (i) => (first[i] === last[i] ? 0 : end[i]! - last[i]!)),
  };
}

function sumRows(image: RgbImage | Raster, rows: Spans, y: number, sums: Float32Array): void {
  const { data } = image;
  const stride = 3 * image.width;
  sums.fill(0);
  for (let row = rows.first[y]!; row <= rows.last[y]!; row++) {
    const weight = partAt(rows, y, row);
    for (let i = 0, from = row * stride; i < stride; i++, from++) sums[i]! += weight * data[from]!;
  }
}

function averageRow(
  sums: Float32Array,
  columns: Spans,
  output: Float32Array,
  to: number,
  weight: number,
): void {
  for (let x = 0; x < columns.first.length; x++, to += 3) {
    let red = 0;
    let green = 0;
    let blue = 0;
    for (let column = columns.first[x]!; column <= columns.last[x]!; column++) {
      const part = partAt(columns, x, column);
      red += part * sums[3 * column]!;
      green += part * sums[3 * column + 1]!;
      blue += part * sums[3 * column + 2]!;
    }
    output[to] = red * weight;
    output[to + 1] = green * weight;
    output[to + 2] = blue * weight;
  }
}

function partAt(spans: Spans, output: number, input: number): number {
  if (input === spans.first[output]) return spans.firstPart[output]!;
  return input === spans.last[output] ? spans.lastPart[output]! : 1;
}

/** Turned clockwise. */
export function turnRaster(raster: Raster, turn: Turn): Raster {
  if (turn === 0) return raster;
  const { width, height, data } = raster;
  const swapped = turn === 90 || turn === 270;
  const output: Raster = {
    width: swapped ? height : width,
    height: swapped ? width : height,
    data: new Float32Array(raster.data.length),
  };
  for (let y = 0, from = 0; y < height; y++) {
    for (let x = 0; x < width; x++, from += 3) {
      const [u, v] = turnPixel(x, y, width, height, turn);
      const to = 3 * (v * output.width + u);
      output.data[to] = data[from]!;
      output.data[to + 1] = data[from + 1]!;
      output.data[to + 2] = data[from + 2]!;
    }
  }
  return output;
}

function turnPixel(x: number, y: number, width: number, height: number, turn: Turn): [number, number] {
  if (turn === 90) return [height - 1 - y, x];
  if (turn === 180) return [width - 1 - x, height - 1 - y];
  return turn === 270 ? [y, width - 1 - x] : [x, y];
}

/** Copies the part of `source` from `(left, top)` on, as much as fits, to `(x, y)` of the canvas. */
export function paint(canvas: Raster, source: Raster, x: number, y: number, left = 0, top = 0): void {
  const width = Math.min(source.width - left, canvas.width - x);
  const height = Math.min(source.height - top, canvas.height - y);
  for (let row = 0; row < height; row++) {
    const from = 3 * ((top + row) * source.width + left);
    canvas.data.set(source.data.subarray(from, from + 3 * width), 3 * ((y + row) * canvas.width + x));
  }
}
