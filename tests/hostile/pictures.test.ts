import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { partCount } from '../../engine/image/count-parts.ts';
import { decodeBytes, openPhotoFile } from '../../engine/image/decode.ts';
import { dateTaken, exifFromTiff, isCameraRaw, readAtOf } from '../../engine/image/exif.ts';
import { restorationXmp } from '../../engine/image/xmp.ts';
import { sampleOf, makeCorpus } from './corpus.ts';
import { overlappingExif } from './metadata-bombs.ts';
import type { HostileFile } from './mutations.ts';

let corpus: HostileFile[];
let folder: string;

beforeAll(async () => {
  corpus = await makeCorpus(1);
  folder = await mkdtemp(join(tmpdir(), 'heirloom-hostile-'));
});
afterAll(() => rm(folder, { recursive: true }));

function fileOf(name: string): Buffer {
  const file = corpus.find((candidate) => candidate.name === name);
  if (!file) throw new Error(`Expected ${name} in the corpus`);
  return file.bytes();
}

describe('the corpus', () => {
  it('has more than 5,000 files of different names', () => {
    expect(corpus.length).toBeGreaterThan(5000);
    expect(new Set(corpus.map(({ name }) => name)).size).toBe(corpus.length);
  });

  it('is the same for the same seed, and another for another one', async () => {
    const [again, other] = [await makeCorpus(1), await makeCorpus(2)];
    const flipped = (files: HostileFile[]) =>
      Buffer.concat(files.filter(({ family }) => family === 'flipped bytes').map(({ bytes }) => bytes()));
    expect(flipped(again).equals(flipped(corpus))).toBe(true);
    expect(flipped(other).equals(flipped(corpus))).toBe(false);
  });

  it('is sampled over every family', () => {
    const families = new Set(corpus.map(({ family }) => family));
    const sample = sampleOf(corpus, 300, 7);
    expect(new Set(sample.map(({ family }) => family))).toEqual(families);
    expect(sample.length).toBeLessThanOrEqual(300);
    expect(sampleOf(corpus, 300, 7)).toEqual(sample);
  });
});

describe('a file that is cut into very many parts', () => {
  it.each([
    'half-a-million-comments.jpg',
    'nine-million-segments.jpg',
    'fill-bytes.jpg',
    'scans-90-large.jpg',
    'scans-1000-large.jpg',
    'million-unknown-chunks.webp',
    'animated-50000-frames.webp',
    'pages-60000.tiff',
    'pages-1000-cyclic.tiff',
    'pages-9000-of-40-MB.tiff',
    'entries-4000-of-12-MB.tiff',
    'entries-65535-descriptions.tiff',
  ])('%s is refused before a decoder sees it', async (name) => {
    // From the disk too, where a large file is read piece by piece.
    const path = join(folder, name);
    await writeFile(path, fileOf(name));
    await expect(openPhotoFile(path)).rejects.toMatchObject({
      code: 'input/damaged',
      message: expect.stringContaining('more than 10000 parts') as string,
    });
  });

  it.each(['good-progressive.jpg', 'good-animated.webp', 'good-two-pages.tiff', 'good-pyramid.tiff'])(
    '%s is none',
    (name) => {
      const file = fileOf(name);
      const format = name.endsWith('jpg') ? 'jpeg' : name.endsWith('webp') ? 'webp' : 'tiff';
      const parts = partCount(readAtOf(file), format, 10_000);
      expect(parts).toBeGreaterThan(0);
      expect(parts).toBeLessThan(5000);
    },
  );

  it('counts scans, chunks and pages', () => {
    const count = (name: string, format: 'jpeg' | 'webp' | 'tiff') =>
      partCount(readAtOf(fileOf(name)), format, 10_000);
    expect(count('good-two-pages.tiff', 'tiff')).toBe(2);
    expect(count('scans-35-large.jpg', 'jpeg')).toBe(36 * 250 + 5);
    expect(partCount(readAtOf(new Uint8Array(3)), 'tiff', 10_000)).toBe(0);
    expect(partCount(readAtOf(new Uint8Array(3)), 'png', 10_000)).toBe(0);
  });
});

describe('a picture that would take too much memory', () => {
  it.each([
    'whole-one-wide-strip.png',
    'tiles-12500000x16.tiff',
    'whole-interlaced-16-bits-alpha.png',
    'whole-16-bits-alpha.tiff',
    'strips-14143x14143.tiff',
    'animated-canvas-14142.webp',
    'screen-65500x3000.gif',
  ])('%s is refused by its size', async (name) => {
    await expect(decodeBytes(fileOf(name), name)).rejects.toMatchObject({ code: 'input/too-large' });
  });
});

describe('metadata', () => {
  it('whose entries all claim the same bytes is read up to a limit', () => {
    expect(dateTaken(overlappingExif(65_535, 1_000_000))).toBeNull();
    expect(isCameraRaw(readAtOf(overlappingExif(4000, 12_000_000)))).toBe(false);
    expect(exifFromTiff(readAtOf(overlappingExif(4000, 12_000_000)))).toBeUndefined();
  });

  it('in circles comes to an end', () => {
    const cyclic = corpus.filter(({ name }) => /^exif-(cyclic|two-in|deep|chain)/.test(name));
    expect(cyclic.length).toBeGreaterThan(10);
    for (const { bytes } of cyclic) expect(() => dateTaken(bytes())).not.toThrow();
  });

  it('as XMP that never closes what it opens takes no time that grows with its square', () => {
    // A minute and more where each tag was looked for to the end of the packet.
    const packet = `<rdf:RDF>${'<Iptc4xmpExt:DigitalSourceType '.repeat(100_000)}</rdf:RDF>`;
    expect(restorationXmp(packet, 'note')).toContain('softwareAgent="Heirloom"');
  });
});

describe('what is no picture', () => {
  it('is refused with what it is, whatever it is named', async () => {
    for (const { name, bytes } of corpus.filter(({ family }) => family === 'no pictures'))
      await expect(decodeBytes(bytes(), name), name).rejects.toMatchObject({
        code: expect.stringMatching(/^input\/(empty|not-an-image|damaged)$/) as string,
      });
  });

  it('is never handed to a reader of libvips that Heirloom does not need', async () => {
    const { default: sharp } = await import('sharp');
    for (const name of ['svg.jpg', 'svg-external.jpg', 'portable-pixmap.jpg', 'csv.jpg', 'vips-picture.jpg'])
      await expect(sharp(fileOf(name)).metadata(), name).rejects.toThrow('unsupported image format');
  });
});
