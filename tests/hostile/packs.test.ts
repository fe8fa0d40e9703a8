import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EngineClient } from '../../engine/client.ts';
import { expectPlainGraph } from '../../engine/models/expect-plain-graph.ts';
import { loadPack } from '../../engine/models/manifest.ts';
import { Packs } from '../../main/packs/packs.ts';
import { unpack } from '../../main/packs/unpack.ts';
import { makeZip, type ZipEntry } from '../fixtures/make-zip.ts';
import { TINY_PACK } from '../fixtures/tiny-pack.ts';
import { field, graph, model, node, shape, tensor, type GraphPlan } from './make-graph.ts';

let root: string;
let folder: string;
let engine: EngineClient;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'heirloom-packs-'));
  engine = new EngineClient({ role: 'restore' });
});
afterAll(async () => {
  await engine.close();
  await rm(root, { recursive: true });
});
beforeEach(async () => {
  folder = await mkdtemp(join(root, 'test-'));
});

describe('a graph', () => {
  async function check(bytes: Buffer, external: Record<string, number> = {}): Promise<void> {
    const path = join(folder, 'a.onnx');
    await writeFile(path, bytes);
    return expectPlainGraph(path, external);
  }

  const floats = (count: number) => Buffer.alloc(4 * count);
  const good: GraphPlan = { tensors: [tensor({ dims: [3, 4], data: floats(12) }), shape('s', 2, -1)] };
  const weights = (external: Record<string, string>): GraphPlan => ({
    tensors: [tensor({ dims: [4], external })],
  });
  const sized = (operator: string, inputs: string[], ...sizes: (number | bigint)[]): GraphPlan => ({
    nodes: [node({ operator, inputs })],
    tensors: [shape('s', ...sizes)],
  });
  const loop = node({ operator: 'Loop', attributes: [field(6, graph({}))] });

  it('of operators of ONNX with its own weights is taken', async () => {
    await check(model(good));
    await check(model(weights({ location: 'a.weights', offset: '16', length: '16' })), { 'a.weights': 32 });
    await check(model(sized('ConstantOfShape', ['s'], 1, 3, 1024, 1024)));
    await check(model({ nodes: [node({ operator: 'If', attributes: [field(6, graph({}))] })] }));
    await check(model({ inputDims: [-1, 3, 32, 32] }));
  });

  it.each<[string, Buffer, RegExp]>([
    ['nothing', Buffer.alloc(0), /not an ONNX graph/],
    ['text', Buffer.from('not a graph at all'), /not an ONNX graph/],
    ['half a graph', model(good).subarray(0, 40), /not an ONNX graph/],
    ['two graphs', model(good, field(7, graph(good))), /not an ONNX graph/],
    ['functions', model(good, field(25, 'f')), /functions of its own/],
    ['training', model(good, field(20, 't')), /functions of its own/],
    [
      'an operator of a maker',
      model({ nodes: [node({ operator: 'Run', domain: 'evil.ops' })] }),
      /"evil\.ops\.Run" is not of ONNX/,
    ],
    [
      'an operator of onnxruntime',
      model({ nodes: [node({ operator: 'Attention', domain: 'com.microsoft' })] }),
      /not of ONNX/,
    ],
    ['a loop', model({ nodes: [loop] }), /Loop is not allowed/],
    ['a scan', model({ nodes: [node({ operator: 'Scan' })] }), /Scan is not allowed/],
    [
      'a loop inside of an if',
      model({ nodes: [node({ operator: 'If', attributes: [field(6, graph({ nodes: [loop] }))] })] }),
      /Loop is not allowed/,
    ],
    [
      'a tensor of a trillion values',
      model({ tensors: [tensor({ dims: [1_000_000, 1_000_000] })] }),
      /1000000 x 1000000/,
    ],
    [
      'a tensor whose size overflows',
      model({ tensors: [tensor({ dims: [2n ** 32n, 2n ** 32n, 2n ** 32n] })] }),
      /values/,
    ],
    [
      'a tensor of more than it has',
      model({ tensors: [tensor({ dims: [1000, 1000], data: floats(4) })] }),
      /says 1000000 values and has 16 bytes/,
    ],
    ['an input of a trillion values', model({ inputDims: [1, 3, 1_000_000, 1_000_000] }), /values/],
    [
      'what it makes of a shape',
      model(sized('ConstantOfShape', ['s'], 100_000, 100_000, 100_000)),
      /ConstantOfShape makes has 100000/,
    ],
    ['what it expands to', model(sized('Expand', ['x', 's'], 1_000_000, 1_000_000)), /Expand makes/],
    ['what it tiles to', model(sized('Tile', ['x', 's'], 1_000_000, 1_000_000)), /Tile makes/],
    ['sparse tensors', model({ more: [field(15, 'sparse')] }), /sparse tensors/],
  ])('that holds %s is refused', async (_, bytes, reason) => {
    const refused = check(bytes);
    await expect(refused).rejects.toMatchObject({ code: 'pack/invalid' });
    await expect(refused).rejects.toThrow(reason);
  });

  it.each([
    ...['/etc/passwd', '../secret', '../../../../etc/passwd', 'sub/a.weights', '..\\secret', '/dev/zero', ''],
    ...['other.weights', '__proto__', 'constructor', 'A.WEIGHTS', './a.weights', 'a.weights\0'],
  ])('whose weights lie in %j is refused', async (location) => {
    const refused = check(model(weights({ location })), { 'a.weights': 100 });
    await expect(refused).rejects.toMatchObject({ code: 'pack/invalid' });
    await expect(refused).rejects.toThrow('no file of the pack');
  });

  it.each([
    ['90', '16', 'beyond the end'],
    ['0', '101', 'beyond the end'],
    ['-1', '16', 'no place'],
    ['0', '1e999', 'no place'],
    ['0', '1', 'says 4 values'],
    ['9007199254740993', '1', 'no place'],
  ])('whose weights stand at %s of length %s is refused', async (offset, length, reason) => {
    const plan = weights({ location: 'a.weights', offset, length });
    await expect(check(model(plan), { 'a.weights': 100 })).rejects.toThrow(reason);
  });

  it('of a hundred thousand nodes and graphs in graphs is refused', async () => {
    const nodes = Array.from({ length: 100_001 }, () => node({ operator: 'Identity' }));
    await expect(check(model({ nodes }))).rejects.toThrow('more than 100000 nodes');
    let deep: GraphPlan = {};
    for (let i = 0; i < 20; i++)
      deep = { nodes: [node({ operator: 'If', attributes: [field(6, graph(deep))] })] };
    await expect(check(model(deep))).rejects.toThrow('deep');
  });

  it('with any byte changed is taken or refused, and nothing else', async () => {
    const bytes = model({ ...good, nodes: [node({ operator: 'If', attributes: [field(6, graph({}))] })] });
    for (let i = 0; i < bytes.length; i++)
      for (const value of [0, 0x7f, 0xff]) {
        const changed = Buffer.from(bytes);
        changed[i] = value;
        await check(changed).catch((error: unknown) => expect(error).toMatchObject({ code: 'pack/invalid' }));
      }
  });
});

/** A copy of the tiny pack with one of its files replaced, and the manifest's hash made right or left wrong. */
async function packWith(name: string, bytes: Buffer, hashed: boolean): Promise<string> {
  const pack = join(folder, 'pack');
  await cp(TINY_PACK, pack, { recursive: true });
  await writeFile(join(pack, name), bytes);
  if (!hashed) return pack;
  const path = join(pack, 'manifest.json');
  const manifest = JSON.parse(await readFile(path, 'utf8')) as {
    files: Record<string, { name: string; bytes: number; sha256: string }>;
  };
  for (const file of Object.values(manifest.files))
    if (file.name === name)
      Object.assign(file, { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
  await writeFile(path, JSON.stringify(manifest));
  return pack;
}

describe('a pack, through the real engine', () => {
  const packs = () =>
    new Packs({
      bundled: join(folder, 'bundled'),
      own: join(folder, 'own'),
      temporary: join(folder, 'tmp'),
      engines: { imaging: engine, interactive: engine },
      emit: () => undefined,
    });

  async function refused(source: string): Promise<Error> {
    const error = await packs()
      .import(source)
      .then(
        () => new Error('It was taken'),
        (reason: Error) => reason,
      );
    expect(await readdir(join(folder, 'own')).catch(() => [])).toEqual([]);
    expect(await readdir(join(folder, 'tmp'))).toEqual([]);
    return error;
  }

  it.each<[string, GraphPlan, RegExp]>([
    [
      'an operator of its own',
      { nodes: [node({ operator: 'Run', domain: 'evil' })] },
      /denoiser\.onnx: the operator "evil\.Run"/,
    ],
    ['a loop', { nodes: [node({ operator: 'Loop' })] }, /denoiser\.onnx: the operator Loop/],
    [
      'weights outside of the pack',
      { tensors: [tensor({ dims: [4], external: { location: '/etc/passwd' } })] },
      /"\/etc\/passwd", which is no file of the pack/,
    ],
    [
      'weights beside the pack',
      { tensors: [tensor({ dims: [4], external: { location: 'dgsa.onnx' } })] },
      /no file of the pack/,
    ],
    ['an enormous tensor', { tensors: [tensor({ dims: [2 ** 20, 2 ** 20] })] }, /1048576 x 1048576/],
  ])('with %s is refused, and names the file', async (_, plan, reason) => {
    const error = await refused(await packWith('denoiser.onnx', model(plan), true));
    expect(error).toMatchObject({ code: 'pack/invalid' });
    expect(error.message).toMatch(reason);
    expect(error.message).not.toContain(folder);
  });

  it('with other bytes than its manifest says is refused for that, before they are looked at', async () => {
    const evil = model({ nodes: [node({ operator: 'Run', domain: 'evil' })] });
    const sameSize = Buffer.concat([evil, Buffer.alloc(1000)]).subarray(0, 208);
    for (const bytes of [evil, sameSize])
      expect(await refused(await packWith('denoiser.onnx', bytes, false))).toMatchObject({
        code: 'pack/damaged',
      });
  });

  it('with a manifest or a table that is a book is refused without reading it', async () => {
    const pack = await packWith('dsst.json', Buffer.alloc(2 ** 21, ' '), true);
    await expect(loadPack(pack)).rejects.toThrow('files.dsst.bytes');
    await writeFile(join(pack, 'manifest.json'), Buffer.alloc(2 ** 21, ' '));
    await expect(loadPack(pack)).rejects.toThrow('more than 1048576 bytes');
  });

  it('with a card of a gigabyte shows its beginning', async () => {
    await mkdir(join(folder, 'bundled'), { recursive: true });
    await cp(TINY_PACK, join(folder, 'bundled', 'tiny'), { recursive: true });
    await writeFile(join(folder, 'bundled', 'tiny', 'MODEL_CARD.md'), Buffer.alloc(5_000_000, 'x'));
    expect((await packs().card('tiny')).markdown.length).toBeLessThan(300_000);
  });
});

describe('a zip', () => {
  async function unzip(entries: ZipEntry[]): Promise<void> {
    const target = await mkdtemp(join(folder, 'target-'));
    await writeFile(join(folder, 'pack.zip'), makeZip(entries));
    try {
      await unpack(join(folder, 'pack.zip'), target);
    } catch (error) {
      expect(await readdir(target)).toEqual([]);
      expect((error as Error).message).not.toContain(folder);
      throw error;
    }
  }
  const data = Buffer.from('x');

  it.each([
    '../evil',
    'a/../../evil',
    '/etc/evil',
    'C:evil',
    'a.onnx:stream',
    '..\\evil',
    'a\nb',
    'a\x1b[31m',
    'a\0b',
  ])('with the name %j is refused before anything is written', async (name) => {
    await expect(
      unzip([
        { name: 'manifest.json', data },
        { name, data },
      ]),
    ).rejects.toMatchObject({ code: 'pack/invalid' });
  });

  it.each([
    ['manifest.json', 'manifest.json'],
    ['a.onnx', 'A.ONNX'],
    ['ä.onnx', 'Ä.onnx'],
  ])('with %s and %s is refused', async (first, second) => {
    await expect(
      unzip([
        { name: first, data },
        { name: second, data },
      ]),
    ).rejects.toThrow('twice');
  });

  it.each([
    ['links', 0o120777],
    ['pipes', 0o010666],
    ['devices', 0o020666],
    ['sockets', 0o140666],
  ])('with %s is refused', async (_, mode) => {
    await expect(unzip([{ name: 'a', data, mode }])).rejects.toThrow('a link or no plain file');
  });

  it('of 10,000 files or folders is refused', async () => {
    const names = (end: string) => Array.from({ length: 10_000 }, (_, i) => ({ name: `${i}${end}`, data }));
    await expect(unzip(names('.bin'))).rejects.toThrow('more than 100 files');
    await expect(unzip(names('/'))).rejects.toThrow('more than 100 files');
  });

  it('that unpacks to a thousand times its size is refused, weights of zeros that do not are taken', async () => {
    const bomb = { name: 'denoiser.weights', data: Buffer.alloc(50_000_000), deflated: true };
    await expect(unzip([bomb])).rejects.toThrow('more than 100 times its size');
    await unzip([{ name: 'small.bin', data: Buffer.alloc(500_000), deflated: true }]);
    await unzip([
      { name: 'noise.bin', data: Buffer.alloc(3_000_000, 'a few words again and again'), deflated: false },
    ]);
  });

  it('that claims less than it unpacks to is refused, and no more of it is written', async () => {
    const bytes = Buffer.alloc(5_000_000, 'abc');
    const [target, path] = [join(folder, 'target'), join(folder, 'pack.zip')];
    await mkdir(target);
    await writeFile(path, makeZip([{ name: 'a', data: bytes, deflated: true, claimedBytes: 10 }]));
    await expect(unpack(path, target)).rejects.toMatchObject({ code: 'pack/invalid' });
    expect((await stat(join(target, 'a'))).size).toBeLessThanOrEqual(10);
  });
});

describe('a folder', () => {
  it('with a link, or of more than 100 files or folders, is refused', async () => {
    const [linked, many, deep] = [join(folder, 'linked'), join(folder, 'many'), join(folder, 'deep')];
    await mkdir(linked);
    await symlink('/etc/passwd', join(linked, 'MODEL_CARD.md'));
    await expect(unpack(linked, folder)).rejects.toThrow('a link or no plain file');
    await mkdir(many);
    for (let i = 0; i < 101; i++) await writeFile(join(many, `${i}`), '');
    await expect(unpack(many, folder)).rejects.toThrow('more than 100 files');
    await mkdir(join(deep, ...Array.from({ length: 101 }, () => 'd')), { recursive: true });
    await expect(unpack(deep, folder)).rejects.toThrow('more than 100 folders');
  });
});
