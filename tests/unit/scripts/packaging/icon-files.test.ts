import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import {
  icns,
  ICNS_KINDS,
  ico,
  ICO_SIZES,
  type IconPicture,
} from '../../../../scripts/packaging/icon-files.ts';
import { ROOT } from '../../../fixtures/run-cli.ts';

async function plain(size: number): Promise<IconPicture> {
  const background = { r: 10, g: 20, b: 30, alpha: 1 };
  const png = await sharp({ create: { width: size, height: size, channels: 4, background } })
    .png()
    .toBuffer();
  const rgba = new Uint8Array(4 * size * size);
  for (let i = 0; i < size * size; i++) rgba.set([10, 20, 30, 255], 4 * i);
  return { size, rgba, png };
}
const pictures = (sizes: readonly number[]) => Promise.all([...new Set(sizes)].map(plain));

interface IcoEntry {
  size: number;
  content: Buffer;
}

function readIco(file: Buffer): IcoEntry[] {
  expect([file.readUInt16LE(0), file.readUInt16LE(2)]).toEqual([0, 1]);
  return Array.from({ length: file.readUInt16LE(4) }, (_, i) => {
    const at = 6 + 16 * i;
    const offset = file.readUInt32LE(at + 12);
    return { size: file[at] || 256, content: file.subarray(offset, offset + file.readUInt32LE(at + 8)) };
  });
}

function readIcns(file: Buffer): [kind: string, content: Buffer][] {
  expect(file.toString('latin1', 0, 4)).toBe('icns');
  expect(file.readUInt32BE(4)).toBe(file.length);
  const parts: [string, Buffer][] = [];
  for (let at = 8; at < file.length; at += file.readUInt32BE(at + 4))
    parts.push([file.toString('latin1', at, at + 4), file.subarray(at + 8, at + file.readUInt32BE(at + 4))]);
  return parts;
}

describe('ico', () => {
  it('holds small pictures as bitmaps from the bottom up, and the largest as PNG', async () => {
    const all = await pictures(ICO_SIZES);
    all[0]!.rgba.set([200, 100, 50, 128], 0);
    const entries = readIco(ico(all));
    expect(entries.map(({ size }) => size)).toEqual(ICO_SIZES);
    const [first] = entries;
    expect(first!.content.readInt32LE(8)).toBe(32);
    // The first pixel of the top row, blue first, after 15 other rows.
    expect([...first!.content.subarray(40 + 15 * 64, 44 + 15 * 64)]).toEqual([50, 100, 200, 128]);
    expect(first!.content.length).toBe(40 + 16 * 16 * 4 + 16 * 4);
    expect(entries.at(-1)!.content.subarray(1, 4).toString()).toBe('PNG');
  });

  it('throws without one of its sizes', async () => {
    expect(() => ico([])).toThrow('Expected a picture of 16 pixels');
    await expect(pictures([16]).then(ico)).rejects.toThrow('Expected a picture of 24 pixels');
  });
});

describe('icns', () => {
  it('holds a PNG of the right size for each kind', async () => {
    const parts = readIcns(icns(await pictures(Object.values(ICNS_KINDS))));
    expect(parts.map(([kind]) => kind)).toEqual(Object.keys(ICNS_KINDS));
    for (const [kind, content] of parts)
      expect((await sharp(content).metadata()).width).toBe(ICNS_KINDS[kind]);
  });

  it('throws without one of its sizes', () => {
    expect(() => icns([])).toThrow('Expected a picture of');
  });
});

describe('the icons in build/', () => {
  const build = (name: string) => readFileSync(join(ROOT, 'build', name));

  it('are containers with every size', async () => {
    expect(readIco(build('icon.ico')).map(({ size }) => size)).toEqual(ICO_SIZES);
    const kinds = readIcns(build('icon.icns'));
    expect(kinds.map(([kind]) => kind)).toEqual(Object.keys(ICNS_KINDS));
    expect(await sharp(build('icons/512x512.png')).metadata()).toMatchObject({ width: 512, hasAlpha: true });
  });

  it('show the drawing: terracotta around a portrait, one half faded', async () => {
    const { data, info } = await sharp(build('icon.png')).raw().toBuffer({ resolveWithObject: true });
    const at = (x: number, y: number) => [
      ...data.subarray(4 * (y * info.width + x), 4 * (y * info.width + x) + 4),
    ];
    expect(at(2, 2)[3]).toBe(0);
    expect(at(80, 256)[0]).toBeGreaterThan(2 * at(80, 256)[2]!);
    const brightness = (x: number) =>
      at(x, 210)
        .slice(0, 3)
        .reduce((sum, value) => sum + value, 0);
    expect(brightness(225)).toBeGreaterThan(brightness(287) + 150);
  });
});
