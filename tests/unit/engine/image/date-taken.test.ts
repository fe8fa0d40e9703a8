import { describe, expect, it } from 'vitest';
import { dateTaken } from '../../../../engine/image/exif.ts';

/** An EXIF block whose sub-directory holds one ASCII entry. */
function block(text: string, { little = true, tag = 0x9003 } = {}): Uint8Array {
  const bytes = Buffer.alloc(44 + text.length + 1);
  const u16 = (value: number, at: number) =>
    little ? bytes.writeUInt16LE(value, at) : bytes.writeUInt16BE(value, at);
  const u32 = (value: number, at: number) =>
    little ? bytes.writeUInt32LE(value, at) : bytes.writeUInt32BE(value, at);
  const entry = (at: number, values: [tag: number, type: number, count: number, value: number]) => {
    u16(values[0], at);
    u16(values[1], at + 2);
    u32(values[2], at + 4);
    u32(values[3], at + 8);
  };
  bytes.write(little ? 'II' : 'MM', 0, 'latin1');
  u16(42, 2);
  u32(8, 4);
  u16(1, 8);
  entry(10, [0x8769, 4, 1, 26]);
  u16(1, 26);
  entry(28, [tag, 2, text.length + 1, 44]);
  bytes.write(text, 44, 'latin1');
  return bytes;
}

describe('dateTaken', () => {
  it.each([true, false])('reads DateTimeOriginal (little endian: %s)', (little) => {
    expect(dateTaken(block('1938:07:14 09:05:59', { little }))).toBe('1938-07-14T09:05:59');
  });

  it.each([
    ['nothing known', '    :  :     :  :  '],
    ['zeros', '0000:00:00 00:00:00'],
    ['no such day', '1938:02:29 10:00:00'],
    ['no such hour', '1938:02:28 25:00:00'],
    ['words', 'a summer in the 1930s'],
    ['nothing', ''],
  ])('takes %s for no date', (_, text) => {
    expect(dateTaken(block(text))).toBeNull();
  });

  it('knows leap years', () => {
    expect(dateTaken(block('1936:02:29 10:00:00'))).toBe('1936-02-29T10:00:00');
  });

  it('finds none in other entries, cut blocks and what is no EXIF', () => {
    const whole = block('1938:07:14 09:05:59');
    expect(dateTaken(block('1938:07:14 09:05:59', { tag: 0x9004 }))).toBeNull();
    for (const end of [0, 7, 9, 20, 30, 50]) expect(dateTaken(whole.subarray(0, end))).toBeNull();
    expect(dateTaken(new Uint8Array(64).fill(7))).toBeNull();
  });
});
