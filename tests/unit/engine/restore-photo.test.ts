import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EngineEvent } from '../../../contract/engine.ts';
import { HeirloomError } from '../../../contract/errors.ts';
import { restoreSettingsSchema, type RestoreSettingsInput } from '../../../contract/restore.ts';
import { decodeBytes, decodePhoto } from '../../../engine/image/decode.ts';
import { encodePhoto } from '../../../engine/image/encode.ts';
import { toFloat } from '../../../engine/image/geometry.ts';
import { gradientEnergy } from '../../../engine/image/metrics.ts';
import type { PhotoFormat, RgbImage } from '../../../engine/image/types.ts';
import { createNoise } from '../../../engine/method/noise.ts';
import { loadPack } from '../../../engine/models/manifest.ts';
import { restorePhoto, type PhotoTools, type RestorePhotoRequest } from '../../../engine/restore-photo.ts';
import { fakeDetector, fakeFace, type FacePlace } from '../../fixtures/fake-faces.ts';
import { TINY_PACK, TINY_SIZE, tinyNetworks } from '../../fixtures/tiny-pack.ts';

const WIDTH = 400;
const HEIGHT = 300;

const sessions = tinyNetworks;

let pack: PhotoTools['pack'];
let root: string;
let input: string;

/** Smooth colour with noise (std of 255), so that restoring and blending change every pixel they touch. */
function scene(width: number, height: number, std = 8): RgbImage {
  const noise = createNoise(3, 0).normal(3 * width * height);
  const data = Uint8Array.from(noise, (n, i) => {
    const pixel = Math.floor(i / 3);
    return 90 + 60 * ((pixel % width) / width) + 40 * (i % 3) + std * n;
  });
  return { width, height, depth: 8, data };
}

async function writeScene(
  name: string,
  width = WIDTH,
  height = HEIGHT,
  format: PhotoFormat = 'png',
  std?: number,
) {
  const metadata = { format, width, height, depth: 8 as const, grey: false, notes: [] };
  const bytes = await encodePhoto(scene(width, height, std), metadata, { format: format as 'png' });
  writeFileSync(join(root, name), bytes);
  return join(root, name);
}

function restore(
  places: FacePlace[],
  settings: RestoreSettingsInput = {},
  request: Partial<RestorePhotoRequest> = {},
  {
    onEvent,
    signal,
    ...tools
  }: Partial<PhotoTools> & { onEvent?: (e: EngineEvent) => void; signal?: AbortSignal } = {},
) {
  return restorePhoto(
    {
      input,
      output: join(root, 'out/photo'),
      format: 'same',
      overwrite: false,
      aligned: false,
      previews: false,
      settings: restoreSettingsSchema.parse({ speed: 'draft', ...settings }),
      ...request,
    },
    { detector: fakeDetector(places), sessions, pack, provider: 'cpu', version: '0.0.0', ...tools },
    { onEvent, signal },
  );
}

/** Whether the pixel's centre lies in the aligned square of one of the faces. */
function inSquare(places: FacePlace[], x: number, y: number): boolean {
  return places.some((place) => {
    const centre = place.y + 0.1 * (place.size / 4);
    return Math.abs(x + 0.5 - place.x) < place.size / 2 && Math.abs(y + 0.5 - centre) < place.size / 2;
  });
}

async function changes(places: FacePlace[]): Promise<{ inside: number; outside: number }> {
  const [before, after] = [await decodePhoto(input), await decodePhoto(join(root, 'out/photo.png'))];
  const count = { inside: 0, outside: 0 };
  for (let i = 0; i < WIDTH * HEIGHT; i++) {
    const same = [0, 1, 2].every((c) => before.image.data[3 * i + c] === after.image.data[3 * i + c]);
    if (same) continue;
    if (inSquare(places, i % WIDTH, Math.floor(i / WIDTH))) count.inside++;
    else count.outside++;
  }
  return count;
}

beforeAll(async () => {
  pack = await loadPack(TINY_PACK);
});
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'heirloom-restore-'));
  input = await writeScene('photo.png');
});
afterEach(() => rmSync(root, { recursive: true }));

describe('restorePhoto', () => {
  it('changes the faces and not one pixel elsewhere', async () => {
    const places = [
      { x: 100, y: 100, size: 80 },
      { x: 300, y: 180, size: 48 },
    ];
    const report = await restore(places);
    expect(report).toMatchObject({
      status: 'restored',
      output: join(root, 'out/photo.png'),
      width: WIDTH,
      height: HEIGHT,
      recipe: { pack: { id: 'tiny-32', sha256: pack.hash }, detector: 'fake/1', provider: 'cpu' },
    });
    expect(report.faces.map(({ status, steps }) => [status, steps])).toEqual([
      ['restored', 4],
      ['restored', 4],
    ]);
    expect(report.faces[0]?.sizePx).toBeCloseTo(80, 3);
    const { inside, outside } = await changes(places);
    expect(inside).toBeGreaterThan(3000);
    expect(outside).toBe(0);
  });

  it('restores 40 faces, at the border and overlapping', async () => {
    const places = Array.from({ length: 40 }, (_, i) => ({
      x: (i % 8) * 57,
      y: Math.floor(i / 8) * 75,
      size: i % 3 === 0 ? 90 : 40,
    }));
    const report = await restore(places);
    expect(report.faces.map((face) => face.status)).toEqual(Array(40).fill('restored'));
    expect((await changes(places)).outside).toBe(0);
  });

  it('takes every crop from the photo, not from what a neighbour became', async () => {
    const near = { x: 150, y: 150, size: 100 };
    const crops: Float32Array[] = [];
    const watching = {
      ...sessions,
      restoration: (y: Float32Array) => {
        crops.push(y);
        return sessions.restoration(y);
      },
    };
    await restore([near, { ...near, x: 190 }], {}, {}, { sessions: watching });
    await restore([{ ...near, x: 190 }], {}, { output: null }, { sessions: watching });
    expect(crops).toHaveLength(3);
    expect(crops[1]).toEqual(crops[2]);
  });

  it('leaves a face that fails as it was, and says why', async () => {
    const places = [
      { x: 100, y: 100, size: 80 },
      { x: 300, y: 180, size: 80 },
    ];
    let calls = 0;
    const failing = {
      ...sessions,
      restoration: (y: Float32Array) =>
        ++calls === 1
          ? Promise.reject(new HeirloomError('face/failed', 'restoration.onnx failed'))
          : sessions.restoration(y),
    };
    const report = await restore(places, {}, {}, { sessions: failing });
    expect(report.status).toBe('restored');
    expect(report.faces[0]).toMatchObject({ status: 'failed', note: 'restoration.onnx failed' });
    expect(report.faces[1]).toMatchObject({ status: 'restored' });
    expect((await changes(places.slice(1))).outside).toBe(0);
  });

  it('ends with the error where a pack or a provider fails', async () => {
    const broken = {
      ...sessions,
      restoration: () => Promise.reject(new HeirloomError('pack/invalid', 'restoration.onnx is no graph')),
    };
    await expect(restore([{ x: 100, y: 100, size: 80 }], {}, {}, { sessions: broken })).rejects.toMatchObject(
      {
        code: 'pack/invalid',
      },
    );
    expect(existsSync(join(root, 'out'))).toBe(false);
  });

  it('copies a photo without faces byte for byte', async () => {
    const report = await restore([], { scale: 2 }, { format: 'jpeg' });
    expect(report).toMatchObject({ status: 'no-faces', faces: [], output: join(root, 'out/photo.png') });
    expect(readFileSync(join(root, 'out/photo.png'))).toEqual(readFileSync(input));
  });

  it('leaves faces that are too small, not asked for or impossible alone', async () => {
    const places = [
      { x: 50, y: 50, size: 12 },
      { x: 200, y: 150, size: 80 },
      { x: 300, y: 150, size: 0 },
    ];
    const report = await restore(places, { faces: [0, 2, 7] });
    expect(report.status).toBe('unchanged');
    expect(report.faces).toMatchObject([
      { status: 'too-small', note: '12 pixels wide; the smallest that can be restored has 20' },
      { status: 'skipped' },
      { status: 'failed' },
    ]);
    expect(report.notes).toEqual(['there is no face 8: 3 found, counted from 1']);
    expect(readFileSync(join(root, 'out/photo.png'))).toEqual(readFileSync(input));
  });

  it('enlarges the picture, and puts the face where it belongs', async () => {
    const report = await restore([{ x: 100, y: 100, size: 40 }], { scale: 2 });
    expect([report.width, report.height]).toEqual([800, 600]);
    const { metadata } = await decodePhoto(join(root, 'out/photo.png'));
    expect([metadata.width, metadata.height]).toEqual([800, 600]);
    const auto = await restore([{ x: 100, y: 100, size: 24 }], { scale: 'auto' }, { output: null });
    expect(auto.width).toBe(800);
  });

  it('takes the faces that it is given in place of a detection', async () => {
    const { box, landmarks, turn } = fakeFace({ x: 100, y: 100, size: 80 }, WIDTH, HEIGHT);
    const known = [{ box, landmarks, turn }];
    const blind = { ...fakeDetector([]), detect: () => Promise.reject(new Error('not asked')) };
    const given = await restore([], {}, { known, output: join(root, 'given') }, { detector: blind });
    expect(given).toMatchObject({ status: 'restored', recipe: { detector: 'known' } });
    expect(given.timings.detect).toBeUndefined();
    await restore([{ x: 100, y: 100, size: 80 }], {}, { output: join(root, 'found') });
    expect(readFileSync(join(root, 'given.png'))).toEqual(readFileSync(join(root, 'found.png')));
    const none = await restore([], { faces: [3] }, { known, output: null }, { detector: blind });
    expect(none.notes).toEqual(['there is no face 4: 1 found, counted from 1']);
  });

  it('says how alike the faces are before and after', async () => {
    const places = [{ x: 100, y: 100, size: 80 }];
    const descriptor = ({ data }: RgbImage) => Promise.resolve(Float32Array.of(data[0]!, 4));
    const detector = { ...fakeDetector(places), descriptor };
    const { faces } = await restore(places, {}, { output: null }, { detector });
    expect(faces[0]?.likeness).toBeGreaterThan(0);
    const blind = { ...detector, descriptor: () => Promise.reject(new Error('no network')) };
    const without = await restore(places, {}, { output: null }, { detector: blind });
    expect(without.faces[0]).toMatchObject({ status: 'restored' });
    expect(without.faces[0]).not.toHaveProperty('likeness');
  });

  it('goes on after the last finished face, to the same bytes', async () => {
    const places = [
      { x: 100, y: 100, size: 80 },
      { x: 300, y: 180, size: 80 },
    ];
    const checkpoint = join(root, 'checkpoint');
    let calls = 0;
    const dying = {
      ...sessions,
      restoration: (y: Float32Array) =>
        ++calls === 2 ? Promise.reject(new HeirloomError('engine/died', 'killed')) : sessions.restoration(y),
    };
    await expect(restore(places, {}, { checkpoint }, { sessions: dying })).rejects.toThrow('killed');
    expect(readdirSync(checkpoint)).toHaveLength(1);
    const events: EngineEvent[] = [];
    const onEvent = (event: EngineEvent) => void events.push(event);
    const report = await restore(places, {}, { checkpoint }, { sessions: dying, onEvent });
    expect(calls).toBe(3);
    expect(events.filter((event) => event.kind === 'step' && event.face === 0)).toEqual([
      { kind: 'step', face: 0, step: 4, steps: 4 },
    ]);
    expect(existsSync(checkpoint)).toBe(false);
    const whole = await restore(places, {}, { output: join(root, 'whole') });
    expect(readFileSync(join(root, 'out/photo.png'))).toEqual(readFileSync(join(root, 'whole.png')));
    const told = ({ stdHat, start, steps, likeness }: (typeof report.faces)[number]) => [
      stdHat,
      start,
      steps,
      likeness,
    ];
    expect(report.faces.map(told)).toEqual(whole.faces.map(told));
  });

  it('restores anew where the settings are other ones', async () => {
    const places = [{ x: 100, y: 100, size: 80 }];
    const checkpoint = join(root, 'checkpoint');
    let calls = 0;
    const counting = { ...sessions, restoration: (y: Float32Array) => (calls++, sessions.restoration(y)) };
    const cancelAtSecond = (seed: number) => {
      const controller = new AbortController();
      const onEvent = (event: EngineEvent) =>
        event.kind === 'stage' && event.stage === 'blend' && controller.abort();
      return restore(
        places,
        { seed },
        { checkpoint },
        { sessions: counting, onEvent, signal: controller.signal },
      );
    };
    for (const seed of [1, 1, 2])
      await expect(cancelAtSecond(seed)).rejects.toMatchObject({ code: 'job/cancelled' });
    expect(calls).toBe(2);
    expect(readdirSync(checkpoint)).toHaveLength(2);
  });

  describe('a face with settings of its own', () => {
    const places = [
      { x: 100, y: 100, size: 80 },
      { x: 300, y: 180, size: 80 },
    ];
    const pixels = async (name: string) => (await decodePhoto(join(root, `${name}.png`))).image;
    /** The columns of one of the two faces. */
    const half = ({ data }: RgbImage, right: boolean) =>
      data.filter((_, i) => Math.floor(i / 3) % WIDTH >= WIDTH / 2 === right);

    it('is restored by them, the others as without', async () => {
      const own = { preset: 'faithful', seed: 7, grain: 1 };
      const report = await restore(
        places,
        { guides: 1, perFace: { 1: own } },
        { output: join(root, 'mixed') },
      );
      await restore(places, { guides: 1 }, { output: join(root, 'general') });
      await restore(places, own, { output: join(root, 'own') });
      const [mixed, general, other] = [await pixels('mixed'), await pixels('general'), await pixels('own')];
      expect(half(mixed, false)).toEqual(half(general, false));
      expect(half(mixed, true)).toEqual(half(other, true));
      expect(half(mixed, true)).not.toEqual(half(general, true));
      expect(report.faces.map(({ seed }) => seed)).toEqual([0, 7]);
      expect(report.recipe.settings).toMatchObject({ guides: 1, perFace: { 1: own } });
      const { metadata } = await decodePhoto(join(root, 'mixed.png'));
      expect(metadata.xmp?.toString()).toContain(
        '(preset balanced, speed draft, seed 0; with settings of its own: face 2 (faithful, seed 7))',
      );
    });

    it('keeps the others that are finished where only its own settings change', async () => {
      const checkpoint = join(root, 'checkpoint');
      let calls = 0;
      const dying = {
        ...sessions,
        restoration: (y: Float32Array) =>
          ++calls === 2
            ? Promise.reject(new HeirloomError('engine/died', 'killed'))
            : sessions.restoration(y),
      };
      await expect(restore(places, {}, { checkpoint }, { sessions: dying })).rejects.toThrow('killed');
      await restore(places, { perFace: { 1: { seed: 7 } } }, { checkpoint }, { sessions: dying });
      expect(calls).toBe(3);
    });

    it('has to be there', async () => {
      await expect(restore(places, { perFace: { 2: { seed: 1 } } })).rejects.toMatchObject({
        code: 'argument/invalid',
        message: 'there is no face 3: 2 found, counted from 1',
      });
      expect(existsSync(join(root, 'out'))).toBe(false);
      const missing = { input: join(root, 'missing.png') };
      await expect(restore(places, { perFace: { 0: { preset: 'baroque' } } }, missing)).rejects.toMatchObject(
        { message: expect.stringMatching(/^Face 1: .*baroque$/) as string },
      );
    });

    it('may be an aligned crop', async () => {
      input = await writeScene('crop.png', 48, 48);
      const aligned = { aligned: true, output: null };
      expect((await restore([], { perFace: { 0: { seed: 7 } } }, aligned)).faces).toMatchObject([
        { seed: 7 },
      ]);
      await expect(restore([], { perFace: { 1: { seed: 7 } } }, aligned)).rejects.toMatchObject({
        message: 'there is no face 2: 1 found, counted from 1',
      });
    });
  });

  it('says which output a format cannot hold', async () => {
    input = await writeScene('wide.png', 16_400, 40);
    const request = { format: 'webp' as const };
    await expect(restore([{ x: 100, y: 15, size: 24 }], {}, request)).rejects.toMatchObject({
      code: 'output/unwritable',
      message: expect.stringMatching(/photo\.webp: .*16383/) as string,
    });
    expect(existsSync(join(root, 'out'))).toBe(false);
  });

  it('makes the same bytes from the same seed and other ones from another', async () => {
    const run = async (seed: number, output: string) => {
      await restore([{ x: 100, y: 100, size: 80 }], { seed }, { output: join(root, output) });
      return readFileSync(join(root, `${output}.png`));
    };
    const first = await run(1, 'a');
    expect(await run(1, 'b')).toEqual(first);
    expect(await run(2, 'c')).not.toEqual(first);
  });

  it('gives the faces as much of the grain back as was asked for: half of it where nothing was', async () => {
    input = await writeScene('grainy.png', WIDTH, HEIGHT, 'png', 30);
    const run = async (settings: RestoreSettingsInput, output: string) => {
      // From the first step the networks' formulas add next to no noise of their own.
      const quiet = { preset: 'faithful', start: 1, ...settings };
      const report = await restore([{ x: 100, y: 100, size: 40 }], quiet, { output: join(root, output) });
      return { report, bytes: readFileSync(join(root, `${output}.png`)) };
    };
    const half = await run({}, 'half');
    expect(half.report.recipe.settings.grain).toBe(0.5);
    expect((await run({ grain: 0.5 }, 'named')).bytes).toEqual(half.bytes);
    const [none, all] = [await run({ grain: 0 }, 'none'), await run({ grain: 1 }, 'all')];
    expect(all.report.recipe.settings.grain).toBe(1);
    const energy = async ({ bytes }: { bytes: Buffer }) =>
      gradientEnergy(toFloat((await decodeBytes(bytes, 'restored')).image));
    expect(await energy(none)).toBeLessThan(await energy(half));
    expect(await energy(half)).toBeLessThan(await energy(all));
  });

  it('keeps its temper: cancelled, it writes nothing', async () => {
    const controller = new AbortController();
    const onEvent = (event: EngineEvent) => event.kind === 'step' && event.face === 1 && controller.abort();
    const places = [
      { x: 100, y: 100, size: 80 },
      { x: 300, y: 180, size: 80 },
    ];
    await expect(restore(places, {}, {}, { onEvent, signal: controller.signal })).rejects.toMatchObject({
      code: 'job/cancelled',
    });
    expect(readdirSync(root)).toEqual(['photo.png']);
  });

  it('writes nothing where nothing is asked for', async () => {
    const report = await restore([{ x: 100, y: 100, size: 80 }], {}, { output: null });
    expect(report.output).toBeUndefined();
    expect(report.status).toBe('restored');
    expect(readdirSync(root)).toEqual(['photo.png']);
  });

  it('does not replace a file, and the original not even when told to', async () => {
    const places = [{ x: 100, y: 100, size: 80 }];
    await restore(places);
    await expect(restore(places)).rejects.toMatchObject({ code: 'output/exists' });
    await restore(places, {}, { overwrite: true });
    const original = { output: join(root, 'photo'), overwrite: true };
    await expect(restore(places, {}, original)).rejects.toThrow('photo.png is the original');
  });

  it('refuses settings that the pack cannot serve before it reads the photo', async () => {
    const wrong = restore([], { preset: 'baroque' }, { input: join(root, 'missing.png') });
    await expect(wrong).rejects.toMatchObject({ code: 'argument/invalid' });
    await expect(restore([], {}, { input: join(root, 'missing.png') })).rejects.toMatchObject({
      code: 'input/not-found',
    });
  });

  it('shows the steps as small JPEGs, the last one always', async () => {
    const steps: Extract<EngineEvent, { kind: 'step' }>[] = [];
    const onEvent = (event: EngineEvent) => event.kind === 'step' && steps.push(event);
    await restore([{ x: 100, y: 100, size: 80 }], {}, { previews: true }, { onEvent });
    expect(steps.at(-1)).toMatchObject({ face: 0, step: 4, steps: 4 });
    for (const { preview } of steps) {
      const { image, metadata } = await decodeBytes(preview!, 'preview');
      expect(metadata.format).toBe('jpeg');
      expect([image.width, image.height]).toEqual([TINY_SIZE, TINY_SIZE]);
    }
  });

  it('tells what it does, in order', async () => {
    const events: EngineEvent[] = [];
    const onEvent = (event: EngineEvent) => void events.push(event);
    const report = await restore([{ x: 100, y: 100, size: 80 }], {}, {}, { onEvent });
    const told = events.map((event) => (event.kind === 'stage' ? event.stage : event.kind));
    expect(told).toEqual(
      'decode detect faces align face restore step step step step blend encode'.split(' '),
    );
    expect(Object.keys(report.timings).sort()).toEqual(
      ['align', 'blend', 'decode', 'detect', 'encode', 'restore'].sort(),
    );
  });
});

describe('an aligned crop', () => {
  it("is restored as a whole, at its own size or the pack's", async () => {
    input = await writeScene('crop.png', 48, 48);
    const own = await restore([], {}, { aligned: true });
    expect(own).toMatchObject({ status: 'restored', width: 48, height: 48 });
    expect(own.faces).toMatchObject([{ index: 0, status: 'restored', sizePx: 48 }]);
    const auto = await restore([], { scale: 'auto' }, { aligned: true, output: null });
    expect(auto.width).toBe(TINY_SIZE);
    input = await writeScene('small.png', 20, 20);
    const small = await restore([], { scale: 4 }, { aligned: true, output: null });
    expect(small.width).toBe(80);
  });

  it('is square', async () => {
    await expect(restore([], {}, { aligned: true })).rejects.toMatchObject({
      code: 'input/not-square',
      message: expect.stringContaining('400 x 300') as string,
    });
  });
});
