import { describe, expect, it } from 'vitest';
import { builderArguments, parsePackageOptions } from '../../../scripts/package.ts';

describe('parsePackageOptions', () => {
  it('makes signed packages of this machine’s kind that look for no new versions', () => {
    expect(parsePackageOptions([], {})).toEqual({
      dir: false,
      unsigned: false,
      arch: process.arch,
      updates: undefined,
      homepage: undefined,
      output: undefined,
      electron: undefined,
    });
  });

  it.each([
    [['--arch', 'ia32'], {}, 'Expected x64 or arm64 for --arch but received ia32'],
    [['--quick'], {}, '--quick'],
    [['name'], {}, 'name'],
    [[], { HEIRLOOM_UPDATES: 'http://updates.example' }, 'Expected an https address for HEIRLOOM_UPDATES'],
    [[], { HEIRLOOM_HOMEPAGE: 'https://' }, 'Expected an https address for HEIRLOOM_HOMEPAGE'],
  ])('refuses %j with %j', (args, environment, message) => {
    expect(() => parsePackageOptions(args, environment)).toThrow(message);
  });
});

describe('builderArguments', () => {
  const options = parsePackageOptions(['--arch', 'x64'], {});

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

  it('writes the addresses that it is given into a package', () => {
    const environment = { HEIRLOOM_UPDATES: 'https://u.example', HEIRLOOM_HOMEPAGE: 'https://h.example' };
    const args = builderArguments(parsePackageOptions([], environment), 'linux');
    expect(args).toContain('-c.publish.url=https://u.example');
    expect(args).toContain('-c.extraMetadata.homepage=https://h.example');
  });

  it('leaves signing out where it is told to', () => {
    const args = builderArguments({ ...options, unsigned: true }, 'linux');
    expect(args).toContain('-c.forceCodeSigning=false');
  });

  it('refuses a system that Heirloom has no packages for', () => {
    expect(() => builderArguments(options, 'freebsd')).toThrow('no packages for freebsd');
  });
});
