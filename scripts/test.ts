/**
 * `npm test`: everything that a change must pass: system packages, `npm run check`, Vitest (unit, integration, parity) and
 * Playwright (the interface in Chromium) beside the tests of the Python training, faults beside hostile input in their short
 * form. The last line sums all of them.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
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

interface Said {
  status: number | null;
  output: string;
}

/** Runs a command beside others. What it says comes out when it has ended, so that nothing is mixed. */
async function beside(command: string, ...args: string[]): Promise<Said> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  process.stdout.write(out);
  process.stderr.write(err);
  return { status, output: out };
}

/** Steps of `npm run check`, each a test that passes or fails. */
async function check(...steps: string[]): Promise<Tally> {
  const tallies: Tally[] = [];
  for (const step of steps) {
    const { status } = await beside('npm', 'run', '--silent', step);
    tallies.push({ ...NOTHING, ...(status === 0 ? { passed: 1 } : { failed: 1 }) });
  }
  return addTallies(tallies);
}

/** Runs a command whose output is seen as it comes. */
async function shown(command: string, args: string[], env = process.env): Promise<number | null> {
  const child = spawn(command, args, { stdio: 'inherit', env });
  const [status] = (await once(child, 'close')) as [number | null];
  return status;
}

/** Runs a tool that writes a JSON report to the file that it is told, and reads it; no report counts as a failure. */
async function reported(
  run: (report: string) => Promise<number | null>,
  read: (json: string, status: number | null) => Tally,
): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), 'heirloom-test-'));
  const report = join(folder, 'report.json');
  const status = await run(report);
  const tally = existsSync(report) ? read(readFileSync(report, 'utf8'), status) : { ...NOTHING, failed: 1 };
  rmSync(folder, { recursive: true });
  return tally;
}

function vitest(): Promise<Tally> {
  return reported(
    (report) =>
      shown('vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]),
    readVitestReport,
  );
}

function playwright(): Promise<Tally> {
  return reported(
    (report) =>
      shown('playwright', ['test', '--reporter=list,json'], {
        ...process.env,
        PLAYWRIGHT_JSON_OUTPUT_FILE: report,
      }),
    readPlaywrightReport,
  );
}

/** The tests of the training: no waiting in them and nothing that others read, so they fill what Playwright leaves idle. */
function training(): Promise<Tally> {
  return tallied('nice', '-n', '10', '/usr/bin/python3', 'tests/training/run.py');
}

/** A script that ends with a tally of its own. */
async function tallied(program: string, script: string, ...args: string[]): Promise<Tally> {
  const { status, output } = await beside(program, script, ...args);
  return readTally(output, status);
}

/** Two cores: what takes one of them each runs side by side. */
async function main(): Promise<void> {
  if (!ensureSystem()) process.exit(1);
  // Both linting and types need them, and would write the same files.
  spawnSync('npm', ['run', '--silent', 'messages'], { stdio: 'inherit' });
  const first = await Promise.all([check('format:check', 'lint'), check('types')]);
  const meanwhile = training();
  const second = [await vitest(), await playwright(), await meanwhile];
  const third = await Promise.all([
    tallied(process.execPath, 'tests/faults/run.ts', '--short'),
    tallied(process.execPath, 'tests/hostile/run.ts', '--short'),
  ]);
  const total = addTallies([...first, ...second, ...third]);
  console.log(tallyLine(total));
  process.exitCode = total.failed === 0 ? 0 : 1;
}

if (import.meta.main) await main();
