import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { filesOfSecondStart, openedFiles } from '../../../../main/electron/opened-files.ts';

const HERE = import.meta.dirname;
const THIS = fileURLToPath(import.meta.url);

describe('openedFiles', () => {
  it('makes what exists absolute, from the folder of the start', () => {
    expect(openedFiles(['opened-files.test.ts', HERE], HERE)).toEqual([THIS, HERE]);
  });
  it('leaves out flags, what does not exist, and nothing at all', () => {
    expect(openedFiles(['--library=/tmp', '-x', '', 'no-such-picture.jpg'], HERE)).toEqual([]);
  });
});

describe('filesOfSecondStart', () => {
  it('reads the files that a second start sent', () => {
    expect(filesOfSecondStart({ files: ['/a.jpg', '/b.jpg'] })).toEqual(['/a.jpg', '/b.jpg']);
  });
  it.each([null, undefined, 'x', {}, { files: 'x' }, { files: [1] }, { files: [''] }])(
    'is empty for %j',
    (data) => {
      expect(filesOfSecondStart(data)).toEqual([]);
    },
  );
});
