import { describe, expect, it } from 'vitest';
import { doneWith } from '../../../../../main/library/import/done-with.ts';

const failed = (...codes: string[]) => codes.map((code, i) => ({ name: `${i}.jpg`, code, message: code }));

describe('an import', () => {
  it('is done with files that it took in and with those that are no pictures', () => {
    const codes = ['input/not-an-image', 'input/damaged', 'input/not-found', 'input/unreadable'];
    const report = { failed: failed(...codes, 'engine/died', 'output/unwritable'), failedCount: 6 };
    const paths = ['/in/0.jpg', '/in/1.jpg', '/in/2.jpg', '/in/3.jpg', '/in/4.jpg', '/in/5.jpg', '/in/6.jpg'];
    expect(doneWith(report, paths)).toEqual(['/in/0.jpg', '/in/1.jpg', '/in/6.jpg']);
  });

  it('knows a file by the name that its report gives it', () => {
    const decomposed = '/in/Jose\u0301.jpg';
    const report = { failed: [{ name: 'Jos\u00e9.jpg', code: 'engine/died', message: '' }], failedCount: 1 };
    expect(doneWith(report, [decomposed])).toEqual([]);
  });

  it('is done with none where its report does not list all that failed', () => {
    expect(doneWith({ failed: failed('input/damaged'), failedCount: 2 }, ['/in/0.jpg', '/in/9.jpg'])).toEqual(
      [],
    );
  });
});
