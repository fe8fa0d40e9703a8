/**
 * `npm run bench -- old-photos PHOTO... --out SHEET.png [--pack ID --faces N]`: what RM and Balanced make of real
 * photos, to be looked at, since no truth exists: a row a face with its crop, RM's picture and the restoration, the
 * blur that SE sees, and how far each lies from the crop by face descriptors.
 */
import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { findPack } from '../cli/find-pack.ts';
import { parseCount } from '../cli/parse-settings.ts';
import { restoreSettingsSchema } from '../contract/restore.ts';
import { alignFace } from '../engine/align-face.ts';
import { toSheetPicture } from '../engine/evaluate/evaluate-pair.ts';
import { createFaceDetector } from '../engine/faces/detector.ts';
import { identityDistance } from '../engine/faces/identity.ts';
import type { DetectedFace, FaceDetector } from '../engine/faces/types.ts';
import { encodeContactSheet, type LabelledPicture } from '../engine/image/contact-sheet.ts';
import { decodePhoto } from '../engine/image/decode.ts';
import type { FloatImage, RgbImage } from '../engine/image/types.ts';
import { takeDescriptor } from '../engine/likeness.ts';
import { resolvePlan } from '../engine/method/presets.ts';
import { loadPack, type Pack } from '../engine/models/manifest.ts';
import { openPackSessions, type PackSessions } from '../engine/models/sessions.ts';
import { writeOutput } from '../engine/output-file.ts';
import { restoreFace } from '../engine/restore-face.ts';

interface Tools {
  pack: Pack;
  sessions: PackSessions;
  detector: FaceDetector;
}
interface Face {
  name: string;
  std: number;
  /** Descriptor distance of RM's picture and of the restoration to the crop; undefined where none can be taken. */
  rm: number | undefined;
  balanced: number | undefined;
  pictures: LabelledPicture[];
}

async function lookAt(photo: RgbImage, face: DetectedFace, name: string, tools: Tools): Promise<Face> {
  const { pack, sessions, detector } = tools;
  const crop = alignFace(photo, face, pack.manifest.resolution);
  const plan = resolvePlan(pack.manifest, restoreSettingsSchema.parse({ preset: 'balanced' }));
  const { image, restoration, stdHat } = await restoreFace(crop, { sessions, pack, plan, face: 0 });
  const before = await takeDescriptor(detector, crop);
  const distance = async (after: FloatImage) => {
    const descriptor = await takeDescriptor(detector, after);
    return before && descriptor && identityDistance(before, descriptor);
  };
  const pictures = [
    { label: name, image: crop },
    { label: 'rm', image: restoration },
    { label: 'balanced', image },
  ].map(toSheetPicture);
  return { name, std: stdHat, rm: await distance(restoration), balanced: await distance(image), pictures };
}

async function facesOf(path: string, limit: number, tools: Tools): Promise<Face[]> {
  const { image } = await decodePhoto(path);
  const stem = basename(path).replace(/\.\w+$/, '');
  const faces: Face[] = [];
  for (const [i, face] of (await tools.detector.detect(image)).slice(0, limit).entries())
    faces.push(await lookAt(image, face, `${stem} ${i + 1}`, tools));
  return faces;
}

function row({ name, std, rm, balanced }: Face): string {
  const number = (value: number | undefined) => (value?.toFixed(2) ?? '-').padStart(8);
  return `${name.padEnd(20)} ${std.toFixed(1).padStart(6)} ${number(rm)} ${number(balanced)}`;
}

export async function benchOldPhotos(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { out: { type: 'string' }, pack: { type: 'string' }, faces: { type: 'string', default: '100' } },
  });
  if (positionals.length === 0) throw new Error('Expected photos');
  const limit = parseCount('faces', values.faces);
  const pack = await loadPack(await findPack(values.pack));
  const tools = {
    pack,
    sessions: openPackSessions(pack, { provider: 'cpu' }),
    detector: await createFaceDetector(),
  };
  const faces: Face[] = [];
  for (const path of positionals) faces.push(...(await facesOf(path, limit, tools)));
  console.log(`Pack ${pack.manifest.id}; descriptor distances to the crop`);
  console.log(`${'face'.padEnd(20)} ${'std'.padStart(6)} ${'rm'.padStart(8)} ${'balanced'.padStart(8)}`);
  for (const face of faces) console.log(row(face));
  if (values.out === undefined) return;
  const sheet = await encodeContactSheet(pairwise(faces.map(({ pictures }) => pictures)));
  await writeOutput(resolve(values.out), sheet, { overwrite: true });
}

/** Two rows of a face each beside one another, so that the sheet is not much higher than wide. */
function pairwise(rows: LabelledPicture[][]): LabelledPicture[][] {
  return rows.flatMap((pictures, i) => (i % 2 === 0 ? [[...pictures, ...(rows[i + 1] ?? [])]] : []));
}
