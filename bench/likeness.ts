/**
 * `npm run bench -- likeness --lq LQ --hq HQ [--every N]`: how far face descriptors of a restoration lie from those of
 * its own photo, and from those of other people's. The words of the likeness score (renderer/state/photo-likeness.ts)
 * rest on these figures.
 */
import { parseArgs } from 'node:util';
import { findPack } from '../cli/find-pack.ts';
import { parseCount } from '../cli/parse-settings.ts';
import { readPairs } from '../cli/read-pairs.ts';
import { restoreSettingsSchema } from '../contract/restore.ts';
import { readCrop } from '../engine/evaluate/evaluate-pair.ts';
import { createFaceDetector } from '../engine/faces/detector.ts';
import { identityDistance } from '../engine/faces/identity.ts';
import type { FaceDetector } from '../engine/faces/types.ts';
import { takeDescriptor } from '../engine/likeness.ts';
import { resolvePlan } from '../engine/method/presets.ts';
import { loadPack, type Pack } from '../engine/models/manifest.ts';
import { openPackSessions, type PackSessions } from '../engine/models/sessions.ts';
import { restoreFace } from '../engine/restore-face.ts';
import { percentile } from './statistics.ts';

const PRESETS = ['faithful', 'balanced', 'detailed'] as const;
const PERCENTS = [1, 5, 25, 50, 75, 90, 95, 99];

type Descriptor = Float32Array;
interface Person {
  /** Of the degraded crop, its restorations (one a preset), and the sharp truth. */
  before: Descriptor;
  after: Descriptor[];
  truth: Descriptor;
}
interface Tools {
  pack: Pack;
  sessions: PackSessions;
  detector: FaceDetector;
}

async function describe(
  { name, lq, hq }: { name: string; lq: Uint8Array; hq: Uint8Array },
  { pack, sessions, detector }: Tools,
): Promise<Person | null> {
  const size = pack.manifest.resolution;
  const crop = await readCrop(lq, name, size);
  const after: (Descriptor | undefined)[] = [];
  for (const preset of PRESETS) {
    const plan = resolvePlan(pack.manifest, restoreSettingsSchema.parse({ preset, speed: 'draft' }));
    const { image } = await restoreFace(crop, { sessions, pack, plan, face: 0 });
    after.push(await takeDescriptor(detector, image));
  }
  const before = await takeDescriptor(detector, crop);
  const truth = await takeDescriptor(detector, await readCrop(hq, name, size));
  if (!before || !truth || after.some((one) => !one)) return null;
  return { before, truth, after: after as Descriptor[] };
}

/** Every distance of `a` of one person to `b` of another one. */
function between(
  people: readonly Person[],
  a: (one: Person) => Descriptor,
  b: (one: Person) => Descriptor,
): number[] {
  return people.flatMap((one, i) =>
    people.filter((_, j) => j !== i).map((other) => identityDistance(a(one), b(other))),
  );
}

function print(what: string, distances: readonly number[]): void {
  const values = PERCENTS.map((percent) => percentile(distances, percent).toFixed(2).padStart(5));
  console.log(`${what.padEnd(44)}${values.join(' ')}  ${distances.length}`);
}

export async function benchLikeness(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { lq: { type: 'string' }, hq: { type: 'string' }, every: { type: 'string', default: '1' } },
  });
  if (values.lq === undefined || values.hq === undefined) throw new Error('Expected --lq and --hq');
  const every = parseCount('every', values.every);
  const pairs = (await readPairs(values.lq, values.hq)).filter((_, i) => i % every === 0);
  const pack = await loadPack(await findPack());
  const sessions = openPackSessions(pack, { provider: 'cpu' });
  const tools = { pack, sessions, detector: await createFaceDetector() };
  const people: Person[] = [];
  for (const pair of pairs) {
    const person = await describe(pair, tools);
    if (person) people.push(person);
    process.stderr.write(`\r${people.length} of ${pairs.length}`);
  }
  console.log(
    `${people.length} of ${pairs.length} pairs, pack ${pack.manifest.id}, speed draft; percentiles:`,
  );
  console.log(`${''.padEnd(44)}${PERCENTS.map((percent) => `${percent} %`.padStart(5)).join(' ')}  values`);
  for (const [i, preset] of PRESETS.entries()) {
    print(
      `photo to its own restoration, ${preset}`,
      people.map(({ before, after }) => identityDistance(before, after[i]!)),
    );
    print(
      `photo to another's restoration, ${preset}`,
      between(
        people,
        ({ before }) => before,
        ({ after }) => after[i]!,
      ),
    );
    print(
      `truth to its own restoration, ${preset}`,
      people.map(({ truth, after }) => identityDistance(truth, after[i]!)),
    );
  }
  print(
    'photo to its own truth',
    people.map(({ before, truth }) => identityDistance(before, truth)),
  );
  print(
    "truth to another's truth",
    between(
      people,
      ({ truth }) => truth,
      ({ truth }) => truth,
    ),
  );
}
