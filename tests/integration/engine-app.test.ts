import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineEvent, EngineParamsInput, KnownFace } from '../../contract/engine.ts';
import { restoreSettingsSchema, type RestoreSettingsInput } from '../../contract/restore.ts';
import { EngineClient } from '../../engine/client.ts';
import { SAMPLE } from '../fixtures/run-cli.ts';
import { TINY_PACK, TINY_SIZE } from '../fixtures/tiny-pack.ts';

const models = { pack: TINY_PACK, provider: 'cpu' as const };
const settings = (input: RestoreSettingsInput = {}) =>
  restoreSettingsSchema.parse({ speed: 'draft', ...input });

let root: string;
let restore: EngineClient;
let imaging: EngineClient;
/** Of the sample, in reading order. */
let faces: KnownFace[];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'heirloom-engine-'));
  restore = new EngineClient({ role: 'restore' });
  imaging = new EngineClient({ role: 'imaging' });
  const inspection = await imaging.call('inspectPhoto', { input: SAMPLE });
  faces = inspection.faces.map(({ box, landmarks, turn }) => ({ box, landmarks, turn }));
});
afterAll(async () => {
  await Promise.all([restore.close(), imaging.close()]);
  rmSync(root, { recursive: true });
});

const at = (name: string) => join(root, name);
const sizeOf = async (picture: string | Uint8Array) => {
  const { format, width, height } = await sharp(picture).metadata();
  return { format, width, height };
};

function job(changes: Partial<EngineParamsInput<'restorePhoto'>> = {}): EngineParamsInput<'restorePhoto'> {
  return { input: SAMPLE, output: null, settings: settings(), models, known: faces, ...changes };
}

describe('the imaging process', () => {
  it('describes, renders, tiles, crops and exports', async () => {
    const thumbnails = [{ path: at('small.webp'), longSide: 256 }];
    const described = await imaging.call('describePhoto', { input: SAMPLE, thumbnails });
    expect(described).toMatchObject({ format: 'jpeg', width: 900, height: 700, depth: 8 });
    expect(await sizeOf(at('small.webp'))).toEqual({ format: 'webp', width: 256, height: 199 });
    const view = { input: SAMPLE, output: at('view.webp'), longSide: 450 };
    expect(await imaging.call('renderPicture', view)).toEqual({ width: 450, height: 350 });
    const tiles = { input: SAMPLE, folder: at('tiles'), tileSize: 512 };
    expect(await imaging.call('makeTiles', tiles)).toEqual({ levels: 2, width: 900, height: 700 });
    expect(readdirSync(at('tiles/0')).sort()).toEqual(['0_0.webp', '0_1.webp', '1_0.webp', '1_1.webp']);
    await imaging.call('cropFace', { input: SAMPLE, face: faces[0]!, size: 256, output: at('face.webp') });
    expect(await sizeOf(at('face.webp'))).toEqual({ format: 'webp', width: 256, height: 256 });
    const exported = await imaging.call('exportPicture', {
      input: SAMPLE,
      original: SAMPLE,
      output: at('export'),
      format: 'png',
      quality: 90,
      maxSide: 300,
      turn: 90,
      keepMetadata: true,
      facts: null,
      note: null,
      sideBySide: false,
      overwrite: false,
    });
    expect(exported).toEqual({ output: at('export.png'), width: 233, height: 300 });
  });

  it('answers bad files with their error and goes on', async () => {
    const missing = imaging.call('describePhoto', { input: at('missing.jpg'), thumbnails: [] });
    await expect(missing).rejects.toMatchObject({ code: 'input/not-found' });
    const text = imaging.call('describePhoto', { input: import.meta.filename, thumbnails: [] });
    await expect(text).rejects.toMatchObject({ code: 'input/not-an-image' });
    await expect(imaging.call('openModels', { models })).rejects.toMatchObject({ code: 'engine/protocol' });
  });

  it('finds the face that a box is drawn around, and guesses where there is none', async () => {
    const { box } = faces[0]!;
    const rough = { ...box, x: box.x - 0.02, y: box.y + 0.01, height: box.height * 1.1 };
    const found = await imaging.call('locateFace', { input: SAMPLE, box: rough });
    expect(found.guessed).toBe(false);
    expect(Math.abs(found.face.box.x - box.x)).toBeLessThan(0.02);
    const [eye, expected] = [found.face.landmarks[36]!, faces[0]!.landmarks[36]!];
    expect(Math.hypot(eye.x - expected.x, eye.y - expected.y)).toBeLessThan(0.02);
    expect(found.stdHat).toBeUndefined();
    const corner = { x: 0.01, y: 0.01, width: 0.05, height: 0.06 };
    const guess = await restore.call('locateFace', { input: SAMPLE, box: corner, models });
    expect(guess).toMatchObject({ guessed: true, face: { box: corner, turn: 0 } });
    expect(guess.stdHat).toBeGreaterThan(0);
    expect(guess.start).toBeGreaterThan(0);
  });
});

describe('drafts', () => {
  it('come picture by picture', async () => {
    const pictures: Extract<EngineEvent, { kind: 'draft' }>[] = [];
    const onEvent = (event: EngineEvent) => void (event.kind === 'draft' && pictures.push(event));
    const params = { input: SAMPLE, face: faces[0]!, index: 0, settings: settings(), models };
    const draft = await restore.call('draftFace', params, { onEvent });
    expect(pictures[0]).toMatchObject({ step: 0, seed: 0 });
    expect(pictures.at(-1)).toMatchObject({ step: 4, steps: 4 });
    const jpeg = { format: 'jpeg', width: TINY_SIZE, height: TINY_SIZE };
    for (const { picture } of pictures) expect(await sizeOf(picture)).toEqual(jpeg);
    expect(await sizeOf(draft.before)).toEqual(jpeg);
    expect(draft.measures.likeness).toBeGreaterThan(0);
    expect(draft.measures.likeness).toBeLessThan(1.5);
    const again = await restore.call('draftFace', params);
    expect(again.after).toEqual(draft.after);
  });

  it('vary with the seed', async () => {
    const params = { input: SAMPLE, face: faces[1]!, index: 1, settings: settings(), models, seeds: [1, 2] };
    const { drafts, invented } = await restore.call('varyFace', params);
    expect(drafts.map(({ seed }) => seed)).toEqual([1, 2]);
    expect(await sizeOf(invented!)).toEqual({ format: 'png', width: TINY_SIZE, height: TINY_SIZE });
  });

  it('are answered at once when they are cancelled while they wait', async () => {
    const long = new AbortController();
    const running = restore.call(
      'restorePhoto',
      job({ settings: settings({ speed: 'exact', start: 1000 }) }),
      {
        signal: long.signal,
      },
    );
    const ended = running.then(
      () => 'done',
      () => 'cancelled',
    );
    const waiting = new AbortController();
    const draft = restore.call(
      'draftFace',
      { input: SAMPLE, face: faces[0]!, index: 0, settings: settings(), models },
      { signal: waiting.signal },
    );
    setTimeout(() => waiting.abort(), 50);
    await expect(draft).rejects.toMatchObject({ code: 'job/cancelled' });
    expect(await Promise.race([ended, sleep(0, 'still running')])).toBe('still running');
    long.abort();
    expect(await ended).toBe('cancelled');
    expect((await restore.call('resources', {})).peakMemoryBytes).toBeGreaterThan(0);
  });
});

describe('restoring for the library', () => {
  it('shows steps as small JPEGs and says how alike the faces are', async () => {
    const previews: Uint8Array[] = [];
    const onEvent = (event: EngineEvent) =>
      void (event.kind === 'step' && event.preview && previews.push(event.preview));
    const report = await restore.call('restorePhoto', job({ previews: true }), { onEvent });
    expect(report).toMatchObject({ status: 'restored', recipe: { detector: 'known' } });
    expect(report.faces).toHaveLength(faces.length);
    for (const { likeness } of report.faces) expect(likeness).toBeGreaterThan(0);
    expect(previews.length).toBeGreaterThanOrEqual(faces.length);
    expect((await sizeOf(previews[0]!)).format).toBe('jpeg');
  });

  it('goes on after a death with the faces that were finished, to the same bytes', async () => {
    const checkpoint = at('checkpoint');
    const params = { settings: settings({ speed: 'exact', start: 60 }) };
    const kill = (event: EngineEvent) => {
      if (event.kind === 'step' && event.face === 1 && restore.pid !== undefined)
        process.kill(restore.pid, 'SIGKILL');
    };
    const output = at('interrupted');
    const dying = restore.call('restorePhoto', job({ ...params, output, checkpoint }), { onEvent: kill });
    await expect(dying).rejects.toMatchObject({ code: 'engine/died' });
    expect(readdirSync(checkpoint).filter((name) => name.endsWith('.face'))).toHaveLength(1);
    const steps: number[] = [];
    const onEvent = (event: EngineEvent) =>
      void (event.kind === 'step' && event.face === 0 && steps.push(event.step));
    await restore.call('restorePhoto', job({ ...params, output, checkpoint }), { onEvent });
    expect(steps).toEqual([60]);
    expect(existsSync(checkpoint)).toBe(false);
    await restore.call('restorePhoto', job({ ...params, output: at('whole') }));
    expect(readFileSync(at('interrupted.jpg'))).toEqual(readFileSync(at('whole.jpg')));
  });
});

describe('models', () => {
  it('tell which provider runs them and why', async () => {
    const named = await restore.call('openModels', { models });
    expect(named).toMatchObject({ provider: 'cpu', verdicts: [{ provider: 'cpu', usable: true }] });
    expect(named.verdicts[0]?.reason).toContain('asked for');
    const elsewhere = process.platform === 'darwin' ? 'dml' : 'coreml';
    const wrong = restore.call('openModels', { models: { ...models, provider: elsewhere } });
    await expect(wrong).rejects.toMatchObject({ code: 'provider/unavailable' });
    const missing = restore.call('openModels', { models: { pack: at('nowhere'), provider: 'cpu' } });
    await expect(missing).rejects.toMatchObject({ code: 'pack/not-found' });
  });

  it('are measured in about ten seconds, or until it is cancelled', async () => {
    const { faces: runs, ...speed } = await restore.call('benchmark', { models });
    expect(runs).toBeGreaterThanOrEqual(2);
    expect(speed.provider).toBe('cpu');
    expect(speed.stepMilliseconds).toBeGreaterThan(0);
    expect(speed.normalSeconds).toBeGreaterThan(speed.draftSeconds);
    const controller = new AbortController();
    const cancelled = restore.call('benchmark', { models }, { signal: controller.signal });
    setTimeout(() => controller.abort(), 300);
    await expect(cancelled).rejects.toMatchObject({ code: 'job/cancelled' });
  });
});
