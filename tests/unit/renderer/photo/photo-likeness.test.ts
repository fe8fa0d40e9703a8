import { expect, it } from 'vitest';
import { likenessFell, likenessWord } from '../../../../renderer/state/photo-likeness.ts';

it('puts a distance in words', () => {
  expect([0, 0.44, 0.45, 0.55, 0.56, 0.63, 0.64, 2].map(likenessWord)).toEqual([
    'close',
    'close',
    'fair',
    'fair',
    'look',
    'look',
    'different',
    'different',
  ]);
});

it('warns from where strangers begin, and never of what was not measured', () => {
  expect([0.55, 0.56, 0.9, undefined].map(likenessFell)).toEqual([false, true, true, false]);
});
