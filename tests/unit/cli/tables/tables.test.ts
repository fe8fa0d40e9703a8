import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  addRows,
  missingRows,
  openResults,
  readResults,
  saveResults,
  type Measured,
} from '../../../../cli/tables/collect.ts';
import { compareResults, compareRows } from '../../../../cli/tables/compare.ts';
import { scatterPlot } from '../../../../cli/tables/plot.ts';
import { resultsPage, resultsPlots, SAMPLER_ROWS } from '../../../../cli/tables/report.ts';
import { comparable, summarise } from '../../../../cli/tables/summarise.ts';
import { TABLES } from '../../../../contract/evaluation.ts';
import { createNoise } from '../../../../engine/method/noise.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heirloom-tables-'));
});
afterEach(() => rm(folder, { recursive: true }));

function measured(row: Measured['row'], pair: number, more: Partial<Measured> = {}): Measured {
  const noise = [...createNoise(pair, row.length).normal(12)];
  return {
    ...{ row, psnr: 20 + pair / 100, ssim: 0.6, seconds: row === 'lq' ? 0 : 2, sharpness: 0.5 },
    descriptor: noise.slice(0, 3),
    naturalScene: [noise.slice(3, 6), noise.slice(6, 9), noise.slice(9, 12)],
    ...more,
  };
}

function results(pairs: number) {
  return {
    ...{ formatVersion: 1 as const, pack: 'tiny 1', seed: 0 },
    pairs: Array.from({ length: pairs }, (_, i) => ({
      name: String(i),
      rows: [
        measured('truth', i, { sharpness: 1, psnr: 99 }),
        measured('lq', i),
        measured('balanced', i, { psnr: 22 + i / 100, identity: 0.5, inception: [i % 3, 1, i % 2] }),
      ],
    })),
  };
}

describe('results.json', () => {
  it('goes on where a run stopped', async () => {
    const file = join(folder, 'results.json');
    const first = await openResults(file, 'tiny 1', 0);
    addRows(first, 'a', [measured('truth', 1), measured('lq', 1)]);
    await saveResults(file, first);
    const second = await openResults(file, 'tiny 1', 0);
    expect(missingRows(second, 'a', ['lq', 'rm'])).toEqual(['rm']);
    expect(missingRows(second, 'b', ['lq', 'rm'])).toEqual(['lq', 'rm']);
    addRows(second, 'a', [measured('truth', 1), measured('rm', 1)]);
    expect(second.pairs[0]?.rows.map(({ row }) => row)).toEqual(['truth', 'lq', 'rm']);
  });

  it('begins anew for another pack or seed', async () => {
    const file = join(folder, 'results.json');
    await saveResults(file, results(2));
    expect((await openResults(file, 'tiny 1', 0)).pairs).toHaveLength(2);
    expect((await openResults(file, 'tiny 2', 0)).pairs).toEqual([]);
    expect((await openResults(file, 'tiny 1', 1)).pairs).toEqual([]);
  });

  it.each(['{', '{"pairs": 3}'])('refuses a file that holds something else: %s', async (text) => {
    const file = join(folder, 'results.json');
    await writeFile(file, text);
    await expect(openResults(file, 'tiny 1', 0)).rejects.toThrow(`${file} is not a file of results`);
    expect(await readFile(file, 'utf8')).toBe(text);
    await expect(readResults(file)).rejects.toThrow(`${file} is not a file of results`);
  });

  it('of any pack can be read to compare with, but must be there', async () => {
    const file = join(folder, 'results.json');
    await expect(readResults(file)).rejects.toThrow(`${file} is not a file of results`);
    await saveResults(file, results(2));
    expect(await readResults(file)).toMatchObject({ pack: 'tiny 1', pairs: [{ name: '0' }, { name: '1' }] });
  });
});

describe('summarise', () => {
  it('means over the pairs of a row, with intervals around them', () => {
    const { lq, balanced } = Object.fromEntries(summarise(results(40)));
    expect(balanced).toMatchObject({ pairs: 40, seconds: 2 });
    expect(balanced?.psnr.value).toBeCloseTo(22.195, 9);
    expect(balanced?.psnr.low).toBeLessThan(22.195);
    expect(balanced?.psnr.high).toBeGreaterThan(22.195);
    expect(balanced?.sharpness.value).toBeCloseTo(0.5, 9);
    expect(balanced?.identity?.value).toBeCloseTo(0.5, 9);
    expect(lq?.identity).toBeUndefined();
    expect(lq?.frechet?.value).toBeGreaterThan(0);
  });

  it('gives no Frechet distance for a handful of pairs, and FID only where the truth has features too', () => {
    expect(summarise(results(5)).get('balanced')?.frechet).toBeUndefined();
    expect(summarise(results(40)).get('balanced')?.fid).toBeUndefined();
    const withFeatures = results(40);
    for (const { rows } of withFeatures.pairs)
      for (const row of rows) row.inception = [row.psnr, row.psnr ** 2 % 7, 1];
    expect(summarise(withFeatures).get('balanced')?.fid?.value).toBeGreaterThan(0);
    expect(summarise({ ...results(0) }).size).toBe(0);
  });
});

describe('comparable', () => {
  it('keeps the rows that were run, on the pairs that have all of them', () => {
    const some = results(3);
    some.pairs[1]!.rows.push(measured('f', 1), measured('exact', 1));
    some.pairs[2]!.rows.push(measured('f', 2));
    const { pairs } = comparable(some, ['exact', 'f', 'steps-4']);
    expect(pairs.map(({ name }) => name)).toEqual(['1']);
    expect(pairs[0]!.rows.map(({ row }) => row)).toEqual(['truth', 'f', 'exact']);
  });

  it('has nothing to compare where fewer than two rows were run', () => {
    expect(comparable(results(3), ['lq', 'exact']).pairs).toEqual([]);
    expect(comparable(results(3), []).pairs).toEqual([]);
  });
});

/** Results in which RM differs from pair to pair by much, and Balanced from RM by little and always alike. */
function steadyGain(pairs: number) {
  const steady = results(pairs);
  for (const [i, { rows }] of steady.pairs.entries()) {
    const far = rows[0]!.descriptor.map((value) => value + 1);
    const rm = measured('rm', i, {
      ...{ psnr: 15 + ((7 * i) % 11), ssim: 0.5, identity: 0.6, sharpness: 0.1, descriptor: far },
    });
    const balanced = { psnr: rm.psnr + 0.1 + (i % 2) / 100, ssim: 0.52, sharpness: 0.3 };
    const descriptor = rows[0]!.descriptor.map((value) => value * 1.1);
    rows.splice(
      1,
      2,
      rm,
      measured('balanced', i, { ...balanced, ...(i > 0 && { identity: 0.5 }), descriptor }),
    );
  }
  return steady;
}

describe('compareRows', () => {
  it('compares each face with itself: the interval is of the difference, not of the faces', () => {
    const [difference, ...others] = compareRows(steadyGain(40));
    expect(others).toEqual([]);
    expect(difference).toMatchObject({ title: 'Balanced − RM alone', pairs: 40 });
    expect(difference!.psnr.value).toBeCloseTo(0.105, 9);
    expect(difference!.psnr.low).toBeGreaterThan(0.1);
    expect(difference!.psnr.high).toBeLessThan(0.11);
    expect(difference!.ssim.value).toBeCloseTo(0.02, 9);
    expect(difference!.identity?.value).toBeCloseTo(-0.1, 9);
    expect(difference!.sharpness.value).toBeCloseTo(0.2, 9);
    expect(difference!.frechet!.high).toBeLessThan(0);
    expect(difference!.landmarks).toBeUndefined();
  });

  it('leaves out what two pairs cannot tell, and a Fréchet distance of few', () => {
    expect(compareRows(steadyGain(1))).toEqual([]);
    expect(compareRows(results(5))).toEqual([]);
    expect(compareRows(steadyGain(5))[0]!.frechet).toBeUndefined();
  });
});

describe('compareResults', () => {
  it('compares the pairs and rows that both runs have', () => {
    const before = steadyGain(4);
    const after = steadyGain(6);
    for (const { rows } of after.pairs) rows[2]!.psnr += 1;
    after.pairs.reverse();
    const differences = compareResults(after, before);
    expect(differences.map(({ title, pairs }) => [title, pairs])).toEqual([
      ['rm', 4],
      ['balanced', 4],
    ]);
    expect(differences.map(({ psnr }) => psnr.value)).toEqual([0, expect.closeTo(1, 9)]);
  });
});

describe('resultsPage', () => {
  const head = { pack: 'tiny 1', pairs: 40, seed: 0, machine: 'a computer' };

  it('has every table, says what was not run, and leaves out measures that nothing has', () => {
    const page = resultsPage(head, summarise(results(40)), new Map());
    for (const { title } of TABLES) expect(page).toContain(`## ${title}`);
    expect(page).toMatch(/\| Balanced \| 40 \| 22\.20 \(22\.\d\d–22\.\d\d\) \|/);
    expect(page).toMatch(/\| RM alone \| not run \|/);
    expect(page).toContain('| identity |');
    expect(page).not.toContain('LPIPS |');
    const widths = page
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .map((line) => line.split('|').length);
    expect(new Set(widths).size).toBe(1);
  });

  it('says what this pack cannot have', () => {
    const notes = ['No row `auto`.'];
    expect(resultsPage({ ...head, notes }, new Map(), new Map())).toContain('\n\nNo row `auto`.\n\n## ');
  });

  it('compares the samplers on the pairs that every one of them has', () => {
    const both = results(3);
    both.pairs[0]!.rows.push(measured('exact', 9), measured('f', 1));
    both.pairs[1]!.rows.push(measured('f', 5));
    both.pairs[2]!.rows.push(measured('exact', 3), measured('f', 2));
    const page = resultsPage(head, summarise(both), summarise(comparable(both, SAMPLER_ROWS)));
    const [, paired] = page.split('## Exact against spectral, on the pairs that both have');
    expect(paired).toMatch(/\|  \| pairs \| PSNR, dB \| sharpness \| s a face \|/);
    expect(paired).toMatch(/\| Exact, every step, DGSA \| 2 \| 20\.06 /);
    expect(paired).toMatch(/\| Spectral, 15 steps, DGSA \| 2 \| 20\.0[12] /);
    expect(paired).not.toContain('Spectral, 8 steps');
    expect(resultsPage(head, summarise(both), new Map())).not.toContain('on the pairs that both have');
  });

  it('compares face by face, in a table of its own', () => {
    const steady = steadyGain(40);
    const differences = compareRows(steady);
    const page = resultsPage(head, summarise(steady), new Map(), [
      { title: 'Face by face', differences },
      { title: 'Against nothing', differences: [] },
    ]);
    const [, table] = page.split('## Face by face');
    expect(table).toMatch(/\|  \| pairs \| PSNR, dB \| SSIM \| identity \| NIQE \| Fréchet \| sharpness \|/);
    expect(table).toMatch(/\| Balanced − RM alone \| 40 \| 0\.105 \(0\.10\d to 0\.10\d\) \| 0\.020 \|/);
    expect(page).not.toContain('Against nothing');
  });

  it('gives no interval for one pair', () => {
    const page = resultsPage({ ...head, pairs: 1 }, summarise(results(1)), new Map());
    expect(page).toContain('1 pair,');
    expect(page).toMatch(/\| Balanced \| 1 \| 22\.00 \| 0\.600 \|/);
  });

  it('plots every row that was run, and in time those that take some', () => {
    const plots = resultsPlots(summarise(results(40)));
    expect(Object.keys(plots)).toEqual(['results-quality.svg', 'results-time.svg']);
    expect(plots['results-quality.svg']).toContain('>The degraded face<');
    expect(plots['results-time.svg']).not.toContain('>The degraded face<');
  });
});

describe('scatterPlot', () => {
  const points = [
    { label: 'a < b', x: 1, y: 10 },
    { label: 'c', x: 100, y: 20 },
  ];

  it('puts points where they belong, on a logarithmic axis too', () => {
    const circles = (logarithmic: boolean) => {
      const middle = { label: 'm', x: 10, y: 15 };
      const svg = scatterPlot('t', [...points, middle], { title: 'x', logarithmic }, { title: 'y' });
      return [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [
        Number(x),
        Number(y),
      ]);
    };
    const [left, right, middle] = circles(true) as [number[], number[], number[]];
    expect(middle[0]).toBeCloseTo((left[0]! + right[0]!) / 2, 0);
    expect(middle[1]).toBeCloseTo((left[1]! + right[1]!) / 2, 0);
    expect(left[1]).toBeGreaterThan(right[1]!);
    const [low, high, between] = circles(false) as [number[], number[], number[]];
    expect(between[0]! - low[0]!).toBeLessThan((high[0]! - low[0]!) / 5);
  });

  it('writes names as text, and draws a single point', () => {
    expect(scatterPlot('t', points, { title: 'x' }, { title: 'y' })).toContain('a &lt; b');
    expect(scatterPlot('t', points.slice(0, 1), { title: 'x' }, { title: 'y' })).not.toContain('NaN');
    expect(() => scatterPlot('t', [], { title: 'x' }, { title: 'y' })).toThrow('Expected points');
  });
});
