import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { whyNotBrowse } from '../../bench/browse-library.ts';

const ROOT = resolve(import.meta.dirname, '../..');

function bench(...args: string[]) {
  const run = spawnSync(process.execPath, ['bench/main.ts', 'library', ...args], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return { ...run, lines: run.stdout.split('\n') };
}

describe('npm run bench -- library', { timeout: 300_000 }, () => {
  it('prints the machine, and every number that this machine can measure', () => {
    const { status, stderr, lines } = bench(
      ...'--photos 2 --rows 60 --pages 5 --starts 1 --scroll 1'.split(' '),
    );
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const line = (name: string) => lines.find((text) => text.startsWith(name));
    expect(line('Machine')).toMatch(/\d+ cores, \d+ GiB/);
    expect(line('import')).toMatch(/ \d+\.\d\d photos\/s: 2 JPEGs of 4000 x 3000, \d/);
    expect(line('timeline page')).toMatch(
      /median +\d+\.\d\d ms +p95 +\d+\.\d\d ms +runs 5, up to 100 of 60 rows/,
    );
    if (whyNotBrowse() !== null) return expect(lines.at(-2)).toContain('were not measured');
    expect(line('first paint')).toMatch(/median +\d+\.\d\d s .*60 photos/);
    expect(line('scrolling frame')).toMatch(/median +\d+\.\d ms/);
    expect(line('late frames')).toMatch(/\d+\.\d\d % over 50 ms/);
    expect(line('app process')).toMatch(/[1-9]\d+ MiB after scrolling, [1-9]\d+ MiB at most/);
  });

  it('refuses a size that is none, and an option that it does not have', () => {
    expect(bench('--photos', '0').stderr).toContain('photos');
    expect(bench('--photos', '0').status).not.toBe(0);
    expect(bench('--fotos', '3').stderr).toContain('--fotos');
  });
});
