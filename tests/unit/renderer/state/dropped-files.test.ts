import { expect, test } from 'vitest';
import { droppedFiles } from '../../../../renderer/state/dropped-files.ts';

const file = (name: string) => ({
  ...{ isFile: true, isDirectory: false, name, fullPath: `/${name}` },
  file: (done: (file: File) => void) => done(new File(['x'], name)),
});
const locked = (name: string) => ({
  ...file(name),
  file: (_: unknown, failed: (error: Error) => void) => failed(new Error('no')),
});
const folder = (name: string, children: object[] | null) => ({
  ...{ isFile: false, isDirectory: true, name, fullPath: `/${name}` },
  createReader: () => {
    let left = children;
    return {
      readEntries: (done: (entries: object[]) => void, failed: (error: Error) => void) => {
        if (left === null) return failed(new Error('not allowed'));
        done(left);
        left = [];
      },
    };
  },
});
const drop = (...entries: object[]) =>
  droppedFiles({
    files: [],
    items: entries.map((entry) => ({ webkitGetAsEntry: () => entry })),
  } as unknown as DataTransfer);

test('folders are walked through, hidden ones left out', async () => {
  const { files, unread } = await drop(
    folder('stick', [file('a.jpg'), file('.hidden'), folder('.Trashes', null), folder('b', [file('c.jpg')])]),
  );
  expect(files.map(({ name }) => name)).toEqual(['a.jpg', 'c.jpg']);
  expect(unread).toEqual([]);
});

test('what cannot be read is named, and the rest comes all the same', async () => {
  const { files, unread } = await drop(
    folder('stick', [locked('a.jpg'), folder('System Volume Information', null), file('b.jpg')]),
  );
  expect(files.map(({ name }) => name)).toEqual(['b.jpg']);
  expect(unread.map(({ name, code }) => [name, code])).toEqual([
    ['a.jpg', 'input/unreadable'],
    ['System Volume Information', 'input/unreadable'],
  ]);
});
