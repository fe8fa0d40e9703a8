import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import type { Configuration } from 'app-builder-lib';
import { getFileMatchers } from 'app-builder-lib/out/fileMatcher.js';
import { getConfig, validateConfiguration } from 'app-builder-lib/out/util/config/config.js';
import { DebugLogger, walk } from 'builder-util';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PICTURE_EXTENSIONS } from '../../../../contract/picture-names.ts';
import type { Target } from '../../../../scripts/packaging/binary-format.ts';
import { requiredNatives } from '../../../../scripts/packaging/layout.ts';
import { ROOT } from '../../../fixtures/run-cli.ts';

const SYSTEMS = { linux: 'linux', darwin: 'mac', win32: 'win' } as const;
const TARGETS: Target[] = [
  { platform: 'linux', arch: 'x64' },
  { platform: 'linux', arch: 'arm64' },
  { platform: 'darwin', arch: 'arm64' },
  { platform: 'darwin', arch: 'x64' },
  { platform: 'win32', arch: 'x64' },
];

/** Native files of every target side by side, as no machine has them. */
function nativesOf({ platform, arch }: Target): string[] {
  const ort = `onnxruntime-node/bin/napi-v6/${platform}/${arch}`;
  const files = [
    `better-sqlite3/prebuilds/${platform}-${arch}.node`,
    `${ort}/onnxruntime_binding.node`,
    `@img/sharp-${platform}-${arch}/package.json`,
  ];
  switch (platform) {
    case 'linux':
      return [...files, `${ort}/libonnxruntime.so.1`, `@img/sharp-libvips-${platform}-${arch}/package.json`];
    case 'darwin':
      return [
        ...files,
        `${ort}/libonnxruntime.1.dylib`,
        `@img/sharp-libvips-${platform}-${arch}/package.json`,
      ];
    case 'win32':
      return [...files, `${ort}/onnxruntime.dll`, `${ort}/DirectML.dll`];
  }
}

const OTHERS = [
  'better-sqlite3/prebuilds/linuxmusl-x64.node',
  'better-sqlite3/deps/sqlite3/sqlite3.c',
  'onnxruntime-node/bin/napi-v6/darwin/arm64/libonnxruntime.1.30.0.dylib',
  '@img/sharp-linuxmusl-x64/package.json',
  'zod/src/index.ts',
  'typescript/lib/typescript.js',
];

describe('build/electron-builder.yml', () => {
  let config: Configuration;
  let root: string;
  beforeAll(async () => {
    config = await getConfig(ROOT, join(ROOT, 'build', 'electron-builder.yml'), null);
  });
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'heirloom-filters-'));
    const files = [
      ...TARGETS.flatMap(nativesOf),
      ...OTHERS,
      'node/bin/node',
      'node/bin/node.exe',
      'node/package.json',
    ];
    for (const file of files) await put(join(root, 'node_modules', file));
  });
  afterEach(() => rm(root, { recursive: true }));

  async function put(path: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, 'x');
  }

  /** What electron-builder's own code would copy below the package's node_modules. */
  async function copied({ platform, arch }: Target): Promise<string[]> {
    const nodeModules = join(root, 'node_modules');
    const matchers = getFileMatchers(config, 'extraResources', join(root, 'resources'), {
      macroExpander: (pattern) => pattern.replaceAll('${arch}', arch),
      customBuildOptions: config[SYSTEMS[platform]] ?? {},
      globalOutDir: join(root, 'dist'),
      defaultSrc: root,
    });
    const ofPackages = (matchers ?? []).filter(({ from }) => from === nodeModules);
    expect(new Set(ofPackages.map(({ to }) => to))).toEqual(
      new Set([join(root, 'resources', 'program', 'node_modules')]),
    );
    const files = await Promise.all(ofPackages.map((matcher) => walk(nodeModules, matcher.createFilter())));
    return files.flat().map((file) => relative(nodeModules, file));
  }

  it('has no key that electron-builder does not know', async () => {
    await expect(validateConfiguration(config, new DebugLogger(false))).resolves.toBeUndefined();
  });

  it.each(TARGETS)('takes the natives of $platform $arch, and of nothing else', async (target) => {
    const node = target.platform === 'win32' ? 'node/bin/node.exe' : 'node/bin/node';
    const expected = [...nativesOf(target), node, 'node/package.json'];
    expect((await copied(target)).sort()).toEqual(expected.sort());
    const required = requiredNatives(target).filter((file) => file.startsWith('program/node_modules/'));
    const inside = expected.map((file) => `program/node_modules/${file}`);
    expect(required.filter((file) => !inside.includes(file))).toEqual([]);
  });

  it('sets every fuse, and closes each door', () => {
    expect(config.electronFuses).toEqual({
      runAsNode: false,
      enableCookieEncryption: true,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      loadBrowserProcessSpecificV8Snapshot: false,
      grantFileProtocolExtraPrivileges: false,
    });
  });

  it('looks for new versions nowhere, and signs, unless a release says otherwise', () => {
    expect(config.publish).toBeNull();
    expect(config.forceCodeSigning).toBe(true);
  });

  it('offers to open the pictures that Heirloom reads, and is never their default', () => {
    for (const { fileAssociations } of [config.mac!, config.linux!]) {
      const offers = [fileAssociations].flat().filter((offer) => offer !== null && offer !== undefined);
      const extensions = offers.flatMap(({ ext }) => ext);
      expect(extensions.filter((extension) => !PICTURE_EXTENSIONS.includes(extension))).toEqual([]);
      expect(new Set(offers.map(({ rank }) => rank))).toEqual(new Set(['Alternate']));
      expect(offers.every(({ role }) => role === 'Editor' || role === 'Viewer')).toBe(true);
    }
    // On Windows these would take the kind of file over.
    expect(config.fileAssociations ?? config.win?.fileAssociations).toBeUndefined();
  });
});
