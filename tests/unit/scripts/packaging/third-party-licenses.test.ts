import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createPackage } from '@electron/asar';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listAsar } from '../../../../scripts/packaging/asar.ts';
import { shippedPackages, thirdPartyLicenses } from '../../../../scripts/packaging/third-party-licenses.ts';
import { ROOT } from '../../../fixtures/run-cli.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'heirloom-licences-'));
  await addPackage('a', 'MIT', { LICENSE: 'terms of both' });
  await addPackage('@scope/b', 'ISC', { 'LICENSE.md': 'terms of both', 'NOTICE.txt': 'b, by Berta' });
  await addPackage('bare', 'MIT', {});
});
afterEach(() => rm(root, { recursive: true }));

async function put(file: string, content: string): Promise<void> {
  await mkdir(dirname(join(root, file)), { recursive: true });
  await writeFile(join(root, file), content);
}

async function addPackage(name: string, license: string, files: Record<string, string>): Promise<void> {
  await put(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', license }));
  for (const [file, content] of Object.entries(files)) await put(`node_modules/${name}/${file}`, content);
}

const shipped = (...names: string[]) =>
  names.map((name) => ({ name, version: '1.0.0', license: 'MIT', folder: join(root, 'node_modules', name) }));

describe('thirdPartyLicenses', () => {
  it('writes a text once, under the names of all that use it', () => {
    const text = thirdPartyLicenses(root, shipped('a', '@scope/b'), []);
    expect(text.match(/terms of both/g)).toHaveLength(1);
    expect(text).toMatch(/\na 1\.0\.0 \(MIT\)\n@scope\/b 1\.0\.0 \(MIT\)\n=+\n\nterms of both\n/);
    expect(text).toContain('b, by Berta');
  });

  it('fails, naming every package without a text', () => {
    expect(() => thirdPartyLicenses(root, shipped('a', 'bare'), [])).toThrow(
      'No licence text for bare 1.0.0 (MIT)',
    );
  });

  it('adds the texts that are kept for natives, and fails where one is missing', async () => {
    await addPackage('node', 'MIT', {});
    expect(() => thirdPartyLicenses(root, shipped('node'), [])).toThrow(/node needs .*node\.txt/);
    await put('build/licences/node.txt', 'terms of V8');
    expect(thirdPartyLicenses(root, shipped('node'), [])).toContain('terms of V8');
  });

  it('fails for a file with terms of its own', async () => {
    await put('build/licences/onnxruntime.txt', 'terms');
    await addPackage('onnxruntime-node', 'MIT', {});
    const files = ['program/node_modules/onnxruntime-node/bin/napi-v6/win32/x64/DirectML.dll'];
    expect(() => thirdPartyLicenses(root, shipped('onnxruntime-node'), files)).toThrow(/directx\.txt/);
  });

  it('keeps texts of what the packages that are installed here were built with', () => {
    const names = ['onnxruntime-node', 'sharp', 'node', '@tensorflow/tfjs-core', 'seedrandom'];
    const packages = names.map((name) => ({
      name,
      version: '1',
      license: 'x',
      folder: join(ROOT, 'node_modules', name),
    }));
    const text = thirdPartyLicenses(ROOT, packages, []);
    for (const part of ['protobuf', 'OpenSSL', 'Unicode', 'Apache License', 'David Bau'])
      expect(text).toContain(part);
  });
});

describe('shippedPackages', () => {
  it('finds them in the program, the archive and the interface', async () => {
    for (const name of ['c', 'c/node_modules/d']) await addPackage(name, 'MIT', { LICENSE: 'x' });
    await put('archive/node_modules/c/package.json', '{}');
    await put('archive/node_modules/c/node_modules/d/package.json', '{}');
    // Says only how the modules below it are to be read.
    await put('archive/node_modules/c/esm/package.json', '{"type":"module"}');
    await put('resources/program/node_modules/a/package.json', '{}');
    await createPackage(join(root, 'archive'), join(root, 'resources', 'app.asar'));
    const packages = shippedPackages(root, join(root, 'resources'), ['@scope/b']);
    expect(packages.map(({ folder }) => folder.slice(join(root, 'node_modules/').length))).toEqual([
      '@scope/b',
      'a',
      'c',
      'c/node_modules/d',
    ]);
  });

  it('refuses a list of the interface that is none', async () => {
    await put('resources/program/package.json', '{}');
    await createPackage(join(root, 'node_modules'), join(root, 'resources', 'app.asar'));
    expect(() => shippedPackages(root, join(root, 'resources'), { a: 1 })).toThrow('expected array');
  });
});

describe('listAsar', () => {
  it('lists files with their hashes', async () => {
    await put('archive/deep/hello.txt', 'hello');
    await createPackage(join(root, 'archive'), join(root, 'x.asar'));
    expect(listAsar(join(root, 'x.asar'))).toEqual([
      {
        path: 'deep/hello.txt',
        unpacked: false,
        hash: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
      },
    ]);
  });

  it('throws for a file that is no archive', async () => {
    await put('x.asar', 'x'.repeat(100));
    const path = join(root, 'x.asar');
    expect(() => listAsar(path)).toThrow(`${path} is no archive: its header would have 2021161080 bytes`);
    await put('short.asar', 'x');
    expect(() => listAsar(join(root, 'short.asar'))).toThrow();
  });
});
