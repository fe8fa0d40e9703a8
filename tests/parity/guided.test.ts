import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { GuidedOutput } from '../../engine/method/types.ts';
import { loadPack, manifestSchema } from '../../engine/models/manifest.ts';
import { openPackSessions } from '../../engine/models/sessions.ts';
import { hasSwiftShader, runGuided } from '../fixtures/fork-guided.ts';
import { largestDifference } from '../fixtures/pictures.ts';
import { copyTinyPack } from '../fixtures/tiny-pack.ts';

/**
 * The exact-gradient graph of a small U-Net with every kind of layer that the real one has (attention, group norm,
 * SiLU, time modulation, pixel shuffles). `training/golden.py --small` traced it and wrote autograd's answer.
 */
const graph = fileURLToPath(new URL('../golden/guided-32.onnx', import.meta.url));
const tensors = JSON.parse(readFileSync(graph.replace('.onnx', '.json'), 'utf8')) as Record<
  string,
  { data: string }
>;

function tensor(name: string): Float32Array {
  const bytes = Buffer.from(tensors[name]!.data, 'base64');
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));
}

function expectCloseTo(actual: GuidedOutput, expected: GuidedOutput, tolerance: number): void {
  const scale = Math.max(...expected.gradient.map(Math.abs));
  expect(largestDifference(actual.x0Hat, expected.x0Hat)).toBeLessThan(tolerance);
  expect(largestDifference(actual.gradient, expected.gradient) / scale).toBeLessThan(tolerance);
  expect(Math.abs(actual.loss / expected.loss - 1)).toBeLessThan(tolerance);
}

let dir: string;
beforeAll(async () => {
  dir = await copyTinyPack();
  const file = path.join(dir, 'manifest.json');
  const manifest = manifestSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  const bytes = await readFile(graph);
  await copyFile(graph, path.join(dir, manifest.files.denoiserGuided.name));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const denoiserGuided = { ...manifest.files.denoiserGuided, sha256, bytes: bytes.length };
  await writeFile(file, JSON.stringify({ ...manifest, files: { ...manifest.files, denoiserGuided } }));
});

describe('the exact gradient through a U-Net', () => {
  it("equals autograd's within 1e-4 relative", async () => {
    const sessions = openPackSessions(await loadPack(dir), { provider: 'cpu', threads: 1 });
    const [y, h, w] = [tensor('y'), tensor('h'), tensor('w')];
    const guides = Array.from(w, (weight, i) => ({
      image: y.slice(i * 3 * 1024, (i + 1) * 3 * 1024),
      transfer: Float64Array.from(h.subarray(i * 32, (i + 1) * 32)),
      weight,
    }));
    const actual = await sessions.guided({
      xt: tensor('x_t'),
      t: tensor('t')[0]!,
      alphaBar: 0.5,
      guides,
    });
    await sessions.release();
    const expected = { x0Hat: tensor('x0_hat'), gradient: tensor('grad'), loss: tensor('loss')[0]! };
    expectCloseTo(actual, expected, 1e-4);
  });

  it.skipIf(!hasSwiftShader)(
    'is the same within 1e-3 on the WebGPU provider (SwiftShader) and the CPU',
    { timeout: 300_000 },
    async () => {
      expectCloseTo(await runGuided(dir, 'webgpu'), await runGuided(dir, 'cpu'), 1e-3);
    },
  );
});
