// Loaded before scripts/start.ts, by whatever Node there is: without its packages nothing there can be read.
import { existsSync } from 'node:fs';

if (!existsSync(new URL('../node_modules/zod', import.meta.url))) {
  console.error('The packages that Heirloom needs are not installed: run `npm ci` first.');
  process.exit(1);
}
