import { expect, it } from 'vitest';
import { chartPoint } from '../../../../renderer/components/restore/chart-points.ts';

const MEASURES = { dataDistance: 0.03, sharpness: 0.04, sharpnessBefore: 0.01 };

it('lies further right the more alike, and higher the sharper', () => {
  const { fidelity, quality } = chartPoint({ ...MEASURES, likeness: 0.3 });
  expect(fidelity).toBeCloseTo(0.75);
  expect(quality).toBeCloseTo(2 / 3);
});

it('measures the photo itself where no descriptor could be taken', () => {
  expect(chartPoint(MEASURES).fidelity).toBeCloseTo(0.75);
});

it('stays on the chart', () => {
  const far = { likeness: 9, dataDistance: 9, sharpness: 9, sharpnessBefore: 0 };
  expect(chartPoint(far)).toEqual({ fidelity: 0, quality: 1 });
  expect(chartPoint({ likeness: 0, dataDistance: 0, sharpness: 0, sharpnessBefore: 1 })).toEqual({
    fidelity: 1,
    quality: 0,
  });
});
