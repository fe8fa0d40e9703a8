import sharp, { type Sharp } from 'sharp';
import { PICTURES } from '../fixtures/make-pictures.ts';
import { Random } from '../fixtures/random.ts';

/** Good pictures of every format that the application imports; the hostile ones are made of them. */
export type BasePictures = ReadonlyMap<string, Buffer>;

const GOOD = [
  ...['plain.jpg', 'plain.png', 'plain.webp', 'plain.tiff', 'plain.avif', 'plain.gif', 'plain.heic'],
  ...['ten-bit.heic', 'ten-bit.avif', 'palette.png', 'alpha.png', 'alpha.webp', 'grey.jpg', 'grey-alpha.png'],
  ...['grey16.png', 'grey16.tiff', 'rgb16.png', 'rgb16.tiff', 'alpha16.png', 'cmyk.jpg', 'animated.gif'],
  ...['animated.webp', 'two-pages.tiff', 'p3.jpg', 'exif-xmp.jpg'],
] as const satisfies readonly (keyof typeof PICTURES)[];

const WIDTH = 240;
const HEIGHT = 160;

/** Bigger than the fixtures, and not flat: several strips, tiles, blocks and scans. */
function grain(random: Random, channels: 3 | 4 = 3): Sharp {
  const data = Buffer.alloc(WIDTH * HEIGHT * channels);
  for (let i = 0; i < data.length; i++) data[i] = (i / WIDTH + random.below(90)) & 255;
  return sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels } });
}

const GRAINY: Record<string, (picture: Sharp) => Sharp> = {
  'baseline.jpg': (picture) => picture.jpeg({ quality: 80 }),
  'progressive.jpg': (picture) => picture.jpeg({ quality: 80, progressive: true }),
  'interlaced.png': (picture) => picture.png({ progressive: true }),
  'lossy.webp': (picture) => picture.webp({ quality: 70 }),
  'lossy.avif': (picture) => picture.avif({ quality: 40, effort: 0 }),
  'strips.tiff': (picture) => picture.tiff({ compression: 'packbits' }),
  'tiles.tiff': (picture) =>
    picture.tiff({ compression: 'deflate', tile: true, tileWidth: 64, tileHeight: 64 }),
  'jpeg.tiff': (picture) => picture.tiff({ compression: 'jpeg', quality: 70 }),
  'pyramid.tiff': (picture) => picture.tiff({ compression: 'lzw', tile: true, pyramid: true }),
  'bilevel.tiff': (picture) =>
    picture.threshold(128).toColourspace('b-w').tiff({ bitdepth: 1, compression: 'ccittfax4' }),
  'colours.gif': (picture) => picture.gif({ effort: 1 }),
};

export async function makeBasePictures(seed: number): Promise<BasePictures> {
  const pictures = new Map<string, Buffer>();
  for (const name of GOOD) pictures.set(name, await PICTURES[name]());
  for (const [name, encode] of Object.entries(GRAINY))
    pictures.set(name, await encode(grain(Random.of(seed, name))).toBuffer());
  return pictures;
}
