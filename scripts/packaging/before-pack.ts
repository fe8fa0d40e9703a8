import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { binaryFormat, type Target } from './binary-format.ts';
import { readTarget, type HookContext } from './hook-context.ts';

/** Natives in `node_modules` that a package of this target is made of. */
function sources({ platform, arch }: Target): string[] {
  return [
    platform === 'win32' ? 'node/bin/node.exe' : 'node/bin/node',
    `better-sqlite3/prebuilds/${platform}-${arch}.node`,
    `onnxruntime-node/bin/napi-v6/${platform}/${arch}/onnxruntime_binding.node`,
    `@img/sharp-${platform}-${arch}/package.json`,
  ];
}

/** What `node_modules` lacks for a target, or holds for another one. */
export function missingSources(nodeModules: string, target: Target): string[] {
  const files = sources(target).map((file) => join(nodeModules, file));
  const absent = files.filter((file) => !existsSync(file)).map((file) => `${file} is missing`);
  const node = files[0]!;
  const format = existsSync(node) ? binaryFormat(node) : null;
  const foreign = format && (format.platform !== target.platform || format.arch !== target.arch);
  return foreign ? [...absent, `${node} is for ${format.platform} ${format.arch}`] : absent;
}

/** electron-builder's hook: a package is built only from this target's own binaries (docs/release.md says how). */
export default function beforePack(context: HookContext): void {
  const target = readTarget(context);
  const faults = missingSources(join(context.packager.projectDir, 'node_modules'), target);
  if (!existsSync(join(context.packager.projectDir, 'out', 'package', 'package.json')))
    faults.unshift('out/package is not built: `npm run package` builds it');
  if (faults.length > 0)
    throw new Error(`No package for ${target.platform} ${target.arch}:\n  ${faults.join('\n  ')}`);
}
