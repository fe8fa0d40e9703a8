import { expect, it } from 'vitest';
import { isExact, RECIPE_IDS, TABLES } from '../../../contract/evaluation.ts';

it('shows every recipe in a table', () => {
  const shown = new Set(TABLES.flatMap(({ rows }) => rows.map(([id]) => id)));
  expect(RECIPE_IDS.filter((id) => !shown.has(id))).toEqual([]);
});

it('knows the rows that take minutes a face', () => {
  expect(RECIPE_IDS.filter(isExact)).toEqual(['exact', 'exact-constant', 'dps-exact']);
});
