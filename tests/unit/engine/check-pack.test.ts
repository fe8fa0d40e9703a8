import { rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packReportSchema, type PackReport } from '../../../contract/engine.ts';
import { restoreSettingsSchema } from '../../../contract/restore.ts';
import { checkPack, reportPacks } from '../../../engine/check-pack.ts';
import { resolvePlan } from '../../../engine/method/presets.ts';
import { loadPack } from '../../../engine/models/manifest.ts';
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

  it('says what each preset sets, as the engine works it out', async () => {
    const [report] = await reportPacks([dirname(folder)]);
    const { manifest } = await loadPack(folder);
    for (const { id, values } of packReportSchema.parse(report).presets!) {
      const plan = resolvePlan(manifest, restoreSettingsSchema.parse({ preset: id }));
      const exact = manifest.presets.find((preset) => preset.id === id)!.speeds.exact.steps;
      expect(values).toMatchObject({
        ...{ spacing: plan.spacing, rho: plan.rho },
        ...{ dgsa: plan.guidanceScale === 'dgsa', kernelRefinement: plan.kernelRefinement },
        steps: { normal: plan.sampling.steps },
      });
      expect(values?.weights.map((weight) => weight.toFixed(9))).toEqual(
        plan.weights.map((weight) => weight.toFixed(9)),
      );
      expect(values?.steps.exact).toBe(exact);
    }
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

const writeTable = async () => {
  const file = join(folder, 'manifest.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as { presets: object[] };
  const presets = manifest.presets.map((preset, i) => ({ ...preset, auto: i === 0 }));
  await writeFile(
    file,
    JSON.stringify({ ...manifest, presets, auto: { levels: [{ guides: 2, spacing: 1 }] } }),
  );
};

describe('a table of guides by confidence', () => {
  const autoOf = (report: PackReport | undefined) => report?.presets?.map(({ values }) => values?.auto);

  it('is told with each preset, null where the pack has none', async () => {
    expect(autoOf((await reportPacks([dirname(folder)]))[0])).toEqual([null, null, null]);
    await writeTable();
    expect(autoOf((await reportPacks([dirname(folder)]))[0])).toEqual([true, false, false]);
  });

  it('is of no use beside an estimator that does not tell its error', async () => {
    await writeTable();
    const { error } = await checkPack(folder);
    expect(error).toMatchObject({
      code: 'pack/invalid',
      message: expect.stringContaining('output error is missing') as string,
    });
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
