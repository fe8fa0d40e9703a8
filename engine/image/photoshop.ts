/**
 * Photoshop's image resources in a JPEG's APP13 segments: where captions, names and places in IPTC form stand.
 * Source: Adobe Photoshop File Formats Specification, "Image Resources Section"; IPTC-IIM 4.2.
 */
import { even } from './exif.ts';
import type { ReadAt } from './exif.ts';

export const PHOTOSHOP_PREFIX = Buffer.from('Photoshop 3.0\0', 'latin1');

const APP13 = 0xed;
const START_OF_SCAN = 0xda;
/** Small copies of the picture, which would show it as it was before. */
const THUMBNAILS = new Set([0x0409, 0x040c]);

/** The resources of a JPEG file but its thumbnails; undefined where it has none or they cannot be read. */
export function photoshopResources(file: ReadAt): Uint8Array | undefined {
  try {
    const kept = splitResources(Buffer.concat(segmentsOf(file))).filter(
      (resource) => !THUMBNAILS.has(resource.readUInt16BE(4)),
    );
    return kept.length > 0 ? Buffer.concat(kept) : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** A block of resources may go on from one segment to the next. */
function segmentsOf(file: ReadAt): Buffer[] {
  const found: Buffer[] = [];
  let position = 2;
  for (;;) {
    const segment = file(position, 4);
    const marker = segment.getUint8(1);
    if (segment.getUint8(0) !== 0xff || marker === START_OF_SCAN) return found;
    const length = segment.getUint16(2);
    const body = marker === APP13 ? asBuffer(file(position + 4, length - 2)) : undefined;
    if (body?.subarray(0, PHOTOSHOP_PREFIX.length).equals(PHOTOSHOP_PREFIX))
      found.push(body.subarray(PHOTOSHOP_PREFIX.length));
    position += 2 + length;
  }
}

function asBuffer({ buffer, byteOffset, byteLength }: DataView): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}

/** Each resource: "8BIM", two bytes of id, a padded Pascal string, four bytes of length, padded data. */
function splitResources(block: Buffer): Buffer[] {
  const resources: Buffer[] = [];
  for (let start = 0; start < block.length;) {
    const afterName = start + 6 + even(1 + block.readUInt8(start + 6));
    const end = afterName + 4 + block.readUInt32BE(afterName);
    if (block.toString('latin1', start, start + 4) !== '8BIM' || end > block.length)
      throw new RangeError(`Expected an image resource at ${start}`);
    const padded = Buffer.alloc(even(end - start));
    block.copy(padded, 0, start, end);
    resources.push(padded);
    start += padded.length;
  }
  return resources;
}
