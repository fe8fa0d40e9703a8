/**
 * `npm run package`: builds the packages of this system into dist/. docs/release.md says what a release needs besides.
 *
 *     npm run package -- --unsigned --dir      # only the folder, not signed: to try on this machine
 *     npm run package -- --arch arm64
 *     HEIRLOOM_UPDATES=https://... HEIRLOOM_HOMEPAGE=https://... npm run package
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ERROR_TABLE, HeirloomError, toErrorEnvelope } from '../contract/errors.ts';
import { CHECKED } from './packaging/after-pack.ts';
import { BUILD_FOLDER, buildForPackage } from './packaging/build.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SYSTEMS: Readonly<Record<string, string>> = { win32: '--win', darwin: '--mac', linux: '--linux' };

export interface PackageOptions {
  /** Only the folder that an installer would be made of. */
  dir: boolean;
  /** A package to try: nobody's name is on it. */
  unsigned: boolean;
  arch: string;
  /** Where releases are published; without it a package looks for no new versions. */
  updates: string | undefined;
  /** Heirloom's page in the web, which a .deb must name. */
  homepage: string | undefined;
  /** Another folder than dist/. */
  output: string | undefined;
  /** A folder with Electron's program, instead of the one that is fetched. */
  electron: string | undefined;
}

/** Throws `argument/invalid`. */
export function parsePackageOptions(
  args: string[],
  environment: NodeJS.ProcessEnv = process.env,
): PackageOptions {
  const { output, electron, ...values } = parseOrRefuse(args);
  if (!['x64', 'arm64'].includes(values.arch))
    throw new HeirloomError(
      'argument/invalid',
      `Expected x64 or arm64 for --arch but received ${values.arch}`,
    );
  const updates = addressIn(environment, 'HEIRLOOM_UPDATES');
  const homepage = addressIn(environment, 'HEIRLOOM_HOMEPAGE');
  return { ...values, output, electron, updates, homepage };
}

function addressIn(environment: NodeJS.ProcessEnv, name: string): string | undefined {
  const address = environment[name];
  if (address === undefined || /^https:\/\/[^/]/.test(address)) return address;
  throw new HeirloomError(
    'argument/invalid',
    `Expected an https address for ${name} but received ${address}`,
  );
}

function parseOrRefuse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        dir: { type: 'boolean', default: false },
        unsigned: { type: 'boolean', default: false },
        arch: { type: 'string', default: process.arch },
        output: { type: 'string' },
        electron: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new HeirloomError('argument/invalid', error instanceof Error ? error.message : String(error));
  }
}

/** electron-builder's arguments on a system. Throws `argument/invalid` where Heirloom has no packages for it. */
export function builderArguments(options: PackageOptions, platform: NodeJS.Platform): string[] {
  const system = SYSTEMS[platform];
  if (system === undefined)
    throw new HeirloomError('argument/invalid', `Heirloom has no packages for ${platform}`);
  const { dir, unsigned, arch, updates, homepage, output, electron } = options;
  return [
    system,
    ...(dir ? ['dir'] : []),
    `--${arch}`,
    ...['--publish', 'never', '--config', 'build/electron-builder.yml'],
    ...(unsigned
      ? [
          '-c.forceCodeSigning=false',
          '-c.mac.identity=-',
          '-c.mac.hardenedRuntime=false',
          '-c.mac.notarize=false',
        ]
      : []),
    ...(updates === undefined ? [] : ['-c.publish.provider=generic', `-c.publish.url=${updates}`]),
    ...(homepage === undefined ? [] : [`-c.extraMetadata.homepage=${homepage}`]),
    ...(output === undefined ? [] : [`-c.directories.output=${output}`]),
    ...(electron === undefined ? [] : [`-c.electronDist=${electron}`]),
  ];
}

function main(): void {
  const options = parsePackageOptions(process.argv.slice(2));
  const args = builderArguments(options, process.platform);
  console.log('Building...');
  buildForPackage();
  const builder = join(ROOT, 'node_modules', 'electron-builder', 'cli.js');
  const { status } = spawnSync(process.execPath, [builder, ...args], { cwd: ROOT, stdio: 'inherit' });
  process.exitCode = status ?? 1;
  // A package that the hook did not look at is none, whatever the status.
  if (status === 0 && !existsSync(join(BUILD_FOLDER, CHECKED)))
    throw new HeirloomError('internal', 'electron-builder ended, but no package was checked');
}

function explain(error: unknown): void {
  const { code, message } = toErrorEnvelope(error);
  console.error(`${ERROR_TABLE[code].title}: ${message}.`);
  process.exitCode = code === 'argument/invalid' ? 2 : 1;
}

if (import.meta.main) {
  try {
    main();
  } catch (error) {
    explain(error);
  }
}
