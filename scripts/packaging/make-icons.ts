/**
 * `node scripts/packaging/make-icons.ts`: draws build/icon.svg (build/icon-small.svg up to 48 pixels) into
 * build/icon.ico, build/icon.icns, build/icon.png and build/icons/. The results are kept in the repository.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { icns, ico, ICNS_KINDS, ICO_SIZES, type IconPicture } from './icon-files.ts';

const BUILD = fileURLToPath(new URL('../../build', import.meta.url));
/** What Linux desktops look for. */
const LINUX_SIZES = [16, 24, 32, 48, 64, 128, 256, 512];
const SMALL = 48;
/** Side of both drawings, and the resolution at which sharp draws them so. */
const DRAWN = 1024;
const DRAWN_DENSITY = 72;

async function draw(size: number): Promise<IconPicture> {
  const drawing = join(BUILD, size <= SMALL ? 'icon-small.svg' : 'icon.svg');
  // Four times as many pixels, then fewer: finer edges than drawing at the size itself.
  const density = Math.max(1, (DRAWN_DENSITY * Math.min(size * 4, DRAWN)) / DRAWN);
  const picture = sharp(drawing, { density }).resize(size, size).ensureAlpha();
  const rgba = await picture.clone().raw().toBuffer();
  return { size, rgba, png: await picture.png({ compressionLevel: 9 }).toBuffer() };
}

async function main(): Promise<void> {
  const sizes = new Set([...Object.values(ICNS_KINDS), ...ICO_SIZES, ...LINUX_SIZES]);
  const pictures = await Promise.all([...sizes].map(draw));
  writeFileSync(join(BUILD, 'icon.icns'), icns(pictures));
  writeFileSync(join(BUILD, 'icon.ico'), ico(pictures));
  mkdirSync(join(BUILD, 'icons'), { recursive: true });
  for (const { size, png } of pictures) {
    if (size === 512) writeFileSync(join(BUILD, 'icon.png'), png);
    if (LINUX_SIZES.includes(size)) writeFileSync(join(BUILD, 'icons', `${size}x${size}.png`), png);
  }
}

if (import.meta.main) await main();
