/**
 * `npm test`: everything that a change must pass, in order: system packages, `npm run check`, Vitest (unit,
 * integration, parity), Playwright (the interface in Chromium), the Python training smoke test, faults and
 * hostile input in their short form. The last line sums all of them.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { ensureSystem } from './ensure-system.ts';

export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

const vitestReportSchema = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.unknown()) })),
});

const NOTHING: Tally = { passed: 0, failed: 0, skipped: 0 };

export function addTallies(tallies: Tally[]): Tally {
  return tallies.reduce(
    (sum, t) => ({
      passed: sum.passed + t.passed,
      failed: sum.failed + t.failed,
      skipped: sum.skipped + t.skipped,
    }),
    NOTHING,
  );
}

export function tallyLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** The last `N passed, N failed[, N skipped]` line of a runner's output; without one its exit status counts as one test. */
export function readTally(output: string, status: number | null): Tally {
  const lines = [...output.matchAll(/^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$/gm)];
  const last = lines.at(-1);
  if (!last) return { ...NOTHING, ...(status === 0 ? { passed: 1 } : { failed: 1 }) };
  const tally = { passed: Number(last[1]), failed: Number(last[2]), skipped: Number(last[3] ?? 0) };
  return status !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;
}

/** Counts of Vitest's JSON report; a file that could not be loaded counts as one failure. */
export function readVitestReport(json: string, status: number | null): Tally {
  const report = vitestReportSchema.parse(JSON.parse(json));
  const unloaded = report.testResults.filter((r) => r.status === 'failed' && r.assertionResults.length === 0);
  const failed = report.numFailedTests + unloaded.length;
  return {
    passed: report.numPassedTests,
    failed: status !== 0 && failed === 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

const playwrightReportSchema = z.object({
  stats: z.object({ expected: z.int(), unexpected: z.int(), flaky: z.int(), skipped: z.int() }),
});

/** Counts of Playwright's JSON report; a flaky test has failed. */
export function readPlaywrightReport(json: string, status: number | null): Tally {
  const { expected, unexpected, flaky, skipped } = playwrightReportSchema.parse(JSON.parse(json)).stats;
  const failed = unexpected + flaky;
  return { passed: expected, failed: status !== 0 && failed === 0 ? 1 : failed, skipped };
}

function check(): Tally {
  const steps = ['format:check', 'lint', 'types'];
  const results = steps.map(
    (step) => spawnSync('npm', ['run', '--silent', step], { stdio: 'inherit' }).status,
  );
  return {
    ...NOTHING,
    passed: results.filter((s) => s === 0).length,
    failed: results.filter((s) => s !== 0).length,
  };
}

/** Runs a tool that writes a JSON report to the file that it is told, and reads it; no report counts as a failure. */
function reported(
  run: (report: string) => number | null,
  read: (json: string, status: number | null) => Tally,
): Tally {
  const folder = mkdtempSync(join(tmpdir(), 'heirloom-test-'));
  const report = join(folder, 'report.json');
  const status = run(report);
  const tally = existsSync(report) ? read(readFileSync(report, 'utf8'), status) : { ...NOTHING, failed: 1 };
  rmSync(folder, { recursive: true });
  return tally;
}

function vitest(): Tally {
  return reported((report) => {
    const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    return spawnSync('vitest', args, { stdio: 'inherit' }).status;
  }, readVitestReport);
}

function playwright(): Tally {
  return reported((report) => {
    const env = { ...process.env, PLAYWRIGHT_JSON_OUTPUT_FILE: report };
    return spawnSync('playwright', ['test', '--reporter=list,json'], { stdio: 'inherit', env }).status;
  }, readPlaywrightReport);
}

function training(): Tally {
  const script = 'tests/training/run.py';
  if (!existsSync(script)) return NOTHING;
  const { status, stdout } = spawnSync('/usr/bin/python3', [script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  process.stdout.write(stdout);
  return readTally(stdout, status);
}

/** A script that ends with a tally of its own. */
function tallied(script: string, ...args: string[]): Tally {
  const { status, stdout } = spawnSync(process.execPath, [script, ...args], {
    ...{ stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' },
  });
  process.stdout.write(stdout);
  return readTally(stdout, status);
}

function main(): void {
  if (!ensureSystem()) process.exit(1);
  const total = addTallies([
    check(),
    vitest(),
    playwright(),
    training(),
    tallied('tests/faults/run.ts', '--short'),
    tallied('tests/hostile/run.ts', '--short'),
  ]);
  console.log(tallyLine(total));
  process.exitCode = total.failed === 0 ? 0 : 1;
}

if (import.meta.main) main();
