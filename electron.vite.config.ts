import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { defineConfig } from 'electron-vite';
import type { Plugin } from 'vite';
import type rendererConfig from './renderer/vite.config.ts';

const ROOT = import.meta.dirname;
const OUT = join(ROOT, 'out');
/** `scripts/packaging/build.ts` builds into a folder of its own, so that a package never mixes with `npm start`. */
const BUILD = resolve(ROOT, process.env['HEIRLOOM_BUILD_FOLDER'] ?? 'out');
const ENTRIES = [
  'main/electron/start.ts',
  'engine/process.ts',
  'engine/models/probe-process.ts',
  // Browser mode and the command line of an installed Heirloom.
  'cli/main.ts',
];
const MESSAGE_COMPILER = 'unplugin-paraglide-js';
const NEIGHBOUR = /new URL\(\s*(['"])(\.[^'"]*)\1,\s*import\.meta\.url\s*\)/g;

/** `new URL('./probe-process.ts', import.meta.url)` names the built script, and files that are no code where they lie. */
function neighbourAddresses(): Plugin {
  let outDir = '';
  return {
    name: 'heirloom:neighbour-addresses',
    configResolved(config) {
      // Wherever a package is built: once installed, it lies as in out/.
      outDir = BUILD === OUT ? config.build.outDir : join(OUT, 'app');
    },
    transform(code, id) {
      const [source = id] = id.split('?');
      if (!code.includes('import.meta.url') || !source.startsWith(ROOT + sep)) return null;
      const built = join(outDir, relative(ROOT, dirname(source)));
      return code.replace(NEIGHBOUR, (whole, _quote, address: string) => {
        const target = resolve(dirname(source), address);
        if (!existsSync(target) && !target.startsWith(OUT + sep)) return whole;
        const moved = target.endsWith('.ts')
          ? address.replace(/\.ts$/, '.js')
          : relative(built, target).split(sep).join('/') + (address.endsWith('/') ? '/' : '');
        return `new URL(${JSON.stringify(moved)}, import.meta.url)`;
      });
    },
  };
}

/** Writes down which packages are in the interface, for the licences of a package (scripts/packaging). */
function bundledPackages(): Plugin {
  return {
    name: 'heirloom:bundled-packages',
    writeBundle(_, bundle) {
      const chunks = Object.values(bundle).flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
      const names = chunks.flatMap((id) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1] ?? []);
      // renderer/paraglide is its work too.
      names.push('@inlang/paraglide-js');
      writeFileSync(join(BUILD, 'bundled-packages.json'), JSON.stringify([...new Set(names)].sort()));
    },
  };
}

// Loaded by Node: electron-vite would bundle it into this file, and its addresses would start from here.
const { default: renderer } = (await import(
  pathToFileURL(join(ROOT, 'renderer', 'vite.config.ts')).href
)) as { default: typeof rendererConfig };

/** For a package the messages are compiled before: another Heirloom may be reading them while it is built. */
function rendererPlugins() {
  const { plugins } = renderer;
  return BUILD === OUT ? plugins : plugins.filter((plugin) => !isMessageCompiler(plugin));
}

function isMessageCompiler(plugin: unknown): boolean {
  return (
    typeof plugin === 'object' && plugin !== null && 'name' in plugin && plugin.name === MESSAGE_COMPILER
  );
}

/** Builds main, preload, the engine process and the interface into out/. */
export default defineConfig({
  main: {
    plugins: [neighbourAddresses()],
    build: {
      outDir: join(BUILD, 'app'),
      rolldownOptions: {
        input: ENTRIES.map((entry) => join(ROOT, entry)),
        // One JavaScript file for each TypeScript file, in the same folders.
        output: { preserveModules: true, preserveModulesRoot: ROOT, entryFileNames: '[name].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: join(BUILD, 'preload'),
      externalizeDeps: false,
      rolldownOptions: {
        input: join(ROOT, 'preload', 'bridge.ts'),
        // A sandboxed preload is CommonJS, and may load no second file.
        output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
      },
    },
  },
  renderer: {
    ...renderer,
    plugins: [...rendererPlugins(), bundledPackages()],
    build: {
      ...renderer.build,
      outDir: join(BUILD, 'renderer'),
      minify: true,
      rolldownOptions: { input: join(ROOT, 'renderer', 'index.html') },
    },
  },
});
