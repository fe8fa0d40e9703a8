import { describe, expect, it } from 'vitest';
import { gaussianBlur } from '../../../../engine/image/filters.ts';
import { addGrain, estimateGrain, matchGrain } from '../../../../engine/image/grain.ts';
import { channel, noise, paint, standardDeviation } from './synthetic.ts';

const SIZE = 256;
const scene = paint(SIZE, SIZE, (x, y) => 0.5 + 0.25 * Math.sin(x / 40) + 0.15 * Math.cos(y / 30));

describe('estimateGrain', () => {
  it.each([0.01, 0.03, 0.08])('finds white noise of %d', (std) => {
    const next = noise(5);
    const plane = Float32Array.from({ length: SIZE * SIZE }, next);
    const noisy = { ...scene, data: scene.data.map((v, i) => v + std * plane[i % plane.length]!) };
    const grain = estimateGrain(noisy);
    expect(grain.std / std).toBeGreaterThan(0.85);
    expect(grain.std / std).toBeLessThan(1.1);
    expect(grain.blur).toBeLessThan(0.4);
  });

  it.each([0.7, 1, 1.4])('finds how coarse the grain is: %d pixels', (blur) => {
    const next = noise(6);
    const plane = gaussianBlur(Float32Array.from({ length: SIZE * SIZE }, next), SIZE, SIZE, blur);
    const scale = 0.03 / standardDeviation(plane);
    const grain = estimateGrain({
      ...scene,
      data: scene.data.map((v, i) => v + scale * plane[i % plane.length]!),
    });
    expect(grain.std / 0.03).toBeGreaterThan(0.7);
    expect(grain.std / 0.03).toBeLessThan(1.15);
    expect(grain.blur / blur).toBeGreaterThan(0.75);
    expect(grain.blur / blur).toBeLessThan(1.2);
  });

  it('finds next to none in a clean picture, even beside strong edges', () => {
    expect(estimateGrain(scene).std).toBeLessThan(0.003);
    const edged = paint(SIZE, SIZE, (x, y) => (x > 128 && y > 100 ? 0.9 : 0.1));
    expect(estimateGrain(edged).std).toBeLessThan(0.001);
  });
});

describe('addGrain', () => {
  it('adds grain of the given strength and coarseness', () => {
    const result = addGrain(scene, { std: 0.04, blur: 1 }, 7);
    const added = channel(result, 0).map((v, i) => v - scene.data[i]!);
    expect(standardDeviation(added)).toBeCloseTo(0.04, 4);
    expect(estimateGrain(result).blur).toBeGreaterThan(0.75);
    expect(channel(result, 2)[99]! - channel(scene, 2)[99]!).toBeCloseTo(added[99]!, 5);
  });
  it('depends on the seed and on nothing else', () => {
    const grain = { std: 0.02, blur: 0 };
    expect(addGrain(scene, grain, 1)).toEqual(addGrain(scene, grain, 1));
    expect(addGrain(scene, grain, 1)).not.toEqual(addGrain(scene, grain, 2));
  });
  it('adds nothing where there is no grain, and refuses a wrong seed', () => {
    expect(addGrain(scene, { std: 0, blur: 0 }, 1)).toBe(scene);
    expect(() => addGrain(scene, { std: 0.1, blur: 0 }, -1)).toThrow('received -1');
  });
});

describe('matchGrain', () => {
  const grainy = addGrain(scene, { std: 0.04, blur: 1 }, 7);
  const levelOf = (part: number, of = scene) => estimateGrain(matchGrain(of, grainy, part, 3)).std;

  it('gives a clean picture none, a part or all of the grain of another', () => {
    expect(matchGrain(scene, grainy, 0, 3)).toBe(scene);
    const whole = estimateGrain(grainy).std;
    expect(levelOf(0.5) / whole).toBeGreaterThan(0.4);
    expect(levelOf(0.5) / whole).toBeLessThan(0.6);
    expect(levelOf(1) / whole).toBeGreaterThan(0.85);
    expect(levelOf(1) / whole).toBeLessThan(1.15);
  });

  it('adds only what the picture lacks', () => {
    const half = addGrain(scene, { std: 0.02, blur: 1 }, 8);
    expect(levelOf(1, half) / estimateGrain(grainy).std).toBeLessThan(1.15);
    expect(matchGrain(grainy, scene, 1, 3)).toBe(grainy);
  });
});
