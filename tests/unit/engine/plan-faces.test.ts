import { describe, expect, it } from 'vitest';
import { restoreSettingsSchema, type RestoreSettingsInput } from '../../../contract/restore.ts';
import { resolvePlan } from '../../../engine/method/presets.ts';
import { loadPack } from '../../../engine/models/manifest.ts';
import {
  autoScale,
  createCandidates,
  expectOwnFaces,
  firstReport,
  missingFaces,
  planFaces,
} from '../../../engine/plan-faces.ts';
import { fakeFace } from '../../fixtures/fake-faces.ts';
import { TINY_PACK } from '../../fixtures/tiny-pack.ts';

const picture = { width: 400, height: 300 };
const [large, small, impossible] = createCandidates(
  [80, 12, 0].map((size) => fakeFace({ x: 200, y: 150, size }, picture.width, picture.height)),
  picture,
);

describe('createCandidates', () => {
  it('measures the aligned square in pixels', () => {
    expect(large).toMatchObject({ index: 0, sizePx: expect.closeTo(80, 6) as number });
    expect(large?.flaw).toBeUndefined();
  });

  it('keeps a face that cannot be aligned, with the reason', () => {
    expect(impossible).toMatchObject({
      index: 2,
      sizePx: 0,
      flaw: expect.stringContaining('landmarks') as string,
    });
  });
});

describe('firstReport', () => {
  it('tells which faces are to be restored', () => {
    expect(firstReport(large!, 'all').status).toBe('restored');
    expect(firstReport(large!, [0]).status).toBe('restored');
    expect(firstReport(large!, [1]).status).toBe('skipped');
    expect(firstReport(small!, 'all')).toMatchObject({ status: 'too-small' });
    expect(firstReport(impossible!, 'all')).toMatchObject({ status: 'failed' });
  });
});

describe('missingFaces', () => {
  it('notes numbers that the photo does not have', () => {
    expect(missingFaces('all', 0)).toEqual([]);
    expect(missingFaces([0, 3], 2)).toEqual(['there is no face 4: 2 found, counted from 1']);
  });
});

describe('planFaces', async () => {
  const { manifest } = await loadPack(TINY_PACK);
  const settings = (given: RestoreSettingsInput) => restoreSettingsSchema.parse(given);
  const own = settings({ guides: 2, perFace: { 1: { preset: 'faithful', seed: 7 } } });

  it("gives a face with settings of its own their plan, and every other one the photo's", () => {
    const planOf = planFaces(manifest, own);
    expect(planOf(0)).toEqual(resolvePlan(manifest, settings({ guides: 2 })));
    expect(planOf(1)).toEqual(resolvePlan(manifest, settings({ preset: 'faithful', seed: 7 })));
    expect(planOf(2)).toBe(planOf(0));
  });

  it.each<[RestoreSettingsInput, RegExp]>([
    [
      { perFace: { 2: { preset: 'baroque' } } },
      /^Face 3: Expected a preset of pack .* but received baroque$/,
    ],
    [{ perFace: { 0: { guides: 2, weights: [1] } } }, /^Face 1: Expected 2 weights/],
    [{ speed: 'exact', perFace: { 1: { perRegion: true } } }, /^Face 2: Expected the spectral sampler/],
    [{ preset: 'baroque', perFace: { 1: { seed: 1 } } }, /^Expected a preset of pack/],
  ])('refuses %j by the name of the face', (given, message) => {
    expect(() => planFaces(manifest, settings(given))).toThrow(
      expect.objectContaining({
        code: 'argument/invalid',
        message: expect.stringMatching(message) as string,
      }),
    );
  });

  it('refuses settings of a face that is not there', () => {
    expect(() => expectOwnFaces(own, 2)).not.toThrow();
    expect(() => expectOwnFaces(own, 1)).toThrow(
      expect.objectContaining({
        code: 'argument/invalid',
        message: 'there is no face 2: 1 found, counted from 1',
      }),
    );
  });
});

describe('autoScale', () => {
  const small = { width: 1000, height: 1000 };
  it.each([
    [[256], 1],
    [[240, 10, 300], 1],
    [[130], 2],
    [[60, 65, 300], 4],
    [[20], 4],
    [[], 1],
  ])('of faces of %o pixels for 256 is %i', (sizes, factor) => {
    expect(autoScale(sizes, small, 256)).toBe(factor);
  });

  it('stays below 200 megapixels', () => {
    expect(autoScale([60], { width: 10_000, height: 4_000 }, 256)).toBe(2);
    expect(autoScale([60], { width: 10_000, height: 10_000 }, 256)).toBe(1);
  });
});
