/**
 * What a graph file may hold, looked at before onnxruntime opens it: operators of ONNX itself without loops, tensors
 * that the file has the bytes of, and external data only in files whose hash the manifest names.
 * Source: onnx.proto3 of ONNX 1.20; Protocol Buffers, "Encoding".
 */
import { readFile } from 'node:fs/promises';
import { HeirloomError } from '../../contract/errors.ts';

/** Bytes of each file beside the graph that external data may be in. */
export type ExternalFiles = Readonly<Record<string, number>>;

/** A billion bytes of float32. */
const MAX_ELEMENTS = 2 ** 28;
const MAX_NODES = 100_000;
/** `If` inside of `If`. */
const MAX_DEPTH = 8;
const DOMAINS = new Set(['', 'ai.onnx']);
/** They may run for ever, or call what is not in the graph. */
const REFUSED = new Set(['Loop', 'Scan', 'SequenceMap', 'Optional', 'OptionalGetElement']);
/** Operators that make a tensor of a size that an input gives, and which input. */
const SIZED_BY: Readonly<Record<string, number>> = {
  ConstantOfShape: 0,
  Expand: 1,
  Tile: 1,
  Resize: 3,
  Pad: 1,
};
const INT64 = 7;
const EXTERNAL = 1;

const MODEL = { graph: 7, trainingInfo: 20, functions: 25 };
const GRAPH = { node: 1, initializer: 5, input: 11, output: 12, valueInfo: 13, sparseInitializer: 15 };
const NODE = { input: 1, output: 2, opType: 4, attribute: 5, domain: 7 };
const ATTRIBUTE = { tensor: 5, graph: 6, tensors: 10, graphs: 11, sparse: 22, sparses: 23 };
const TENSOR = { dims: 1, dataType: 2, name: 8, rawData: 9, externalData: 13, dataLocation: 14 };
/** Packed numbers and strings, by field. */
const TENSOR_DATA = [4, 5, 6, 7, 9, 10, 11];

interface Field {
  number: number;
  /** A varint, or a fixed number, of which only varints are used here. */
  value: bigint;
  /** A string, a message or packed numbers; empty for the others. */
  bytes: Buffer;
}

/** Throws `pack/invalid` with the file and the reason. `external`: files beside it, with their sizes. */
export async function expectPlainGraph(file: string, external: ExternalFiles): Promise<void> {
  const refuse = (reason: string) => new HeirloomError('pack/invalid', `${file}: ${reason}`);
  const bytes = await readFile(file);
  try {
    checkModel(bytes, external);
  } catch (error) {
    if (error instanceof Refusal) throw refuse(error.message);
    if (error instanceof RangeError) throw refuse('not an ONNX graph');
    throw error;
  }
}

class Refusal extends Error {}

/** The fields of a message in order. Throws RangeError for what is none. */
function* fieldsOf(bytes: Buffer): Generator<Field> {
  for (let at = 0; at < bytes.length;) {
    const key = varint(bytes, at);
    at = key.end;
    const field = readField(bytes, at, Number(key.value >> 3n), Number(key.value & 7n));
    at = field.end;
    yield field;
  }
}

const NOTHING = Buffer.alloc(0);
const FIXED_BYTES: Readonly<Record<number, number>> = { 1: 8, 5: 4 };

function readField(bytes: Buffer, at: number, number: number, wire: number): Field & { end: number } {
  if (wire === 0) {
    const { value, end } = varint(bytes, at);
    return { number, value, bytes: NOTHING, end };
  }
  const length = wire === 2 ? varint(bytes, at) : { value: BigInt(FIXED_BYTES[wire] ?? -1), end: at };
  const end = length.end + Number(length.value);
  if (length.value < 0n || end > bytes.length) throw new RangeError(`Expected a field at ${at}`);
  return { number, value: 0n, bytes: bytes.subarray(length.end, end), end };
}

function varint(bytes: Buffer, start: number): { value: bigint; end: number } {
  let value = 0n;
  for (let at = start, shift = 0n; shift < 70n; at++, shift += 7n) {
    const byte = bytes.readUInt8(at);
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return { value: BigInt.asIntN(64, value), end: at + 1 };
  }
  throw new RangeError(`Expected a number at ${start}`);
}

function checkModel(bytes: Buffer, external: ExternalFiles): void {
  const fields = [...fieldsOf(bytes)];
  if (fields.some(({ number }) => number === MODEL.functions || number === MODEL.trainingInfo))
    throw new Refusal('it defines functions of its own');
  const graphs = fields.filter(({ number }) => number === MODEL.graph);
  if (graphs.length !== 1) throw new RangeError('Expected one graph');
  new GraphCheck(external).check(graphs[0]!.bytes, 0);
}

interface Tensor {
  name: string;
  dims: bigint[];
  /** Of a small tensor of whole numbers, what it holds. */
  values: bigint[];
}

class GraphCheck {
  readonly #external: ExternalFiles;
  /** Tensors that hold shapes, by name. */
  readonly #shapes = new Map<string, bigint[]>();
  #nodes = 0;

  constructor(external: ExternalFiles) {
    this.#external = external;
  }

  check(bytes: Buffer, depth: number): void {
    if (depth > MAX_DEPTH) throw new Refusal(`graphs more than ${MAX_DEPTH} deep`);
    const nodes: Buffer[] = [];
    for (const { number, bytes: content } of fieldsOf(bytes)) {
      if (number === GRAPH.node) nodes.push(content);
      else if (number === GRAPH.initializer) this.#keep(this.#tensor(content));
      else if (number === GRAPH.sparseInitializer) throw new Refusal('it has sparse tensors');
      else if (number === GRAPH.input || number === GRAPH.output || number === GRAPH.valueInfo)
        expectSmall(dimsOfValue(content), 'a tensor between its nodes');
    }
    // All of them first: where tensors are sized by others, these may stand anywhere.
    for (const node of nodes) this.#node(node, depth);
  }

  #keep({ name, values }: Tensor): void {
    if (values.length > 0) this.#shapes.set(name, values);
  }

  #node(bytes: Buffer, depth: number): void {
    if (++this.#nodes > MAX_NODES) throw new Refusal(`more than ${MAX_NODES} nodes`);
    const fields = [...fieldsOf(bytes)];
    const textOf = (wanted: number) =>
      fields.filter(({ number }) => number === wanted).map((field) => field.bytes.toString('utf8'));
    const [operator = ''] = textOf(NODE.opType);
    const [domain = ''] = textOf(NODE.domain);
    if (!DOMAINS.has(domain))
      throw new Refusal(`the operator ${quote(`${domain}.${operator}`)} is not of ONNX`);
    if (REFUSED.has(operator)) throw new Refusal(`the operator ${operator} is not allowed`);
    for (const { number, bytes: content } of fields)
      if (number === NODE.attribute) this.#attribute(content, depth, textOf(NODE.output)[0] ?? '');
    const shape = this.#shapes.get(textOf(NODE.input)[SIZED_BY[operator] ?? -1] ?? '');
    if (shape) expectSmall(shape, `what ${operator} makes`);
  }

  #attribute(bytes: Buffer, depth: number, output: string): void {
    for (const { number, bytes: content } of fieldsOf(bytes)) {
      if (number === ATTRIBUTE.graph || number === ATTRIBUTE.graphs) this.check(content, depth + 1);
      else if (number === ATTRIBUTE.sparse || number === ATTRIBUTE.sparses)
        throw new Refusal('it has sparse tensors');
      else if (number === ATTRIBUTE.tensor || number === ATTRIBUTE.tensors)
        this.#keep({ ...this.#tensor(content), name: output });
    }
  }

  #tensor(bytes: Buffer): Tensor {
    const fields = [...fieldsOf(bytes)];
    const numberOf = (wanted: number) => fields.findLast(({ number }) => number === wanted)?.value ?? 0n;
    const name = fields.find(({ number }) => number === TENSOR.name)?.bytes.toString('utf8') ?? '';
    const dims = fields.filter(({ number }) => number === TENSOR.dims).flatMap(numbersOf);
    const elements = expectSmall(dims, `the tensor ${quote(name)}`);
    const held =
      numberOf(TENSOR.dataLocation) === BigInt(EXTERNAL)
        ? this.#externalBytes(fields, name)
        : fields.reduce((sum, field) => sum + (TENSOR_DATA.includes(field.number) ? sizeOf(field) : 0), 0);
    // Four bits are the least that a value takes.
    if (elements > 2 * held)
      throw new Refusal(`the tensor ${quote(name)} says ${elements} values and has ${held} bytes`);
    const isShape = numberOf(TENSOR.dataType) === BigInt(INT64) && elements <= 16;
    return { name, dims, values: isShape ? fields.flatMap(int64sOf) : [] };
  }

  #externalBytes(fields: readonly Field[], name: string): number {
    const entries = new Map(
      fields.filter(({ number }) => number === TENSOR.externalData).map(({ bytes }) => keyAndValue(bytes)),
    );
    const location = entries.get('location') ?? '';
    const fileBytes = Object.hasOwn(this.#external, location) ? this.#external[location] : undefined;
    if (fileBytes === undefined)
      throw new Refusal(`the tensor ${quote(name)} lies in ${quote(location)}, which is no file of the pack`);
    const offset = Number(entries.get('offset') ?? 0);
    const length = Number(entries.get('length') ?? fileBytes - offset);
    if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0)
      throw new Refusal(`the tensor ${quote(name)} has no place in ${location}`);
    if (offset + length > fileBytes)
      throw new Refusal(`the tensor ${quote(name)} lies beyond the end of ${location}`);
    return length;
  }
}

/** Throws for more elements than `MAX_ELEMENTS`; -1 and 0 stand for sizes that are not known. */
function expectSmall(dims: readonly bigint[], what: string): number {
  const elements = dims.reduce((product, size) => product * (size > 0n ? size : 1n), 1n);
  if (elements > BigInt(MAX_ELEMENTS)) throw new Refusal(`${what} has ${dims.join(' x ')} values`);
  return dims.some((size) => size === 0n) ? 0 : Number(elements);
}

/** A repeated number is one field each or all of them packed into one. */
function numbersOf({ value, bytes }: Field): bigint[] {
  if (bytes.length === 0) return [value];
  const values: bigint[] = [];
  for (let at = 0; at < bytes.length;) {
    const next = varint(bytes, at);
    values.push(next.value);
    at = next.end;
  }
  return values;
}

const INT64_DATA = 7;

function int64sOf(field: Field): bigint[] {
  if (field.number === INT64_DATA) return numbersOf(field);
  if (field.number !== TENSOR.rawData) return [];
  return Array.from({ length: Math.floor(field.bytes.length / 8) }, (_, i) =>
    field.bytes.readBigInt64LE(8 * i),
  );
}

/** A number that is not packed counts as one byte. */
function sizeOf({ bytes }: Field): number {
  return bytes.length || 8;
}

function keyAndValue(bytes: Buffer): [string, string] {
  const [key = '', value = ''] = [1, 2].map(
    (wanted) => [...fieldsOf(bytes)].find(({ number }) => number === wanted)?.bytes.toString('utf8') ?? '',
  );
  return [key, value];
}

const VALUE_TYPE = 2;
const TENSOR_TYPE = 1;
const SHAPE = 2;
const DIM = 1;
const DIM_VALUE = 1;

function dimsOfValue(bytes: Buffer): bigint[] {
  const inside = (message: Buffer, wanted: number) =>
    [...fieldsOf(message)].filter(({ number }) => number === wanted).map((field) => field.bytes);
  const shapes = inside(bytes, VALUE_TYPE)
    .flatMap((type) => inside(type, TENSOR_TYPE))
    .flatMap((type) => inside(type, SHAPE));
  return shapes
    .flatMap((shape) => inside(shape, DIM))
    .flatMap((dim) =>
      [...fieldsOf(dim)].filter(({ number }) => number === DIM_VALUE).map(({ value }) => value),
    );
}

const QUOTED_LENGTH = 100;

function quote(text: string): string {
  return JSON.stringify(text.slice(0, QUOTED_LENGTH));
}
