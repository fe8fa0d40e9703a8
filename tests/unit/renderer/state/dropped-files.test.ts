import { expect, test } from 'vitest';
import { droppedFiles, picturesOf } from '../../../../renderer/state/dropped-files.ts';

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
  const { files, unread, ofFolder } = await drop(
    folder('stick', [file('a.jpg'), file('.b.jpg'), folder('.Trashes', null), folder('b', [file('c.jpg')])]),
  );
  expect(files.map(({ name }) => name)).toEqual(['a.jpg', 'c.jpg']);
  expect(unread).toEqual([]);
  expect(ofFolder).toBe(true);
  expect((await drop(file('a.jpg'))).ofFolder).toBe(false);
});

test('of a folder only pictures are taken, as where its path is known', async () => {
  const { files } = await drop(
    file('named.txt'),
    folder('stick', [file('film.mp4'), file('a.JPG'), folder('b', [file('notes.txt'), file('c.heic')])]),
  );
  expect(files.map(({ name }) => name)).toEqual(['named.txt', 'a.JPG', 'c.heic']);
  const chosen = ['f/a.jpg', 'f/film.mp4', 'f/.b.jpg', 'f/.thumbs/c.jpg', 'f/d/e.png'].map((path) =>
    Object.defineProperty(new File(['x'], path.split('/').at(-1)!), 'webkitRelativePath', { value: path }),
  );
  expect(picturesOf(chosen).map(({ name }) => name)).toEqual(['a.jpg', 'e.png']);
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
