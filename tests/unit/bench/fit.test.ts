import { describe, expect, it } from 'vitest';
import { bestFirst, combinations, planOf } from '../../../bench/fit.ts';
import { loadPack } from '../../../engine/models/manifest.ts';
import { TINY_PACK } from '../../fixtures/tiny-pack.ts';

const lists = {
  guides: [1, 3],
  rho: [0.1, 0.2],
  spacing: [1, 4],
  scale: [1],
  steps: [5],
  refine: [false],
  least: [1],
};

describe('combinations', () => {
  it('is every one of the lists, a single guide once for every spacing', () => {
    const all = combinations(lists).map(({ guides, spacing, rho }) => [guides, spacing, rho]);
    expect(all).toEqual([
      [1, 1, 0.1],
      [1, 1, 0.2],
      ...[1, 4].flatMap((spacing) => [0.1, 0.2].map((rho) => [3, spacing, rho])),
    ]);
    expect(combinations({ ...lists, steps: [] })).toEqual([]);
  });
});

describe('bestFirst', () => {
  const some = combinations({ ...lists, guides: [3], spacing: [1] });
  const means = [
    { psnr: 20, identity: 0.4, frechet: 2 },
    { psnr: 21, identity: 0.5, frechet: 1 },
  ];

  it.each([
    ['psnr', [0.2, 0.1]],
    ['identity', [0.1, 0.2]],
    ['frechet', [0.2, 0.1]],
  ] as const)('by %s', (by, rhos) => {
    expect(bestFirst(some, means, by).map(({ rho }) => rho)).toEqual(rhos);
  });
});

describe('planOf', () => {
  it('is Balanced with the constants', async () => {
    const pack = await loadPack(TINY_PACK);
    const constants = { guides: 2, rho: 0.3, spacing: 4, scale: 0.5, steps: 9, refine: true, least: 1 };
    expect(planOf(pack, constants)).toMatchObject({
      ...{ preset: 'balanced', weights: [0.8, 0.2], rho: 0.3, spacing: 4, guidanceScale: 0.5 },
      ...{ axis: { min: 1, max: 15 }, kernelRefinement: true, auto: undefined },
      sampling: { sampler: 'spectral', steps: 9 },
    });
    expect(() => planOf(pack, { ...constants, guides: 5 })).toThrow('Expected guides between 1 and 4');
  });
});
