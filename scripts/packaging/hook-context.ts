import { HeirloomError } from '../../contract/errors.ts';
import type { Arch, Platform, Target } from './binary-format.ts';

/** What Heirloom's hooks use of electron-builder's `PackContext`. */
export interface HookContext {
  electronPlatformName: string;
  /** electron-builder's number of a processor. */
  arch: number;
  appOutDir: string;
  packager: { projectDir: string; getResourcesDir: (appOutDir: string) => string };
}

/** `Arch` of electron-builder. */
const ARCHS: Readonly<Record<number, Arch>> = { 1: 'x64', 3: 'arm64' };
const PLATFORMS: readonly string[] = ['linux', 'darwin', 'win32'] satisfies Platform[];

/** Throws `argument/invalid` for a target that Heirloom has no binaries for. */
export function readTarget({ electronPlatformName, arch }: HookContext): Target {
  const known = ARCHS[arch];
  if (known && PLATFORMS.includes(electronPlatformName))
    return { platform: electronPlatformName as Platform, arch: known };
  throw new HeirloomError(
    'argument/invalid',
    `Expected x64 or arm64 of linux, darwin or win32 but received ${electronPlatformName}, arch number ${arch}`,
  );
}
