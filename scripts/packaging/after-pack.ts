import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesOf, layoutFaults, sizeTable, weigh } from './layout.ts';
import { readTarget, type HookContext } from './hook-context.ts';
import { shippedPackages, thirdPartyLicenses } from './third-party-licenses.ts';

/** In out/package, once a package was found to be as it should be. */
export const CHECKED = 'checked.txt';

/** `out/package/bundled-packages.json`: what electron.vite.config.ts found in the interface. */
function readBundled(projectDir: string): unknown {
  return JSON.parse(readFileSync(join(projectDir, 'out', 'package', 'bundled-packages.json'), 'utf8'));
}

/**
 * electron-builder's hook: adds the licences of everything inside, prints what the package weighs, and refuses one
 * with foreign or missing binaries.
 */
export default function afterPack(context: HookContext): void {
  const { projectDir } = context.packager;
  const resources = context.packager.getResourcesDir(context.appOutDir);
  const packages = shippedPackages(projectDir, resources, readBundled(projectDir));
  const licences = thirdPartyLicenses(projectDir, packages, filesOf(resources));
  writeFileSync(join(resources, 'program', 'THIRD-PARTY-LICENSES.txt'), licences);
  for (const line of sizeTable(weigh(resources))) console.log(`  ${line}`);
  const faults = layoutFaults(resources, readTarget(context));
  if (faults.length > 0) throw new Error(`The package is not as it should be:\n  ${faults.join('\n  ')}`);
  writeFileSync(join(projectDir, 'out', 'package', CHECKED), resources);
}
