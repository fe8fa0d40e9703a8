/** Gaussian weights of sum 1 at -radius..radius. `sigma` in samples. */
export function gaussianKernel(sigma: number, radius: number): Float64Array {
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
  );
  const sum = weights.reduce((total, w) => total + w, 0);
  return weights.map((w) => w / sum);
}

/** One plane under a Gaussian of `sigma` pixels, mirrored at the border. */
export function gaussianBlur(
  plane: Float32Array,
  width: number,
  height: number,
  sigma: number,
): Float32Array {
  const kernel = gaussianKernel(sigma, Math.max(1, Math.ceil(3 * sigma)));
  const rows = blurRows(plane, width, height, kernel);
  return transpose(blurRows(transpose(rows, width, height), height, width, kernel), height, width);
}

function blurRows(plane: Float32Array, width: number, height: number, kernel: Float64Array): Float32Array {
  const radius = kernel.length >> 1;
  const padded = new Float32Array(width + 2 * radius);
  const output = new Float32Array(plane.length);
  for (let y = 0; y < height; y++) {
    padRow(padded, plane, y * width, width, radius);
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let k = 0; k < kernel.length; k++) sum += kernel[k]! * padded[x + k]!;
      output[y * width + x] = sum;
    }
  }
  return output;
}

function padRow(
  padded: Float32Array,
  plane: Float32Array,
  start: number,
  width: number,
  radius: number,
): void {
  for (let i = 0; i < padded.length; i++) {
    const position = (((i - radius) % (2 * width)) + 2 * width) % (2 * width);
    padded[i] = plane[start + Math.min(position, 2 * width - 1 - position)]!;
  }
}

function transpose(plane: Float32Array, width: number, height: number): Float32Array {
  const output = new Float32Array(plane.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) output[x * height + y] = plane[y * width + x]!;
  }
  return output;
}
