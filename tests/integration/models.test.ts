import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { restoreSettingsSchema, type RestoreSettingsInput } from '../../contract/restore.ts';
import { createGuides } from '../../engine/method/guidance.ts';
import { gaussianBlur } from '../../engine/method/spectral-blur.ts';
import { resolvePlan } from '../../engine/method/presets.ts';
import { readGolden } from '../../engine/models/golden.ts';
import { loadPack } from '../../engine/models/manifest.ts';
import type { Pack } from '../../engine/models/manifest.ts';
import { probeProvider } from '../../engine/models/probe.ts';
import type { ProbeResult } from '../../engine/models/probe.ts';
import { chooseProvider } from '../../engine/models/providers.ts';
import { openPackSessions, type PackSessions, supportedProviders } from '../../engine/models/sessions.ts';
import { restoreFace } from '../../engine/restore-face.ts';
import { CHROMIUM, hasSwiftShader, runGuided, SWIFTSHADER } from '../fixtures/fork-guided.ts';
import { largestDifference, noisePicture } from '../fixtures/pictures.ts';
import {
  copyTinyPack,
  TINY_PACK,
  tinyDenoiser,
  tinyDgsa,
  tinyGrid,
  tinyGuided,
  tinyRestoration,
  tinyStd,
} from '../fixtures/tiny-pack.ts';

const pack = await loadPack(TINY_PACK);
const golden = await readGolden(pack);
const sessions = openPackSessions(pack, { provider: 'cpu', threads: 1 });
afterAll(() => sessions.release());

/** Swaps files between the graphs of a pack, without its check. */
function withFiles(of: Pack, names: Partial<Record<keyof Pack['manifest']['files'], string>>): Pack {
  const files = { ...of.manifest.files };
  for (const [graph, name] of Object.entries(names)) {
    const key = graph as keyof typeof files;
    files[key] = { ...files[key]!, name };
  }
  return { ...of, manifest: { ...of.manifest, files } };
}

/** Planes of `size` x `size`, left and right exchanged. */
function mirror(planes: Float32Array, size: number): Float32Array {
  return planes.map((_, i) => planes[i - (i % size) + size - 1 - (i % size)]!);
}

describe('openPackSessions', () => {
  const guides = createGuides(noisePicture(32, 3), [9, 8, 7], [0.7, 0.2, 0.1]);
  const xt = noisePicture(32, 4);

  it('runs RM and SE', async () => {
    const restored = await sessions.restoration(golden.y);
    expect(largestDifference(restored.picture, tinyRestoration(golden.y))).toBeLessThan(1e-6);
    expect(restored.disagreement).toBeUndefined();
    const { std, grid, tm } = await sessions.estimator(golden.y, restored);
    expect(std).toBeCloseTo(tinyStd(golden.y), 5);
    expect(largestDifference(grid!, tinyGrid(golden.y))).toBeLessThan(1e-5);
    expect(largestDifference(tm, tinyRestoration(golden.y))).toBeLessThan(1e-6);
  });

  it("gives SE's expected error and its curve where the graph has them", async () => {
    const tiny = await sessions.estimator(golden.y, { picture: golden.restoration });
    expect([tiny.error, tiny.curve]).toEqual([undefined, undefined]);
    const { manifest, ...pack } = await loadPack('resources/models/family-256');
    const clouds = gaussianBlur(noisePicture(256, 5), 8).map((value) => 0.5 + 3 * value);
    const family = openPackSessions({ ...pack, manifest }, { provider: 'cpu' });
    const { std, error, curve } = await family.estimator(clouds, await family.restoration(clouds));
    await family.release();
    expect(error).toBeGreaterThan(0);
    expect(curve!.knots).toEqual(manifest.stdKnots);
    expect([...curve!.log10]).toEqual([...curve!.log10].sort((a, b) => b - a));
    // std is where the curve meets the tolerance.
    const below = manifest.stdKnots!.filter((_, i) => 10 ** curve!.log10[i]! > manifest.tol.std);
    expect(below.length).toBeGreaterThan(0);
    expect(std).toBeGreaterThan(below.at(-1)! - 1e-5);
    expect(std).toBeLessThan((manifest.stdKnots![below.length] ?? manifest.stdAxis.max) + 1e-5);
  });

  it("shows SE what RM made of the face, but not what another maker's RM did, of which it knows no curve", async () => {
    const pack = await loadPack('resources/models/family-256');
    const restorer = { input: 'y', output: 'x', size: 256, range: 'unit', source: 'a test' } as const;
    const [own, foreign] = [pack, { ...pack, manifest: { ...pack.manifest, restorer } }].map((of) =>
      openPackSessions(of, { provider: 'cpu' }),
    ) as [PackSessions, PackSessions];
    const [y, picture, disagreement] = [1, 2, 3].map((seed) =>
      noisePicture(256, seed).map((value) => 0.5 + value / 8),
    ) as [Float32Array, Float32Array, Float32Array];
    const estimates = [];
    for (const [sessions, restored] of [
      [own, { picture: y }],
      [own, { picture }],
      [own, { picture, disagreement: disagreement.map((value) => value - 0.5) }],
      [foreign, { picture, disagreement }],
    ] as const)
      estimates.push(await sessions.estimator(y, restored));
    await Promise.all([own.release(), foreign.release()]);
    const errors = estimates.map(({ error }) => error!);
    expect(errors[1]).not.toBeCloseTo(errors[0]!, 3);
    expect(errors[2]).not.toBeCloseTo(errors[1]!, 3);
    expect(errors[3]).toBeCloseTo(errors[0]!, 5);
    expect(estimates.map(({ curve }) => curve !== undefined)).toEqual([true, true, true, false]);
  });

  it('gives where RM and its mirror image disagree: of the mirror image the same, with the other sign', async () => {
    const family = openPackSessions(await loadPack('resources/models/family-256'), { provider: 'cpu' });
    const y = noisePicture(256, 6).map((value) => 0.5 + value / 8);
    const [seen, mirrored] = [await family.restoration(y), await family.restoration(mirror(y, 256))];
    await family.release();
    expect(largestDifference(mirror(mirrored.picture, 256), seen.picture)).toBeLessThan(1e-4);
    const turned = mirror(mirrored.disagreement!, 256).map((value) => -value);
    expect(largestDifference(turned, seen.disagreement!)).toBeLessThan(1e-4);
    expect(seen.disagreement!.some((value) => value > 1e-3)).toBe(true);
  });

  it('runs the denoiser and DGSA', async () => {
    expect(largestDifference(await sessions.denoiser(xt, 600), tinyDenoiser(xt, 600))).toBeLessThan(1e-6);
    const [y1, x0Hat] = [guides[0]!.image, noisePicture(32, 5)];
    expect(largestDifference(await sessions.dgsa(y1, x0Hat, 900), tinyDgsa(y1, x0Hat, 900))).toBeLessThan(
      1e-6,
    );
  });

  it.each([1, 2, 3])('runs the exact gradient with %i of four guides', async (count) => {
    const used = guides.slice(0, count);
    const actual = await sessions.guided({ xt, t: 600, alphaBar: 0.1, guides: used });
    const expected = tinyGuided(xt, 600, used);
    const scale = Math.max(...expected.gradient.map(Math.abs));
    expect(largestDifference(actual.x0Hat, expected.x0Hat)).toBeLessThan(1e-6);
    expect(largestDifference(actual.gradient, expected.gradient) / scale).toBeLessThan(1e-5);
    expect(actual.loss / expected.loss).toBeCloseTo(1, 5);
  });

  it('has a gradient that is the slope of its loss', async () => {
    const lossAt = async (by: number) => {
      const moved = xt.map((value, i) => (i === 1500 ? value + by : value));
      return (await sessions.guided({ xt: moved, t: 600, alphaBar: 0.1, guides })).loss;
    };
    const { gradient } = await sessions.guided({ xt, t: 600, alphaBar: 0.1, guides });
    expect(((await lossAt(0.5)) - (await lossAt(-0.5))) / gradient[1500]!).toBeCloseTo(1, 1);
  });

  it('loads a graph at its first call only, once for calls at the same time', async () => {
    const broken = withFiles(pack, { dgsa: 'golden.json', denoiserGuided: 'nowhere.onnx' });
    const lazy = openPackSessions(broken, { provider: 'cpu', threads: 1 });
    const [a, b] = await Promise.all([lazy.restoration(golden.y), lazy.restoration(golden.y)]);
    expect(a).toEqual(b);
    await expect(lazy.dgsa(xt, xt, 5)).rejects.toMatchObject({ code: 'pack/invalid' });
    await lazy.release();
  });

  it('forgets a failed load, so that the next call may succeed', async () => {
    const dir = await copyTinyPack();
    const graph = await readFile(path.join(dir, 'denoiser.onnx'));
    await rm(path.join(dir, 'denoiser.onnx'));
    const retried = openPackSessions({ ...pack, dir }, { provider: 'cpu', threads: 1 });
    await expect(retried.denoiser(xt, 5)).rejects.toMatchObject({ code: 'pack/invalid' });
    await writeFile(path.join(dir, 'denoiser.onnx'), graph);
    expect(largestDifference(await retried.denoiser(xt, 5), tinyDenoiser(xt, 5))).toBeLessThan(1e-6);
    await retried.release();
  });

  it('works again after release', async () => {
    const again = openPackSessions(pack, { provider: 'cpu', threads: 1 });
    await again.denoiser(xt, 5);
    await again.release();
    expect(largestDifference(await again.denoiser(xt, 5), tinyDenoiser(xt, 5))).toBeLessThan(1e-6);
    await again.release();
  });

  it('refuses graphs of another size, naming the file and both shapes', async () => {
    const other = { ...pack, manifest: { ...pack.manifest, resolution: 64 } };
    const message = expect.stringContaining(
      'restoration.onnx: input y: expected float32 1 x 3 x 64 x 64 but found float32 1 x 3 x 32 x 32',
    ) as string;
    const run = openPackSessions(other, { provider: 'cpu' }).restoration(new Float32Array(3 * 64 * 64));
    await expect(run).rejects.toMatchObject({ code: 'pack/invalid', message });
  });

  describe('a grid that the pack', () => {
    /** The tiny pack with other bytes for its estimator. */
    async function withEstimator(change: (graph: string) => string): Promise<Pack> {
      const dir = await copyTinyPack();
      const file = path.join(dir, 'estimator.onnx');
      await writeFile(file, change(await readFile(file, 'latin1')), 'latin1');
      return { ...pack, dir };
    }

    it('does not have is none', async () => {
      const renamed = await withEstimator((graph) => graph.replaceAll('\x04grid', '\x04free'));
      const old = openPackSessions(renamed, { provider: 'cpu', threads: 1 });
      const { std, grid } = await old.estimator(golden.y, { picture: golden.restoration });
      expect(std).toBeCloseTo(tinyStd(golden.y), 5);
      expect(grid).toBeUndefined();
      await old.release();
    });

    it('has in another shape is refused', async () => {
      // Squares of 8 x 8 pixels in place of 4 x 4, and [1, 4, 4] in place of [1, 8, 8].
      const coarse = await withEstimator((graph) =>
        graph
          .replaceAll('\x40\x04\x40\x04', '\x40\x08\x40\x08')
          .replaceAll('\n\x02\x08\x08\n\x02\x08\x08', '\n\x02\x08\x04\n\x02\x08\x04'),
      );
      const run = openPackSessions(coarse, { provider: 'cpu', threads: 1 }).estimator(golden.y, {
        picture: golden.restoration,
      });
      await expect(run).rejects.toMatchObject({
        code: 'pack/invalid',
        message: expect.stringContaining(
          'output grid: expected float32 1 x 8 x 8 but found float32 1 x 4 x 4',
        ) as string,
      });
    });
  });

  it('refuses a graph that is another network', async () => {
    const swapped = withFiles(pack, { denoiser: 'restoration.onnx' });
    const run = openPackSessions(swapped, { provider: 'cpu' }).denoiser(xt, 5);
    await expect(run).rejects.toMatchObject({
      code: 'pack/invalid',
      message: expect.stringContaining('input x_t is missing') as string,
    });
  });

  it('refuses a picture of another size', async () => {
    await expect(sessions.restoration(new Float32Array(12))).rejects.toThrow(/size/);
  });

  it('refuses a provider that is not in this onnxruntime', () => {
    const missing = (['dml', 'coreml', 'cuda'] as const).find(
      (provider) => !supportedProviders().includes(provider),
    )!;
    expect(() => openPackSessions(pack, { provider: missing })).toThrow(
      expect.objectContaining({ code: 'provider/unavailable' }),
    );
  });
});

describe('restoreFace on a pack', () => {
  it.each(['draft', 'normal', 'exact'] as const)('restores at speed %s', async (speed) => {
    const plan = resolvePlan(pack.manifest, restoreSettingsSchema.parse({ speed, start: 60 }));
    const crop = { width: 32, height: 32, data: golden.y };
    const { image, restoration } = await restoreFace(crop, { sessions, pack, plan, face: 0 });
    expect(image.data.every(Number.isFinite)).toBe(true);
    expect(largestDifference(restoration.data, golden.restoration)).toBeLessThan(1e-3);
  });
});

describe('blur per region on a pack', () => {
  const data = golden.y.map((value, i) => (i % 32 < 16 ? 0.1 * value : 0.9 + 0.1 * value));
  const crop = { width: 32, height: 32, data };
  const run = (settings: RestoreSettingsInput) => {
    const plan = resolvePlan(pack.manifest, restoreSettingsSchema.parse(settings));
    return restoreFace(crop, { sessions, pack, plan, face: 0 });
  };

  it("guides each half at its own level of SE's grid", async () => {
    const grid = tinyGrid(data);
    const { levels, stdHat, image } = await run({ perRegion: true });
    expect(levels).toHaveLength(4);
    expect(levels[0]).toBeCloseTo(Math.min(...grid), 4);
    expect(levels[3]).toBeCloseTo(Math.max(...grid), 4);
    expect(stdHat).toBeCloseTo(tinyStd(data), 4);
    const plain = await run({});
    expect(plain.levels).toEqual([plain.stdHat]);
    expect(largestDifference(image.data, plain.image.data)).toBeGreaterThan(1e-3);
  });
});

describe('chooseProvider', () => {
  let cacheDir: string;
  beforeEach(async () => {
    cacheDir = await mkdtemp(path.join(tmpdir(), 'heirloom-providers-'));
    vi.stubEnv('VK_ICD_FILENAMES', '/nowhere.json');
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('takes the CPU where nothing else works, says why, and remembers it', async () => {
    const report = await chooseProvider(pack, 'auto', { cacheDir });
    expect(report.chosen).toBe('cpu');
    expect(report.reasons.map(({ provider }) => provider)).toEqual([
      'cpu',
      'webgpu',
      'cuda',
      'dml',
      'coreml',
    ]);
    expect(report.reasons[0]).toMatchObject({
      ok: true,
      reason: expect.stringMatching(/^fastest, [\d.]+ ms a call$/) as string,
    });
    for (const { provider, ok, reason } of report.reasons.slice(1)) {
      if (!supportedProviders().includes(provider))
        expect({ ok, reason }).toEqual({ ok: false, reason: 'not in this onnxruntime' });
      expect(reason.length).toBeGreaterThan(10);
    }
    const started = performance.now();
    expect(await chooseProvider(pack, 'auto', { cacheDir })).toEqual(report);
    expect(performance.now() - started).toBeLessThan(200);
    expect(await readdir(cacheDir)).toHaveLength(1);
  });

  it('probes again for another pack, and where the memory is damaged', async () => {
    await chooseProvider(pack, 'cpu', { cacheDir });
    const [file] = await readdir(cacheDir);
    await writeFile(path.join(cacheDir, file!), '{"chosen": "toaster"}');
    expect((await chooseProvider(pack, 'cpu', { cacheDir })).reasons[0]!.reason).toMatch(
      /^asked for, [\d.]+ ms a call$/,
    );
    await chooseProvider({ ...pack, hash: 'another' }, 'cpu', { cacheDir });
    expect(await readdir(cacheDir)).toHaveLength(2);
    // Reasons may name files: another installation's would mislead.
    await chooseProvider({ ...pack, dir: await copyTinyPack() }, 'cpu', { cacheDir });
    expect(await readdir(cacheDir)).toHaveLength(3);
  });

  it('works where nothing can be remembered', async () => {
    expect((await chooseProvider(pack, 'cpu', { cacheDir: '/dev/null/cache' })).chosen).toBe('cpu');
  });

  it('refuses a named provider that is not there', async () => {
    const missing = (['coreml', 'dml'] as const).find(
      (provider) => !supportedProviders().includes(provider),
    )!;
    const message = expect.stringContaining(`${missing} cannot be used: this onnxruntime has cpu`) as string;
    await expect(chooseProvider(pack, missing, { cacheDir })).rejects.toMatchObject({
      code: 'provider/unavailable',
      message,
    });
  });

  it('refuses a pack whose networks do not give the golden output', async () => {
    const wrong = withFiles(pack, { goldenRestoration: 'wrong.bin' });
    const dir = await copyTinyPack();
    await writeFile(path.join(dir, 'wrong.bin'), new Uint8Array(6144));
    const message = expect.stringContaining('(allowed 0.01)') as string;
    await expect(chooseProvider({ ...wrong, dir }, 'auto', { cacheDir })).rejects.toMatchObject({
      code: 'pack/invalid',
      message,
    });
    await expect(chooseProvider({ ...wrong, dir }, 'cpu', { cacheDir })).rejects.toMatchObject({
      code: 'provider/unavailable',
    });
  });

  it('gives a probe no more than its time', async () => {
    expect(await probeProvider({ pack, provider: 'cpu' }, 1)).toEqual({
      ok: false,
      reason: 'no answer within 0.001 s',
    });
  });
});

function reasonOf(result: ProbeResult): string {
  return result.ok ? '' : result.reason;
}

describe.skipIf(!hasSwiftShader)('the WebGPU provider on SwiftShader', () => {
  beforeEach(() => {
    vi.stubEnv('VK_ICD_FILENAMES', SWIFTSHADER);
    vi.stubEnv('LD_LIBRARY_PATH', CHROMIUM);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('agrees with the CPU within 1e-3 on every network that the probe runs', async () => {
    const cpu = await probeProvider({ pack, provider: 'cpu' }, 25_000);
    const webgpu = await probeProvider({ pack, provider: 'webgpu' }, 25_000);
    if (!cpu.ok || !webgpu.ok) throw new Error(`${reasonOf(cpu)} ${reasonOf(webgpu)}`);
    expect(webgpu.measurement.maxDifference).toBeLessThan(1e-3);
    expect(largestDifference(webgpu.measurement.x0Hat, cpu.measurement.x0Hat)).toBeLessThan(1e-3);
  });

  it('agrees with the CPU within 1e-3 on the exact gradient', { timeout: 120_000 }, async () => {
    const cpu = await runGuided(TINY_PACK, 'cpu');
    const webgpu = await runGuided(TINY_PACK, 'webgpu');
    const scale = Math.max(...cpu.gradient.map(Math.abs));
    expect(largestDifference(webgpu.x0Hat, cpu.x0Hat)).toBeLessThan(1e-3);
    expect(largestDifference(webgpu.gradient, cpu.gradient) / scale).toBeLessThan(1e-3);
    expect(webgpu.loss / cpu.loss).toBeCloseTo(1, 3);
  });
});
