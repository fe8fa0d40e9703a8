import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isReachable, readWindowState, writeWindowState } from '../../../../main/electron/window-state.ts';

const STATE = { x: -5, y: 20, width: 900, height: 700, maximised: true };

describe('window state on disk', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'heirloom-window-'))));
  afterEach(() => rm(folder, { recursive: true }));

  it('is read as it was written, and leaves no second file', async () => {
    writeWindowState(join(folder, 'window.json'), STATE);
    expect(readWindowState(join(folder, 'window.json'))).toEqual(STATE);
    expect(await readdir(folder)).toEqual(['window.json']);
  });

  it.each([
    ['nothing', undefined],
    ['half a file', '{"x":1,'],
    ['a text as width', JSON.stringify({ ...STATE, width: '900' })],
    ['no height', JSON.stringify({ x: 0, y: 0, width: 10, maximised: false })],
    ['a width of no screen', JSON.stringify({ ...STATE, width: 1e9 })],
    ['a fraction', JSON.stringify({ ...STATE, x: 0.5 })],
  ])('is null for %s', async (_, text) => {
    const path = join(folder, 'window.json');
    if (text !== undefined) await writeFile(path, text);
    expect(readWindowState(path)).toBeNull();
  });

  it('that cannot be written is forgotten without a word', () => {
    expect(() => writeWindowState(join(folder, 'no', 'window.json'), STATE)).not.toThrow();
  });
});

describe('isReachable', () => {
  const left = { x: 0, y: 25, width: 1920, height: 1055 };
  const right = { x: 1920, y: 0, width: 2560, height: 1440 };
  const window = { x: 100, y: 100, width: 900, height: 700 };

  it('is true on any screen that is there', () => {
    expect(isReachable(window, [left])).toBe(true);
    expect(isReachable({ ...window, x: 3000 }, [left, right])).toBe(true);
  });
  it('is false on a screen that was taken away', () => {
    expect(isReachable({ ...window, x: 3000 }, [left])).toBe(false);
    expect(isReachable(window, [])).toBe(false);
  });
  it('needs a part to take hold of', () => {
    expect(isReachable({ ...window, x: 1800 }, [left])).toBe(true);
    expect(isReachable({ ...window, x: 1801 }, [left])).toBe(false);
    expect(isReachable({ ...window, y: 1020 }, [left])).toBe(true);
    expect(isReachable({ ...window, y: 1021 }, [left])).toBe(false);
  });
  it('needs the upper edge below the system bar', () => {
    expect(isReachable({ ...window, y: 24 }, [left])).toBe(false);
    expect(isReachable({ ...window, y: -600 }, [left])).toBe(false);
  });
});
