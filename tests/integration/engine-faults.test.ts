import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { EngineParamsInput, KnownFace, PhotoReport } from '../../contract/engine.ts';
import type { ProviderChoice } from '../../contract/restore.ts';
import { restoreSettingsSchema } from '../../contract/restore.ts';
import { EngineClient } from '../../engine/client.ts';
import type { OnnxFault } from '../fixtures/onnx-faults.ts';
import { runCli, SAMPLE } from '../fixtures/run-cli.ts';
import { TINY_PACK } from '../fixtures/tiny-pack.ts';

/** Several processes start in each of these, on a machine that may be busy. */
vi.setConfig({ testTimeout: 240_000 });

const PRELOAD = new URL('../fixtures/onnx-faults.ts', import.meta.url).href;
const settings = restoreSettingsSchema.parse({ speed: 'draft' });

let root: string;
let faces: KnownFace[];
let engine: EngineClient | undefined;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'heirloom-faults-'));
  const imaging = new EngineClient({ role: 'imaging' });
  const found = await imaging.call('inspectPhoto', { input: SAMPLE });
  faces = found.faces.map(({ box, landmarks, turn }) => ({ box, landmarks, turn }));
  await imaging.close();
});
afterEach(async () => {
  await engine?.close();
  vi.unstubAllEnvs();
});
afterAll(() => rmSync(root, { recursive: true }));

const at = (name: string) => join(root, name);

function startFaulty(
  fault: OnnxFault,
  { silenceMs, nodeOptions = '' }: { silenceMs?: number; nodeOptions?: string } = {},
) {
  vi.stubEnv('XDG_CACHE_HOME', at('cache'));
  vi.stubEnv('HEIRLOOM_ONNX_FAULT', JSON.stringify(fault));
  vi.stubEnv('NODE_OPTIONS', `--import=${PRELOAD} ${nodeOptions}`);
  engine = new EngineClient({ role: 'restore', ...(silenceMs !== undefined && { silenceMs }) });
  return engine;
}

function restore(output: string | null, provider: ProviderChoice = 'cpu'): Promise<PhotoReport> {
  const params: EngineParamsInput<'restorePhoto'> = {
    ...{ input: SAMPLE, output, settings, known: faces, models: { pack: TINY_PACK, provider } },
  };
  return engine!.call('restorePhoto', params);
}

describe('a provider that fails in the middle of a photo', () => {
  it('is replaced by the CPU: the whole photo, and those after it; each result says so', async () => {
    startFaulty({ graph: 'denoiser', from: 6, how: 'throw', provider: 'webgpu' });
    const report = await restore(at('fallen'), 'webgpu');
    expect(report).toMatchObject({ status: 'restored', recipe: { provider: 'cpu' } });
    const note = 'webgpu failed at denoiser.onnx: device lost. The CPU did it instead.';
    expect(report.notes).toContain(note);
    expect(report.faces.map(({ status }) => status)).toEqual(faces.map(() => 'restored'));
    expect((await restore(at('next'), 'webgpu')).notes).toContain(note);
    const opened = await engine!.call('openModels', { models: { pack: TINY_PACK, provider: 'webgpu' } });
    expect(opened.provider).toBe('cpu');
    expect(opened.verdicts).toContainEqual({
      ...{ provider: 'webgpu', usable: false },
      reason: 'webgpu failed at denoiser.onnx: device lost',
    });
    const byCpu = await restore(at('cpu'));
    expect(byCpu.notes).not.toContain(note);
    expect(readFileSync(report.output!)).toEqual(readFileSync(byCpu.output!));
  });

  it('is replaced for a draft too', async () => {
    startFaulty({ graph: 'denoiser', from: 2, how: 'throw', provider: 'webgpu' });
    const params = { input: SAMPLE, face: faces[0]!, index: 0, settings };
    const models = (provider: ProviderChoice) => ({ pack: TINY_PACK, provider });
    const draft = await engine!.call('draftFace', { ...params, models: models('webgpu') });
    const byCpu = await engine!.call('draftFace', { ...params, models: models('cpu') });
    expect(draft.after).toEqual(byCpu.after);
  });
});

describe('a network that fails on the CPU', () => {
  it.each([
    ['gives NaN', { how: 'nan' }, /gave NaN, not a number/],
    ['is out of memory', { how: 'throw', message: 'std::bad_alloc' }, /std::bad_alloc/],
  ] as const)(
    'that %s: the face is left as it was and flagged, the other one is restored',
    async (_, fault, note) => {
      startFaulty({ graph: 'denoiser', from: 1, ...fault, once: at(`once-${fault.how}`) });
      const report = await restore(at(`one-${fault.how}`));
      expect(report.faces.map(({ status }) => status)).toEqual([
        'failed',
        ...faces.slice(1).map(() => 'restored'),
      ]);
      expect(report.faces[0]?.note).toMatch(note);
      expect(report.status).toBe('restored');
    },
  );

  it('with every face: the output is the original, byte for byte', async () => {
    startFaulty({ graph: 'restoration', from: 1, how: 'nan' });
    const report = await restore(at('none'));
    expect(report.status).toBe('unchanged');
    expect(report.faces.map(({ status }) => status)).toEqual(faces.map(() => 'failed'));
    expect(readFileSync(report.output!)).toEqual(readFileSync(SAMPLE));
  });
});

describe('a face of an evaluation that fails', () => {
  it.each([['--speeds', 'draft'] as const, ['--tables', 'tables', '--rows', 'balanced'] as const])(
    'does not keep the others from being measured: %s',
    async (...how) => {
      const folder = join(root, `pairs${how[0]}`);
      mkdirSync(folder);
      const face = sharp(SAMPLE).extract({ left: 0, top: 0, width: 64, height: 64 }).png();
      for (const name of ['1.png', '2.png']) await face.clone().toFile(join(folder, name));
      startFaulty({ graph: 'denoiser.onnx', from: 1, how: 'nan', once: join(folder, 'once') });
      const args = ['evaluate', '--lq', folder, '--hq', folder, '--pack', TINY_PACK, '--provider', 'cpu'];
      const { code, stdout, stderr } = await runCli([...args, ...how], { cwd: folder });
      expect(code).toBe(1);
      expect(stderr).toMatch(/^1: Face not restored\..*gave NaN/);
      expect(stdout).toContain('[2/2] 2');
    },
  );
});

describe('an engine process', () => {
  it('that hangs is ended and started again', async () => {
    startFaulty({ graph: 'denoiser', from: 2, how: 'hang', once: at('once-hang') }, { silenceMs: 6000 });
    await expect(restore(at('hung'))).rejects.toMatchObject({
      code: 'engine/died',
      message: expect.stringContaining('it hung') as string,
    });
    expect((await restore(at('hung'))).status).toBe('restored');
  });

  it('that has nothing to do may be silent', async () => {
    engine = new EngineClient({
      ...{ role: 'imaging', silenceMs: 200 },
      entry: fileURLToPath(new URL('../fixtures/fake-engine.ts', import.meta.url)),
    });
    const plain = {
      input: 'plain',
      output: null,
      settings,
      models: { pack: 'none', provider: 'cpu' as const },
    };
    await engine.call('restorePhoto', plain);
    const { pid } = engine;
    await new Promise((resolve) => setTimeout(resolve, 500));
    await engine.call('restorePhoto', plain);
    expect(engine.pid).toBe(pid);
  });

  it('that is out of memory is told from one that fails, and the next one works', async () => {
    const fault = { graph: 'denoiser', from: 2, how: 'out-of-memory', once: at('once-memory') } as const;
    startFaulty(fault, { nodeOptions: '--max-old-space-size=200' });
    await expect(restore(at('memory'))).rejects.toMatchObject({
      code: 'engine/died',
      message: expect.stringContaining('heap out of memory') as string,
    });
    expect((await restore(at('memory'))).status).toBe('restored');
  });
});
