import { expect, test } from 'vitest';
import { chartPoint, chartRange, placeIn } from '../../../../renderer/components/restore/chart-points.ts';

const MEASURES = { dataDistance: 0.03, sharpness: 0.04, sharpnessBefore: 0.01 };

test('a setting lies further right the more alike, and higher the sharper', () => {
  const { fidelity, quality } = chartPoint({ ...MEASURES, likeness: 0.3 });
  expect(fidelity).toBeCloseTo(0.75);
  expect(quality).toBeCloseTo(2);
});

test('the photo itself is measured where no descriptor could be taken', () => {
  expect(chartPoint(MEASURES).fidelity).toBeCloseTo(0.75);
});

test('measures beyond everything stay finite', () => {
  const worst = chartPoint({ likeness: 9, dataDistance: 9, sharpness: 0, sharpnessBefore: 0 });
  expect(worst).toEqual({ fidelity: 0, quality: 0 });
  expect(chartPoint({ ...MEASURES, sharpness: 0 }).quality).toBeLessThan(-5);
});

test('the chart shows all points with room around them', () => {
  const points = [
    { fidelity: 0.6, quality: -1 },
    { fidelity: 0.9, quality: 1.5 },
  ];
  const range = chartRange(points);
  for (const point of points) {
    for (const key of ['fidelity', 'quality'] as const) {
      expect(placeIn(range[key], point[key])).toBeGreaterThan(0.05);
      expect(placeIn(range[key], point[key])).toBeLessThan(0.95);
    }
  }
});

test('points that hardly differ are not drawn apart, and a single one stands in the middle', () => {
  const { fidelity } = chartRange([
    { fidelity: 0.7, quality: 0 },
    { fidelity: 0.7001, quality: 0 },
  ]);
  expect(placeIn(fidelity, 0.7001) - placeIn(fidelity, 0.7)).toBeLessThan(0.01);
  expect(placeIn(chartRange([{ fidelity: 0.7, quality: 3 }]).quality, 3)).toBeCloseTo(0.5);
});

test('without points the range is still one', () => {
  expect(chartRange([])).toEqual({ fidelity: [0, 1], quality: [0, 1] });
});
