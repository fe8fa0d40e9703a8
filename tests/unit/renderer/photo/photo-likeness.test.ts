import { expect, it } from 'vitest';
import { likenessFell, likenessWord } from '../../../../renderer/state/photo-likeness.ts';

it('puts a distance in words', () => {
  expect([0, 0.34, 0.35, 0.49, 0.5, 0.59, 0.6, 2].map(likenessWord)).toEqual([
    'same',
    'same',
    'close',
    'close',
    'look',
    'look',
    'different',
    'different',
  ]);
});

it('warns from 0.5, and never of what was not measured', () => {
  expect([0.49, 0.5, 0.9, undefined].map(likenessFell)).toEqual([false, true, true, false]);
});
