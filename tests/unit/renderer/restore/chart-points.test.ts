import { expect, test } from 'vitest';
import { CHART_RANGE, chartPoint, placeIn } from '../../../../renderer/components/restore/chart-points.ts';

const MEASURES = { dataDistance: 0.03, sharpness: 0.04, sharpnessBefore: 0.01 };

test('a setting lies further right the more alike, and higher the sharper', () => {
  const { fidelity, sharpness } = chartPoint({ ...MEASURES, likeness: 0.3 });
  expect(fidelity).toBeCloseTo(0.75);
  expect(sharpness).toBeCloseTo(2);
});

test('the photo itself is measured where no descriptor could be taken', () => {
  expect(chartPoint(MEASURES).fidelity).toBeCloseTo(0.75);
});

test('measures beyond everything stay finite', () => {
  const worst = chartPoint({ likeness: 9, dataDistance: 9, sharpness: 0, sharpnessBefore: 0 });
  expect(worst).toEqual({ fidelity: 0, sharpness: 0 });
  expect(chartPoint({ ...MEASURES, sharpness: 0 }).sharpness).toBeLessThan(-5);
});

test('a point stands where it belongs, however many there are', () => {
  const across = (likeness: number) =>
    placeIn(CHART_RANGE.fidelity, chartPoint({ ...MEASURES, likeness }).fidelity);
  expect(across(0.792)).toBeCloseTo(0.34);
  expect(across(0.12)).toBeCloseTo(0.9);
});

test('the quarters of the height are as sharp as the photo, twice and four times', () => {
  const up = (times: number) =>
    placeIn(CHART_RANGE.sharpness, chartPoint({ ...MEASURES, sharpness: 0.01 * times }).sharpness);
  expect([1, 2, 4].map(up)).toEqual([0.25, 0.5, 0.75]);
});

test('what is beyond the scales lies at their ends', () => {
  expect(placeIn(CHART_RANGE.sharpness, -9)).toBe(0);
  expect(placeIn(CHART_RANGE.sharpness, 9)).toBe(1);
});
