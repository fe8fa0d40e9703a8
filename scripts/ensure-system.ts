/**
 * `node scripts/ensure-system.ts`: sees to the Debian packages that the tests need besides npm's.
 * Installs what is missing with apt-get when it runs as root on Debian; otherwise says what to install.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

interface Need {
  /** Debian packages that provide it. */
  packages: string[];
  purpose: string;
  present: () => boolean;
}

const NEEDS: Need[] = [
  {
    packages: ['chromium'],
    purpose: 'the tests of the interface, and SwiftShader, a Vulkan device in software, for those of WebGPU',
    present: () => existsSync('/usr/bin/chromium') && existsSync('/usr/lib/chromium/vk_swiftshader_icd.json'),
  },
  {
    // libopenblas0-pthread: without it python3-torch multiplies matrices with the reference BLAS.
    packages: [
      ...['python3', 'python3-numpy', 'python3-onnx', 'python3-pil', 'python3-torch'],
      'libopenblas0-pthread',
    ],
    purpose: 'the training smoke test',
    present: () => succeeds('/usr/bin/python3', ['-c', 'import numpy, onnx, PIL, torch']),
  },
];

function succeeds(command: string, args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

function aptInstall(packages: string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const run = (args: string[]) => spawnSync('apt-get', args, { stdio: 'inherit', env }).status === 0;
  return run(['-qq', 'update']) && run(['-qq', 'install', '--yes', '--no-install-recommends', ...packages]);
}

/** True when everything is there, or has been installed. */
export function ensureSystem(): boolean {
  const missing = NEEDS.filter((need) => !need.present());
  if (missing.length === 0) return true;
  const packages = missing.flatMap((need) => need.packages);
  for (const need of missing) console.log(`Missing: ${need.packages.join(' ')} (${need.purpose})`);
  if (process.getuid?.() === 0 && succeeds('apt-get', ['--version']) && aptInstall(packages)) return true;
  console.error(`Install the missing packages first: sudo apt-get install ${packages.join(' ')}`);
  return false;
}

if (import.meta.main && !ensureSystem()) process.exitCode = 1;
