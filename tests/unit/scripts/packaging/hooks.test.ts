import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import beforePack, { missingSources } from '../../../../scripts/packaging/before-pack.ts';
import { readTarget, type HookContext } from '../../../../scripts/packaging/hook-context.ts';

const ELF_X64 = Buffer.concat([
  Buffer.from('\x7fELF', 'latin1'),
  Buffer.alloc(14),
  Buffer.from([0x3e]),
  Buffer.alloc(60),
]);
const X64 = 1;
const ARM64 = 3;

let project: string;
beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'heirloom-hooks-'));
  await put('out/package/package.json', '{}');
  await put('node_modules/node/bin/node', ELF_X64);
  await put('node_modules/better-sqlite3/prebuilds/linux-x64.node', ELF_X64);
  await put('node_modules/onnxruntime-node/bin/napi-v6/linux/x64/onnxruntime_binding.node', ELF_X64);
  await put('node_modules/@img/sharp-linux-x64/package.json', '{}');
});
afterEach(() => rm(project, { recursive: true }));

async function put(file: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(join(project, file)), { recursive: true });
  await writeFile(join(project, file), content);
}

function context(electronPlatformName: string, arch: number): HookContext {
  const packager = { projectDir: project, getResourcesDir: () => join(project, 'resources') };
  return { electronPlatformName, arch, appOutDir: project, packager };
}

describe('readTarget', () => {
  it('reads a system and a processor', () => {
    expect(readTarget(context('darwin', ARM64))).toEqual({ platform: 'darwin', arch: 'arm64' });
    expect(readTarget(context('win32', X64))).toEqual({ platform: 'win32', arch: 'x64' });
  });

  it.each([
    ['mas', X64],
    ['linux', 0],
    ['linux', 4],
  ])('refuses %s with arch number %i', (platform, arch) => {
    expect(() => readTarget(context(platform, arch))).toThrow(`received ${platform}, arch number ${arch}`);
  });
});

describe('beforePack', () => {
  it('lets a build pass that has everything', () => {
    expect(() => beforePack(context('linux', X64))).not.toThrow();
  });

  it('refuses a build without its own binaries, and names them all', () => {
    expect(() => beforePack(context('darwin', ARM64))).toThrow(/^No package for darwin arm64:/);
    const faults = missingSources(join(project, 'node_modules'), { platform: 'darwin', arch: 'arm64' });
    expect(faults.map((fault) => fault.slice(join(project, 'node_modules/').length))).toEqual([
      'better-sqlite3/prebuilds/darwin-arm64.node is missing',
      'onnxruntime-node/bin/napi-v6/darwin/arm64/onnxruntime_binding.node is missing',
      '@img/sharp-darwin-arm64/package.json is missing',
      'node/bin/node is for linux x64',
    ]);
  });

  it('refuses what was not built before', async () => {
    await rm(join(project, 'out'), { recursive: true });
    expect(() => beforePack(context('linux', X64))).toThrow('out/package is not built');
  });
});
