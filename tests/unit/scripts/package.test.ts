import { describe, expect, it } from 'vitest';
import { builderArguments, parsePackageOptions } from '../../../scripts/package.ts';

describe('parsePackageOptions', () => {
  it('makes signed packages of this machine’s kind that look for no new versions', () => {
    expect(parsePackageOptions([], undefined)).toEqual({
      dir: false,
      unsigned: false,
      arch: process.arch,
      updates: undefined,
      output: undefined,
      electron: undefined,
    });
  });

  it.each([
    [['--arch', 'ia32'], undefined, 'Expected x64 or arm64 for --arch but received ia32'],
    [['--quick'], undefined, '--quick'],
    [['name'], undefined, 'name'],
    [[], 'http://updates.example', 'Expected an https address'],
    [[], 'https://', 'Expected an https address'],
  ])('refuses %j with updates at %s', (args, updates, message) => {
    expect(() => parsePackageOptions(args, updates)).toThrow(message);
  });
});

describe('builderArguments', () => {
  const options = parsePackageOptions(['--arch', 'x64'], undefined);

  it('names the system, the processor and the configuration, and publishes nothing', () => {
    expect(builderArguments(options, 'darwin')).toEqual([
      '--mac',
      '--x64',
      '--publish',
      'never',
      '--config',
      'build/electron-builder.yml',
    ]);
    expect(builderArguments({ ...options, dir: true }, 'win32').slice(0, 3)).toEqual([
      '--win',
      'dir',
      '--x64',
    ]);
  });

  it('writes the address of updates into a package that was given one', () => {
    const args = builderArguments({ ...options, updates: 'https://updates.example' }, 'linux');
    expect(args).toContain('-c.publish.url=https://updates.example');
  });

  it('leaves signing out where it is told to', () => {
    const args = builderArguments({ ...options, unsigned: true }, 'linux');
    expect(args).toContain('-c.forceCodeSigning=false');
  });

  it('refuses a system that Heirloom has no packages for', () => {
    expect(() => builderArguments(options, 'freebsd')).toThrow('no packages for freebsd');
  });
});
