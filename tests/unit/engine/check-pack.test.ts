import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkPack, reportPacks } from '../../../engine/check-pack.ts';
import { copyTinyPack } from '../../fixtures/tiny-pack.ts';

let folder: string;
beforeEach(async () => {
  folder = await copyTinyPack();
});
afterEach(() => rmSync(dirname(folder), { recursive: true }));

describe('reportPacks', () => {
  it('describes the packs of a folder', async () => {
    const [report] = await reportPacks([dirname(folder)]);
    expect(report).toMatchObject({ folder, id: 'tiny-32', resolution: 32, licence: 'MIT' });
    expect(report?.bytes).toBeGreaterThan(10_000);
    expect(report?.presets?.map(({ id }) => id)).toEqual(['faithful', 'balanced', 'detailed']);
    expect(report?.error).toBeUndefined();
  });

  it('says what is wrong with one', async () => {
    rmSync(join(folder, 'dgsa.onnx'));
    const [report] = await reportPacks([dirname(folder)]);
    expect(report?.error).toMatchObject({ code: 'pack/damaged' });
  });

  it('has nothing to say of a folder that is not there', async () => {
    expect(await reportPacks([join(folder, 'none')])).toEqual([]);
  });
});

describe('checkPack', () => {
  it('reports what a damaged pack misses', async () => {
    rmSync(join(folder, 'estimator.onnx'));
    expect(await checkPack(folder)).toEqual({
      folder,
      error: {
        code: 'pack/damaged',
        message: expect.stringContaining('estimator.onnx is missing') as string,
      },
    });
  });
});
