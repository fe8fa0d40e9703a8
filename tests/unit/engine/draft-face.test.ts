import { readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EngineEvent } from '../../../contract/engine.ts';
import { HeirloomError } from '../../../contract/errors.ts';
import { restoreSettingsSchema, type RestoreSettingsInput } from '../../../contract/restore.ts';
import { draftFace, varyFace, type DraftContext, type DraftRequest } from '../../../engine/draft-face.ts';
import { fitTone } from '../../../engine/image/colour.ts';
import { decodeBytes } from '../../../engine/image/decode.ts';
import { toFloat, toRgb } from '../../../engine/image/geometry.ts';
import { gradientEnergy } from '../../../engine/image/metrics.ts';
import type { RgbImage } from '../../../engine/image/types.ts';
import type { Restored } from '../../../engine/method/types.ts';
import { loadPack } from '../../../engine/models/manifest.ts';
import { PreparedFaces } from '../../../engine/prepared-faces.ts';
import { fakeFace } from '../../fixtures/fake-faces.ts';
import { gradient, temporaryFolder } from '../../fixtures/make-pictures.ts';
import { TINY_PACK, TINY_SIZE, tinyNetworks, tinyRestoration, tinyStd } from '../../fixtures/tiny-pack.ts';
import { largestDifference, noise } from './image/synthetic.ts';

const WIDTH = 320;
const HEIGHT = 240;
const pack = await loadPack(TINY_PACK);

let root: string;
let input: string;
let calls: { rm: number; se: number; descriptor: number };
let faces: PreparedFaces;
beforeEach(async () => {
  root = await temporaryFolder();
  input = join(root, 'photo.png');
  await sharp(gradient(WIDTH, HEIGHT), { raw: { width: WIDTH, height: HEIGHT, channels: 3 } }).toFile(input);
  calls = { rm: 0, se: 0, descriptor: 0 };
  faces = new PreparedFaces();
});
afterEach(() => rmSync(root, { recursive: true }));

const tools = () => ({
  faces,
  /** Describes by brightness. */
  detector: {
    descriptor: ({ data }: RgbImage) => {
      calls.descriptor++;
      return Promise.resolve(Float32Array.of(data[0]! / 255, 0));
    },
  },
  models: {
    pack,
    provider: 'cpu' as const,
    verdicts: [],
    sessions: {
      provider: 'cpu' as const,
      release: () => Promise.resolve(),
      ...tinyNetworks,
      restoration: (y: Float32Array) => (calls.rm++, tinyNetworks.restoration(y)),
      estimator: (y: Float32Array, restored: Restored) => (calls.se++, tinyNetworks.estimator(y, restored)),
    },
  },
});

function known(x = 160) {
  const { box, landmarks, turn } = fakeFace({ x, y: 100, size: 96 }, WIDTH, HEIGHT);
  return { box, landmarks, turn };
}

function request(settings: RestoreSettingsInput = {}, changes: Partial<DraftRequest> = {}): DraftRequest {
  const parsed = restoreSettingsSchema.parse({ speed: 'draft', ...settings });
  return { input, face: known(), index: 0, settings: parsed, ...changes };
}

const draft = (settings: RestoreSettingsInput = {}, context: DraftContext = {}, changes = {}) =>
  draftFace(request(settings, changes), tools(), context);

/** From the first step the networks' formulas add next to no noise of their own. */
const QUIET: RestoreSettingsInput = { preset: 'faithful', start: 1 };

async function makeGrainy(): Promise<void> {
  const next = noise(8);
  const grainy = gradient(WIDTH, HEIGHT).map((value) => Math.max(0, Math.min(255, value + 25 * next())));
  await sharp(grainy, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } }).toFile(input);
}

const pixels = async (bytes: Uint8Array) => (await decodeBytes(bytes, 'picture')).image;

describe('draftFace', () => {
  it("brings RM's picture first, then the steps, and ends with the last one's", async () => {
    const events: Extract<EngineEvent, { kind: 'draft' }>[] = [];
    const onEvent = (event: EngineEvent) => event.kind === 'draft' && events.push(event);
    const result = await draft({ seed: 7 }, { onEvent });
    expect(events[0]).toMatchObject({ seed: 7, step: 0, steps: 4 });
    expect(events.at(-1)).toMatchObject({ seed: 7, step: 4, steps: 4 });
    expect(events.map(({ step }) => step)).toEqual(events.map(({ step }) => step).toSorted((a, b) => a - b));
    const before = await pixels(result.before);
    expect([before.width, before.height]).toEqual([TINY_SIZE, TINY_SIZE]);
    const crop = toFloat(before);
    const rm = toRgb(fitTone({ ...crop, data: tinyRestoration(crop.data) }, crop, 'colour'), 8);
    expect(largestDifference((await pixels(events[0]!.picture)).data, rm.data)).toBeLessThan(16);
    expect(
      largestDifference((await pixels(events.at(-1)!.picture)).data, (await pixels(result.after)).data),
    ).toBe(0);
  });

  it('says which guides were chosen for the face', async () => {
    const { models, ...rest } = tools();
    const auto = {
      relative: false,
      levels: [
        { error: 1, guides: 1, spacing: 1 },
        { guides: 2, spacing: 1 },
      ],
    };
    const able = { ...pack, manifest: { ...pack.manifest, auto } };
    const estimator = (y: Float32Array) => Promise.resolve({ std: tinyStd(y), tm: y, error: 3 });
    const sessions = { ...models.sessions, estimator };
    const unsure = { ...rest, models: { ...models, pack: able, sessions } };
    const result = await draftFace(request({ auto: true }), unsure);
    expect(result.auto).toEqual({ error: 3, guides: 2, spacing: 1 });
    expect(result.guideStds).toHaveLength(2);
    expect(await draft()).not.toHaveProperty('auto');
  });

  it('says how it was made and what came of it', async () => {
    const result = await draft({ preset: 'faithful', seed: 3, blur: 5 });
    expect(result).toMatchObject({ stdHat: 5, steps: 4, seed: 3, guideStds: [5, 4, 3] });
    expect(result.start).toBeGreaterThan(0);
    const { likeness, dataDistance, sharpness, sharpnessBefore } = result.measures;
    const [before, after] = [await pixels(result.before), await pixels(result.after)];
    expect(likeness).toBeCloseTo(Math.abs(before.data[0]! - after.data[0]!) / 255, 1);
    expect(dataDistance).toBeGreaterThan(0);
    expect(sharpness).toBeGreaterThan(0);
    expect(sharpnessBefore).toBeGreaterThan(0);
    // Faithful guides everywhere alike: there is nothing to see.
    expect(result).not.toHaveProperty('guidanceMap');
    const regions = await pixels((await draft()).guidanceMap!);
    expect(new Set(regions.data).size).toBeGreaterThan(1);
  });

  it('runs RM, SE and the descriptor of the crop once, however the sliders move', async () => {
    const first = await draft();
    await draft({ fidelity: 0.9, seed: 4 });
    await draft({ preset: 'detailed' }, {}, { index: 1 });
    expect(calls).toEqual({ rm: 1, se: 1, descriptor: 4 });
    expect((await draft()).after).toEqual(first.after);
    expect((await draft({ seed: 9 })).after).not.toEqual(first.after);
    await draft({}, {}, { face: known(100) });
    expect([calls.rm, calls.se]).toEqual([2, 2]);
    utimesSync(input, new Date(0), new Date(0));
    await draft();
    expect(calls.rm).toBe(3);
  });

  it('remembers the last eight faces', async () => {
    for (let i = 0; i <= 8; i++) await draft({}, {}, { face: known(60 + 20 * i) });
    expect(calls.rm).toBe(9);
    await draft({}, {}, { face: known(80) });
    expect(calls.rm).toBe(9);
    await draft({}, {}, { face: known(60) });
    expect(calls.rm).toBe(10);
  });

  it('does not remember what failed', async () => {
    const failing = tools();
    let fail = true;
    const { restoration } = failing.models.sessions;
    failing.models.sessions.restoration = (y) =>
      fail ? Promise.reject(new HeirloomError('face/failed', 'RM failed')) : restoration(y);
    await expect(draftFace(request(), failing)).rejects.toMatchObject({ code: 'face/failed' });
    fail = false;
    expect((await draftFace(request(), failing)).steps).toBe(4);
  });

  it("takes the photo's tone", async () => {
    const isGrey = ({ data }: RgbImage) =>
      data.every((value, i) => Math.abs(value - data[i - (i % 3)]!) <= 2);
    expect(isGrey(await pixels((await draft()).after))).toBe(false);
    expect(isGrey(await pixels((await draft({ tone: 'monochrome' })).after))).toBe(true);
    const grey = await sharp(readFileSync(input)).greyscale().png().toBuffer();
    writeFileSync(input, grey);
    expect(isGrey(await pixels((await draft()).after))).toBe(true);
  });

  it("shows the photo's grain as the restoration will have it, and measures without it", async () => {
    await makeGrainy();
    const pictures: Uint8Array[] = [];
    const onEvent = (event: EngineEvent) => event.kind === 'draft' && pictures.push(event.picture);
    const [none, half, all] = [
      await draft({ ...QUIET, grain: 0 }),
      await draft(QUIET),
      await draft({ ...QUIET, grain: 1 }, { onEvent }),
    ];
    expect(await draft({ ...QUIET, grain: 0.5 })).toMatchObject({ after: half.after });
    const energy = async (bytes: Uint8Array) => gradientEnergy(toFloat(await pixels(bytes)));
    expect(await energy(none.after)).toBeLessThan(await energy(half.after));
    expect(await energy(half.after)).toBeLessThan(await energy(all.after));
    expect(pictures.at(-1)).toEqual(all.after);
    expect(all.measures).toEqual(none.measures);
  });

  it('takes the settings of its own face', async () => {
    const perFace = { 2: { preset: 'faithful', seed: 7 } };
    const own = await draft({ guides: 1, perFace }, {}, { index: 2 });
    expect(own.seed).toBe(7);
    expect(own.after).toEqual((await draft({ preset: 'faithful', seed: 7 }, {}, { index: 2 })).after);
    const other = await draft({ guides: 1, perFace }, {}, { index: 1 });
    expect(other.after).toEqual((await draft({ guides: 1 }, {}, { index: 1 })).after);
  });

  it('gives no likeness where no descriptor can be taken', async () => {
    const blind = { ...tools(), detector: { descriptor: () => Promise.reject(new Error('no network')) } };
    expect((await draftFace(request(), blind)).measures).not.toHaveProperty('likeness');
  });

  it('ends when it is cancelled, before or between the steps', async () => {
    for (const after of [0, 1]) {
      const controller = new AbortController();
      const onEvent = (event: EngineEvent) => 'step' in event && event.step >= after && controller.abort();
      const cancelled = draft({ speed: 'exact', start: 1000 }, { onEvent, signal: controller.signal });
      await expect(cancelled).rejects.toMatchObject({ code: 'job/cancelled' });
    }
  });

  it('refuses bad settings, missing photos and impossible faces', async () => {
    await expect(draft({ preset: 'baroque' })).rejects.toMatchObject({ code: 'argument/invalid' });
    const missing = draft({}, {}, { input: join(root, 'missing.png') });
    await expect(missing).rejects.toMatchObject({ code: 'input/not-found' });
    const landmarks = Array.from({ length: 68 }, () => ({ x: 0.5, y: 0.5 }));
    const flat = draft({}, {}, { face: { ...known(), landmarks } });
    await expect(flat).rejects.toMatchObject({ code: 'argument/invalid' });
  });
});

describe('varyFace', () => {
  const vary = (seeds: number[], context: DraftContext = {}) =>
    varyFace({ ...request(), seeds }, tools(), context);

  it('drafts each seed and shows where they differ', async () => {
    const { drafts, invented } = await vary([1, 2, 3]);
    expect(drafts.map(({ seed }) => seed)).toEqual([1, 2, 3]);
    expect(drafts[1]!.after).toEqual((await draft({ seed: 2 })).after);
    expect(Math.max(...(await pixels(invented!)).data)).toBeGreaterThan(0);
    expect(calls.rm).toBe(1);
  });

  it('brings each as soon as it is finished, after its own pictures', async () => {
    const seen: string[] = [];
    const onEvent = (event: EngineEvent) => {
      if (event.kind === 'drafted') seen.push(`done ${event.draft.seed}`);
      else if (event.kind === 'draft' && event.step === 0) seen.push(`begin ${event.seed}`);
    };
    await vary([4, 8], { onEvent });
    expect(seen).toEqual(['begin 4', 'done 4', 'begin 8', 'done 8']);
  });

  it('draws its seeds with the settings of its own face', async () => {
    const settings = { perFace: { 0: { preset: 'faithful', seed: 7 } } };
    const { drafts } = await varyFace({ ...request(settings), seeds: [1, 2] }, tools());
    expect(drafts.map(({ seed }) => seed)).toEqual([1, 2]);
    expect(drafts[1]!.after).toEqual((await draft({ preset: 'faithful', seed: 2 })).after);
  });

  it('finds nothing invented in the same seed twice', async () => {
    const { invented } = await vary([5, 5]);
    expect(invented).toBeNull();
  });

  it('takes no grain for an invention', async () => {
    await makeGrainy();
    const seen = async (grain: number) =>
      varyFace({ ...request({ ...QUIET, grain }), seeds: [1, 2] }, tools());
    const [all, none] = [await seen(1), await seen(0)];
    expect(all.invented).toEqual(none.invented);
    expect(all.drafts[0]!.after).not.toEqual(none.drafts[0]!.after);
  });
});
