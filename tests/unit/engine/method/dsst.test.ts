import { describe, expect, it } from 'vitest';
import { parseDsst, startingStep } from '../../../../engine/method/dsst.ts';

const table = { std: [1, 2, 4], t: [100, 300, 500], tol: 0.02, resolution: 32, power: [1] };

describe('startingStep', () => {
  it.each([
    [1, 100],
    [2, 300],
    [1.5, 200],
    [3.333, 433],
    [4, 500],
  ])('of std %d is %i', (std, t) => {
    expect(startingStep(table, std)).toBe(t);
  });

  it('stays at the ends of the table beyond them', () => {
    expect(startingStep(table, 0.01)).toBe(100);
    expect(startingStep(table, 90)).toBe(500);
  });
});

describe('parseDsst', () => {
  it('gives the table', () => {
    expect(parseDsst(table, 'dsst.json')).toEqual(table);
  });

  it.each([
    ['a falling std', { ...table, std: [1, 4, 2] }, 'std does not rise'],
    ['a falling t', { ...table, t: [300, 100, 500] }, 't falls'],
    ['another length', { ...table, t: [1, 2] }, 'std and t differ in length'],
    ['a timestep above 1000', { ...table, t: [1, 2, 1001] }, 't.2'],
    ['a timestep that is no whole number', { ...table, t: [1, 2.5, 3] }, 't.1'],
    ['no table', { std: [], t: [] }, 'dsst.json: std'],
    ['not an object', 3, 'dsst.json'],
  ])('refuses %s', (_, json, message) => {
    expect(() => parseDsst(json, 'dsst.json')).toThrow(message);
    expect(() => parseDsst(json, 'dsst.json')).toThrow(expect.objectContaining({ code: 'pack/invalid' }));
  });
});
