import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { queueDone, startServer, type Server } from './server.ts';

const VARIABLE = 'HEIRLOOM_SETTLED_LIBRARY';

/** The library that the tests copy: it holds the samples with their faces, nothing waits in it, and the tour is taken. */
export function settledLibrary(): string {
  const folder = process.env[VARIABLE];
  if (!folder) throw new Error(`Expected ${VARIABLE}, which the global setup of the tests sets`);
  return folder;
}

/** Makes it once for all tests: importing the samples takes longer than most of them. Returns what removes it. */
export default async function settleLibrary(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'heirloom-settled-'));
  const server = await startServer(join(folder, 'library'), '0');
  try {
    await settle(server);
  } finally {
    await server.stop();
  }
  process.env[VARIABLE] = join(folder, 'library');
  return () => rm(folder, { recursive: true, force: true });
}

/** Past the welcome: samples imported and looked at, nothing waiting, no tour. */
async function settle(server: Server): Promise<void> {
  await server.call('settings.set', { tourDone: true, language: 'en', speed: 'draft' });
  await server.call('app.info', {});
  const { jobs } = await server.call('jobs.list', {});
  const ids = jobs.filter(({ state }) => state === 'waiting' || state === 'running').map(({ id }) => id);
  if (ids.length > 0) await server.call('jobs.control', { ids, action: 'cancel' });
  await queueDone(server);
  await server.call('jobs.clearFinished', {});
  for (const id of await server.call('timeline.ids', { query: {} }))
    while ((await server.call('photos.get', { id })).faces.length === 0) await wait(250);
}
