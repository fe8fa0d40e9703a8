import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readGolden } from '../../../../engine/models/golden.ts';
import { loadPack } from '../../../../engine/models/manifest.ts';
import { largestDifference } from '../../../fixtures/pictures.ts';
import { copyTinyPack, TINY_PACK } from '../../../fixtures/tiny-pack.ts';

const tiny = await loadPack(TINY_PACK);

describe('readGolden', () => {
  it('tells float16 from float32 by the length of the file', async () => {
    const pack = { ...tiny, dir: await copyTinyPack() };
    const { y } = await readGolden(pack);
    const half = new DataView(new ArrayBuffer(2 * y.length));
    y.forEach((value, i) => half.setFloat16(2 * i, value, true));
    await writeFile(path.join(pack.dir, pack.manifest.files.goldenInput.name), half);
    const again = await readGolden(pack);
    expect(again.y).toHaveLength(y.length);
    expect(largestDifference(again.y, y)).toBeLessThan(1e-3);
    expect(largestDifference(again.y, y)).toBeGreaterThan(0);
  });

  it('refuses a file of another length with both lengths that fit', async () => {
    const pack = { ...tiny, dir: await copyTinyPack() };
    const file = path.join(pack.dir, pack.manifest.files.goldenInput.name);
    await writeFile(file, new Uint8Array(100));
    await expect(readGolden(pack)).rejects.toMatchObject({
      code: 'pack/invalid',
      message: `${file}: expected 6144 or 12288 bytes but found 100`,
    });
  });
});
