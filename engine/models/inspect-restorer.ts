import path from 'node:path';
import { HeirloomError } from '../../contract/errors.ts';
import { psnr } from '../image/metrics.ts';
import { sizeOf } from '../method/spectral-blur.ts';
import { InferenceSession, Tensor } from './onnxruntime.ts';
import { fromRange, restoreThrough, type Restorer, type ValueRange } from './restorer.ts';

/** What was found out about a network that someone wants as RM. */
export interface RestorerFindings {
  restorer: Restorer;
  /** What it makes of the golden face, `[3, S, S]` in about [0, 1]. */
  restoration: Float32Array;
  /** Smallest and largest value that it gave, in its own range. */
  lowest: number;
  highest: number;
  /** PSNR of its picture of the golden face to that face, in dB, for the range that was taken and for the other. */
  psnr: number;
  psnrOther: number;
  /** One warm call at its size on the CPU. */
  milliseconds: number;
}

type Metadata = InferenceSession.ValueMetadata;

/** Size where the graph leaves it open: that of the published face restorers. */
const USUAL_SIZE = 512;
/** Pearson's correlation with the golden face under which it is not a restoration of the same picture. */
const LEAST_CORRELATION = 0.7;

/**
 * Opens an ONNX file on the CPU, finds its picture input and output, and tries both value ranges on a golden face.
 * @param y `[3, S, S]` in [0, 1], an aligned face in FFHQ framing
 * Throws `pack/invalid` with what was found where it takes or gives anything else than one float32 RGB picture
 * `[1, 3, N, N]`, N a power of two from 32 to 1024, or where neither range gives the face back.
 */
export async function inspectRestorer(file: string, y: Float32Array): Promise<RestorerFindings> {
  const name = path.basename(file);
  const session = await InferenceSession.create(file, { logSeverityLevel: 3 }).catch((cause: unknown) => {
    throw invalid(name, `cannot be loaded: ${cause instanceof Error ? cause.message.trim() : String(cause)}`);
  });
  try {
    const ports = findPorts(session, name);
    const tries = [await tryRange(session, ports, 'unit', y), await tryRange(session, ports, 'symmetric', y)];
    return choose(tries as [Trial, Trial], y, name);
  } finally {
    await session.release();
  }
}

interface Ports {
  input: string;
  output: string;
  size: number;
}

type Trial = Omit<RestorerFindings, 'psnrOther'>;

function findPorts({ inputMetadata, outputMetadata }: InferenceSession, name: string): Ports {
  const [input, another] = inputMetadata;
  if (!input || another) {
    const names = inputMetadata.map((port) => port.name).join(', ');
    throw invalid(name, `has ${inputMetadata.length} inputs (${names}); expected one picture`);
  }
  const size = sizeOfPort(input, name);
  const output = outputMetadata.find((port) => isPicture(port) && fits(port.shape, size));
  if (!output) {
    const found = outputMetadata.map(describePort).join('; ');
    throw invalid(name, `gives ${found}; expected float32 1 x 3 x ${size} x ${size}`);
  }
  return { input: input.name, output: output.name, size };
}

function sizeOfPort(port: Metadata, name: string): number {
  const [height, width] = port.isTensor ? port.shape.slice(2) : [];
  const size = typeof height === 'number' ? height : USUAL_SIZE;
  const square = isPicture(port) && fits(port.shape, size) && (typeof width !== 'number' || width === size);
  if (square && size >= 32 && size <= 1024 && Number.isInteger(Math.log2(size))) return size;
  throw invalid(
    name,
    `takes ${describePort(port)}; expected float32 1 x 3 x N x N with N a power of two from 32 to 1024`,
  );
}

function isPicture(port: Metadata): port is Extract<Metadata, { isTensor: true }> {
  return port.isTensor && port.type === 'float32' && port.shape.length === 4;
}

/** An open dimension fits any number. */
function fits(shape: readonly (number | string)[], size: number): boolean {
  return [1, 3, size, size].every((n, i) => typeof shape[i] === 'string' || shape[i] === n);
}

function describePort(port: Metadata): string {
  return port.isTensor ? `${port.name}: ${port.type} ${port.shape.join(' x ')}` : `${port.name}: no tensor`;
}

async function tryRange(
  session: InferenceSession,
  { input, output, size }: Ports,
  range: ValueRange,
  y: Float32Array,
): Promise<Trial> {
  let given = new Float32Array();
  let milliseconds = 0;
  const run = async (picture: Float32Array) => {
    const feeds = { [input]: new Tensor('float32', picture, [1, 3, size, size]) };
    await session.run(feeds);
    const started = performance.now();
    given = (await session.run(feeds))[output]!.data as Float32Array<ArrayBuffer>;
    milliseconds = performance.now() - started;
    return given;
  };
  const restorer = { input, output, size, range };
  const restoration = await restoreThrough(restorer, y, run);
  const [lowest, highest] = extremes(given);
  return { restorer, restoration, lowest, highest, psnr: likeness(restoration, y), milliseconds };
}

function choose([unit, symmetric]: [Trial, Trial], y: Float32Array, name: string): RestorerFindings {
  const [better, other] = symmetric.psnr > unit.psnr ? [symmetric, unit] : [unit, symmetric];
  const alike = correlation(better.restoration, y);
  if (alike >= LEAST_CORRELATION) return { ...better, psnrOther: other.psnr };
  const shown = fromRange(Float32Array.of(better.lowest, better.highest), better.restorer.range);
  const span = [...shown].map((value) => value.toPrecision(3)).join(' to ');
  const expected = `at least ${LEAST_CORRELATION} and 0 to 1 were expected`;
  throw invalid(
    name,
    `does not give the golden face back: correlation ${alike.toFixed(2)}, values ${span}; ${expected}`,
  );
}

/** Pearson's, over all samples; 0 for a flat picture and where a value is not finite. */
function correlation(a: Float32Array, b: Float32Array): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [da, db] = [a[i]! - meanA, b[i]! - meanB];
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  const found = ab / Math.sqrt(aa * bb);
  return Number.isFinite(found) ? found : 0;
}

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function extremes(values: Float32Array): [number, number] {
  return values.reduce<[number, number]>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Infinity, -Infinity],
  );
}

/** PSNR in dB within 0-99: 99 for the same picture, 0 where a value is not finite. */
export function likeness(a: Float32Array, b: Float32Array): number {
  const size = sizeOf(b);
  const found = psnr({ width: size, height: size, data: a }, { width: size, height: size, data: b });
  return Number.isNaN(found) ? 0 : Math.min(99, Math.max(0, found));
}

function invalid(name: string, what: string): HeirloomError {
  return new HeirloomError('pack/invalid', `${name} ${what}`);
}
