/**
 * The real application in a process of its own, served as in browser mode, on a library below a folder that
 * `makeAppFolder` made: `node tests/hostile/app-process.ts FOLDER`. Prints its address; ends when its parent does.
 */
import { join } from 'node:path';
import { startBrowserServer } from '../../main/browser/server.ts';
import { openTestApplication } from '../fixtures/open-test-application.ts';

const [root] = process.argv.slice(2);
if (root === undefined) throw new Error('Expected a folder');
const application = await openTestApplication(root);
const { uploads } = application;
const server = await startBrowserServer({ application, uploads, renderer: join(root, 'none'), port: 0 });
console.log(server.address);

async function leave(): Promise<void> {
  await server.close();
  await application.close();
  process.exit(0);
}
process.on('disconnect', () => void leave());
