import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findElectron, isStale, newestChange, parseStartOptions } from '../../../scripts/start.ts';
import { temporaryFolder } from '../../fixtures/make-pictures.ts';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => rm(folder, { recursive: true }));

async function file(name: string, second: number): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, 'x');
  await utimes(path, second, second);
  return path;
}

async function age(name: string, second: number): Promise<string> {
  const path = join(folder, name);
  await utimes(path, second, second);
  return path;
}

describe('parseStartOptions', () => {
  it('opens Electron and a browser by itself unless told otherwise', () => {
    expect(parseStartOptions([])).toEqual({
      help: false,
      browser: false,
      library: undefined,
      port: 0,
      open: true,
      fromBackup: false,
    });
    const args = ['--browser', '--library', 'my photos', '--port', '8080', '--no-open'];
    expect(parseStartOptions(args)).toEqual({
      help: false,
      browser: true,
      library: 'my photos',
      port: 8080,
      open: false,
      fromBackup: false,
    });
    expect(parseStartOptions(['--from-backup'])).toMatchObject({ fromBackup: true });
    for (const name of ['--help', '-h']) expect(parseStartOptions([name])).toMatchObject({ help: true });
  });

  it.each([[['--nothing']], [['photo.jpg']], [['--port', 'x']], [['--library']]])('refuses %j', (args) => {
    expect(() => parseStartOptions(args)).toThrow(expect.objectContaining({ code: 'argument/invalid' }));
  });
});

describe('npm start', () => {
  const SCRIPTS = join(import.meta.dirname, '../../../scripts');
  const node = (...args: string[]) => spawnSync(process.execPath, args, { encoding: 'utf8' });

  it('says what it takes', () => {
    const { status, stdout } = node(join(SCRIPTS, 'start.ts'), '--help');
    expect(status).toBe(0);
    for (const option of ['--browser', '--library', '--port', '--no-open', '--from-backup'])
      expect(stdout).toContain(option);
  });

  it('says that `npm ci` comes first', async () => {
    await mkdir(join(folder, 'scripts'));
    const check = join(folder, 'scripts', 'require-install.mjs');
    await copyFile(join(SCRIPTS, 'require-install.mjs'), check);
    expect(node(check)).toMatchObject({ status: 1, stderr: expect.stringContaining('`npm ci`') as string });
    await mkdir(join(folder, 'node_modules', 'zod'), { recursive: true });
    expect(node(check)).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('isStale', () => {
  it('compares with the newest source, a removed one too', async () => {
    const built = await file('out/index.html', 1000);
    await file('renderer/deep/main.ts', 900);
    for (const name of ['renderer/deep', 'renderer']) await age(name, 900);
    const sources = [join(folder, 'renderer'), join(folder, 'not-there')];
    expect(isStale(built, sources)).toBe(false);
    await age('renderer/deep', 1100);
    expect(isStale(built, sources)).toBe(true);
    expect(newestChange(join(folder, 'renderer'))).toBe(1100_000);
  });

  it('does not look at what the build itself writes, and builds what is not there', async () => {
    const built = await file('out/index.html', 1000);
    await file('renderer/paraglide/messages.js', 2000);
    await age('renderer', 900);
    expect(isStale(built, [join(folder, 'renderer')])).toBe(false);
    expect(isStale(join(folder, 'none.html'), [])).toBe(true);
  });
});

describe('findElectron', () => {
  it('wants the program itself, not the package alone', async () => {
    expect(findElectron(folder)).toBeNull();
    await file('node_modules/electron/path.txt', 1);
    expect(findElectron(folder)).toBeNull();
    const program = await file('node_modules/electron/dist/x', 1);
    expect(findElectron(folder)).toBe(program);
  });
});
