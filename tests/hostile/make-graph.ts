/** ONNX graphs by hand, also such as no exporter writes. Source: onnx.proto3 of ONNX 1.20. */

type Content = Buffer | string | number | bigint;

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, value); ; rest >>= 7n) {
    if (rest < 128n) return Buffer.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 127n) | 128);
  }
}

/** One field: a number as a varint, anything else with its length. */
export function field(number: number, content: Content): Buffer {
  if (typeof content === 'number' || typeof content === 'bigint')
    return Buffer.concat([varint(BigInt(number) << 3n), varint(BigInt(content))]);
  const bytes = Buffer.from(content as string);
  return Buffer.concat([varint((BigInt(number) << 3n) | 2n), varint(BigInt(bytes.length)), bytes]);
}

const message = (...fields: Buffer[]): Buffer => Buffer.concat(fields);

export interface TensorPlan {
  name?: string;
  dims: readonly (number | bigint)[];
  /** 1 float32, 7 int64. */
  type?: number;
  data?: Buffer;
  /** Where its bytes lie instead. */
  external?: Record<string, string>;
}

export function tensor({ name = 'w', dims, type = 1, data, external }: TensorPlan): Buffer {
  const entries = Object.entries(external ?? {});
  return message(
    ...dims.map((size) => field(1, size)),
    field(2, type),
    field(8, name),
    ...(data ? [field(9, data)] : []),
    ...entries.map(([key, value]) => field(13, message(field(1, key), field(2, value)))),
    ...(external ? [field(14, 1)] : []),
  );
}

/** A tensor of whole numbers that holds a shape. */
export function shape(name: string, ...sizes: (number | bigint)[]): Buffer {
  const data = Buffer.alloc(8 * sizes.length);
  sizes.forEach((size, i) => data.writeBigInt64LE(BigInt(size), 8 * i));
  return tensor({ name, dims: [sizes.length], type: 7, data });
}

export interface NodePlan {
  operator: string;
  domain?: string;
  inputs?: string[];
  /** Fields of an AttributeProto: 5 tensor, 6 graph. */
  attributes?: Buffer[];
}

export function node({ operator, domain = '', inputs = ['x'], attributes = [] }: NodePlan): Buffer {
  return message(
    ...inputs.map((name) => field(1, name)),
    field(2, 'y'),
    field(4, operator),
    ...attributes.map((attribute) => field(5, message(field(1, 'value'), attribute))),
    field(7, domain),
  );
}

export interface GraphPlan {
  nodes?: Buffer[];
  tensors?: Buffer[];
  /** Sizes that its input says. */
  inputDims?: readonly (number | bigint)[];
  /** Other fields. */
  more?: Buffer[];
}

export function graph({
  nodes = [node({ operator: 'Identity' })],
  tensors = [],
  inputDims = [1, 3, 32, 32],
  more = [],
}: GraphPlan): Buffer {
  const dims = message(...inputDims.map((size) => field(1, field(1, size))));
  const value = (name: string) =>
    message(field(1, name), field(2, field(1, message(field(1, 1), field(2, dims)))));
  return message(
    ...nodes.map((one) => field(1, one)),
    field(2, 'hostile'),
    ...tensors.map((one) => field(5, one)),
    field(11, value('x')),
    field(12, value('y')),
    ...more,
  );
}

export function model(plan: GraphPlan, ...more: Buffer[]): Buffer {
  return message(field(1, 8), field(7, graph(plan)), field(8, message(field(1, ''), field(2, 17))), ...more);
}
