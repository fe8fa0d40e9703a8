import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodePhoto } from '../engine/image/decode.ts';
import { encodePhoto } from '../engine/image/encode.ts';
import { resizeFloat, toFloat, toRgb } from '../engine/image/geometry.ts';

export const LARGE_PHOTO = { width: 4000, height: 3000 };
const SAMPLES = ['family-1974', 'couple-1968', 'group-1921', 'portrait-1938'];
const QUALITY = 90;
/** Grey levels: a camera's noise, without which an enlarged picture would be an unusually small file. */
const GRAIN = 9;

/** A sample enlarged to 12 megapixels, with grain, as the bytes of a JPEG. */
export async function encodeLargePhoto(sample: string): Promise<Buffer> {
  const path = fileURLToPath(new URL(`../samples/${sample}.jpg`, import.meta.url));
  const { image, metadata } = await decodePhoto(path);
  const large = toRgb(resizeFloat(toFloat(image), LARGE_PHOTO.width, LARGE_PHOTO.height), 8);
  addGrain(large.data);
  return Buffer.from(
    await encodePhoto(large, { ...metadata, ...LARGE_PHOTO }, { format: 'jpeg', quality: QUALITY }),
  );
}

/** The same grain every time. */
function addGrain(data: Uint8Array | Uint16Array): void {
  let state = 1;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const noise = (state / 2 ** 32 - 0.5) * 2 * GRAIN;
    data[i] = Math.min(255, Math.max(0, Math.round(data[i]! + noise)));
  }
}

/** Different bytes, the same picture: a comment after the start of the file. */
function withComment(jpeg: Buffer, text: string): Buffer {
  const comment = Buffer.from(text);
  const head = Buffer.from([0xff, 0xfe, 0, comment.length + 2]);
  return Buffer.concat([jpeg.subarray(0, 2), head, comment, jpeg.subarray(2)]);
}

/** Writes `count` JPEGs of 12 megapixels, no two of the same bytes; answers with their sizes in bytes. */
export async function writeLargePhotos(folder: string, count: number): Promise<number[]> {
  const bases: Buffer[] = [];
  for (const sample of SAMPLES.slice(0, count)) bases.push(await encodeLargePhoto(sample));
  const sizes: number[] = [];
  for (let i = 0; i < count; i++) {
    const bytes = withComment(bases[i % bases.length]!, `photo ${i}`);
    await writeFile(join(folder, `IMG_${String(i).padStart(4, '0')}.jpg`), bytes);
    sizes.push(bytes.length);
  }
  return sizes;
}
