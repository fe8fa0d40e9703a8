import { join } from 'node:path';
import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { UserConfig } from 'vite';
import { paraglideOptions } from './paraglide-options.ts';

/** Relative addresses, so that the same files work at http://127.0.0.1:PORT/ and at heirloom://app/. */
export default {
  root: import.meta.dirname,
  base: './',
  plugins: [
    paraglideVitePlugin(paraglideOptions),
    svelte({ configFile: join(import.meta.dirname, 'svelte.config.js') }),
  ],
  build: {
    outDir: join(import.meta.dirname, '../out/renderer'),
    emptyOutDir: true,
    target: 'esnext',
    // A data: address for a small asset would need a wider content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // In kilobytes. The messages of four languages are one file, read from the disk or from this machine's own server.
    chunkSizeWarningLimit: 800,
  },
} satisfies UserConfig;
