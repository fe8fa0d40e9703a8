import { describe, expect, it } from 'vitest';
import {
  addTallies,
  readPlaywrightReport,
  readTally,
  readVitestReport,
  tallyLine,
} from '../../../scripts/test.ts';

describe('tallies', () => {
  it('sums runners and writes one plain line', () => {
    const total = addTallies([
      { passed: 3, failed: 0, skipped: 0 },
      { passed: 10, failed: 1, skipped: 2 },
    ]);
    expect(tallyLine(total)).toBe('13 passed, 1 failed, 2 skipped');
    expect(tallyLine({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed');
  });

  it('reads the last tally of a runner', () => {
    expect(readTally('1 passed, 0 failed\nmore\n7 passed, 2 failed, 1 skipped\n', 1)).toEqual({
      passed: 7,
      failed: 2,
      skipped: 1,
    });
  });

  it('never takes a failed exit status for a pass', () => {
    expect(readTally('no tally here', 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
    expect(readTally('5 passed, 0 failed\n', 1)).toEqual({ passed: 5, failed: 1, skipped: 0 });
    expect(readTally('5 passed, 0 failed\n', null)).toEqual({ passed: 5, failed: 1, skipped: 0 });
  });

  it('counts a Vitest file that could not be loaded as a failure', () => {
    const report = {
      numPassedTests: 4,
      numFailedTests: 0,
      numPendingTests: 1,
      numTodoTests: 0,
      testResults: [
        { status: 'failed', assertionResults: [] },
        { status: 'passed', assertionResults: [{}] },
      ],
    };
    expect(readVitestReport(JSON.stringify(report), 1)).toEqual({ passed: 4, failed: 1, skipped: 1 });
  });

  it('refuses a report that is not one', () => {
    expect(() => readVitestReport('{}', 0)).toThrow();
  });
});

describe('readPlaywrightReport', () => {
  const stats = { expected: 5, unexpected: 1, flaky: 2, skipped: 3 };

  it('counts a flaky test as a failed one', () => {
    expect(readPlaywrightReport(JSON.stringify({ stats }), 1)).toEqual({ passed: 5, failed: 3, skipped: 3 });
  });

  it('counts a failure that no test shows', () => {
    const clean = { stats: { expected: 5, unexpected: 0, flaky: 0, skipped: 0 } };
    expect(readPlaywrightReport(JSON.stringify(clean), 1).failed).toBe(1);
  });

  it('refuses another file', () => {
    expect(() => readPlaywrightReport('{}', 0)).toThrow();
  });
});
