import { cpSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Inspection } from '../../contract/engine.ts';
import { restoreSettingsSchema } from '../../contract/restore.ts';
import { EngineClient } from '../../engine/client.ts';
import { openLibrary } from '../../main/library/open-library.ts';
import { changedFiles, checkLibrary, hashesOf } from './check-library.ts';
import { newResult, timeIsLeft, type PartOptions, type PartResult } from './fault-report.ts';
import { openHost } from './hosts.ts';
import { engineThatFinds, type FaultLibrary } from './make-fault-library.ts';
import { Random } from '../fixtures/random.ts';

const LOG = 'library.sqlite-wal';
const LOG_HEADER_BYTES = 32;
/** A frame of the log: its header and a page. */
const FRAME_BYTES = 24 + 4096;

interface Cut {
  name: string;
  of: (log: Buffer, random: Random) => Buffer;
}

/** What a disk may make of the end of a log that was not synced. */
const CUTS: readonly Cut[] = [
  { name: 'cut anywhere', of: (log, random) => log.subarray(0, random.below(log.length + 1)) },
  { name: 'frames missing', of: (log, random) => log.subarray(0, frameStart(log, random)) },
  {
    name: 'a torn page',
    of: (log, random) => {
      const torn = Buffer.from(log);
      const start = frameStart(log, random) + random.below(FRAME_BYTES);
      return torn.fill(0, Math.min(start, torn.length), Math.min(start + 512, torn.length));
    },
  },
  {
    name: 'pages of zeros at its end',
    of: (log, random) => Buffer.from(log).fill(0, frameStart(log, random)),
  },
];

function frameStart(log: Buffer, random: Random): number {
  const frames = Math.floor((log.length - LOG_HEADER_BYTES) / FRAME_BYTES);
  return LOG_HEADER_BYTES + FRAME_BYTES * random.below(frames + 1);
}

/**
 * SQLite's own writes: a library whose program was killed at work, with the end of its log cut off or torn in many
 * ways. It opens each time, is whole, and no file that a lost row named is lost: originals are photos again, versions
 * come anew or lie in `recovered`.
 */
export async function cutLogs(
  template: FaultLibrary,
  pictures: string[],
  face: Inspection,
  options: PartOptions,
): Promise<PartResult> {
  const result = newResult('cut-logs');
  const killed = await killAtWork(template, pictures);
  const imaging = new EngineClient({ role: 'imaging' });
  const random = new Random(options.seed);
  while (result.rounds < options.rounds && timeIsLeft(options) && result.problems.length === 0) {
    const cut = CUTS[result.rounds % CUTS.length]!;
    await openCut({ killed, cut, random, result, face, imaging });
    result.rounds++;
    result.faults++;
  }
  await imaging.close();
  result.details.push(
    `a log of ${statSync(join(killed, LOG)).size} bytes; ${CUTS.map(({ name }) => name).join(', ')}`,
  );
  return result;
}

async function killAtWork({ folder: template, photoIds }: FaultLibrary, pictures: string[]): Promise<string> {
  const folder = `${template}-cut`;
  cpSync(template, folder, { recursive: true });
  const host = await openHost('application', folder);
  const settings = restoreSettingsSchema.parse({ speed: 'draft' });
  await host.call('restore.enqueue', { photoIds, settings });
  await host.call('import.start', { paths: pictures.slice(0, 20), mode: 'copy' });
  for (let done = 0; done < Math.min(8, photoIds.length);) {
    await sleep(50);
    const { jobs } = await host.call('jobs.list', {});
    done = jobs.filter(({ state }) => state === 'done').length;
  }
  await host.kill();
  return folder;
}

interface Opening {
  killed: string;
  cut: Cut;
  random: Random;
  result: PartResult;
  face: Inspection;
  imaging: EngineClient;
}

async function openCut({ killed, cut, random, result, face, imaging }: Opening): Promise<void> {
  const folder = `${killed}-${result.rounds}`;
  cpSync(killed, folder, { recursive: true });
  rmSync(join(folder, 'library.sqlite-shm'), { force: true });
  const before = checkLibrary(folder, { settled: false });
  const originals = hashesOf(before.photos.map(({ path }) => join(folder, path)));
  writeFileSync(join(folder, LOG), cut.of(readFileSync(join(folder, LOG)), random));
  try {
    const engines = { imaging, interactive: engineThatFinds(face) };
    const library = await openLibrary({ folder, engines, emit: () => undefined });
    await library.settled();
    await library.close();
    const after = checkLibrary(folder, { settled: true });
    result.lost += after.lost + lostOriginals(before.photos, after.photos);
    result.problems.push(...after.problems.map((problem) => `${cut.name}: ${problem}`));
    result.problems.push(...changedFiles(originals).map((path) => `${cut.name}: ${path} changed`));
  } catch (error) {
    result.problems.push(`${cut.name}: ${String(error)}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function lostOriginals(before: readonly { sha256: string }[], after: readonly { sha256: string }[]): number {
  const kept = new Set(after.map(({ sha256 }) => sha256));
  return before.filter(({ sha256 }) => !kept.has(sha256)).length;
}
