import { describe, expect, it } from 'vitest';
import { identityDistance, landmarkDistance } from '../../../../engine/faces/identity.ts';

describe('identityDistance', () => {
  it('is Euclidean', () => {
    expect(identityDistance(Float32Array.of(1, 2, 3), Float32Array.of(1, 2, 3))).toBe(0);
    expect(identityDistance(Float32Array.of(0, 3), Float32Array.of(4, 0))).toBe(5);
  });

  it('refuses unequal lengths', () => {
    expect(() => identityDistance(new Float32Array(128), new Float32Array(64))).toThrow(
      'received 128 and 64',
    );
  });
});

describe('landmarkDistance', () => {
  const points = [
    { x: 0, y: 0 },
    { x: 0.5, y: 0.5 },
  ];

  it('is the mean distance in pixels', () => {
    const moved = [
      { x: 0.3, y: 0.4 },
      { x: 0.5, y: 0.5 },
    ];
    expect(landmarkDistance(points, moved)).toBeCloseTo(64, 9);
    expect(landmarkDistance(points, moved, 100)).toBeCloseTo(25, 9);
    expect(landmarkDistance(points, points)).toBe(0);
  });

  it('refuses unequal and empty lists', () => {
    expect(() => landmarkDistance(points, points.slice(1))).toThrow('received 2 and 1');
    expect(() => landmarkDistance([], [])).toThrow('received 0 and 0');
  });
});
