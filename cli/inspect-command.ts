import type { Inspection } from '../contract/engine.ts';
import { EngineClient } from '../engine/client.ts';
import { findPack } from './find-pack.ts';
import { plural, writeJson, writeLine, type Output } from './output.ts';
import { parsePath, parseProvider } from './parse-settings.ts';

export interface InspectOptions {
  draw?: string;
  overwrite?: boolean;
  provider: string;
  pack?: string;
  json?: boolean;
}

const UNITS = [
  '  blur: standard deviation in pixels of a face 512 pixels wide; 0.1 = sharp, 15 = strongest',
  '  start: timestep, 1-1000, for that blur; a preset with a least or a most blur of its own starts between theirs',
];

/** `heirloom inspect`: what would be restored, and from how much blur. */
export async function inspectCommand(
  photo: string,
  options: InspectOptions,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const input = parsePath(photo, 'a photo', 'an empty name');
  const drawing =
    options.draw === undefined
      ? undefined
      : { path: parsePath(options.draw, 'a file for --draw'), overwrite: options.overwrite ?? false };
  const models = { provider: parseProvider(options.provider), pack: await findPack(options.pack) };
  const engine = new EngineClient({ role: 'restore' });
  try {
    const params = { input, models, drawing };
    const inspection = await engine.call('inspectPhoto', params, { signal });
    if (options.json) writeJson(output.stdout, inspection);
    else for (const line of describeInspection(inspection)) writeLine(output.stdout, line);
    return 0;
  } finally {
    await engine.close();
  }
}

function describeInspection({
  input,
  format,
  width,
  height,
  depth,
  notes,
  faces,
  drawing,
}: Inspection): string[] {
  return [
    `${input}: ${format}, ${width} x ${height} pixels, ${depth} bits, ${faces.length === 0 ? 'no faces found' : plural(faces.length, 'face')}`,
    ...notes.map((note) => `  ${note}`),
    ...faces.map((face) => describeFace(face, width, height)),
    ...(faces.some((face) => face.stdHat !== undefined) ? UNITS : []),
    ...(drawing === undefined ? [] : [`Drawn into ${drawing}`]),
  ];
}

/** Numbered from 1, as in the application. */
function describeFace(face: Inspection['faces'][number], width: number, height: number): string {
  const { index, box, confidence, landmarks, turn, sizePx } = face;
  const corner = `${Math.round(box.x * width)},${Math.round(box.y * height)}`;
  const size = `${Math.round(box.width * width)} x ${Math.round(box.height * height)}`;
  const turned = turn === 0 ? '' : `, turned ${turn} degrees`;
  return `  face ${index + 1}: ${size} at ${corner}, aligned size ${Math.round(sizePx)}, confidence ${confidence.toFixed(2)}, ${landmarks.length} landmarks${turned}${describeBlur(face)}`;
}

function describeBlur({ stdHat, stdError, start, auto }: Inspection['faces'][number]): string {
  if (stdHat === undefined) return '';
  const error = stdError === undefined ? '' : ` (off by about ${stdError.toFixed(1)})`;
  const guides = auto && `, auto ${plural(auto.guides, 'guide')} ${auto.spacing} apart`;
  return `, blur ${stdHat.toFixed(1)}${error}, start ${start ?? '-'}${guides ?? ''}`;
}
