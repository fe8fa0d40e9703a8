import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { HeirloomError } from '../../contract/errors.ts';
import { parseJson } from './manifest.ts';
import type { Pack } from './manifest.ts';

/** A pack's golden input and what its networks made of it where it was trained. */
export interface Golden {
  /** A synthetic aligned face, `[3, S, S]` in [0, 1]. */
  y: Float32Array;
  /** RM(y). */
  restoration: Float32Array;
  /** SE(y), in 512-pixel units. */
  std: number;
}

const goldenSchema = z.object({ std: z.number() });

/**
 * Reads golden.json (`{"std": ...}`), the input and the expected restoration (float16 or float32, little-endian, told
 * by the file's length). Throws `pack/invalid` where one does not fit the pack's size.
 */
export async function readGolden({ dir, manifest }: Pack): Promise<Golden> {
  const { golden, goldenInput, goldenRestoration } = manifest.files;
  const count = 3 * manifest.resolution ** 2;
  const file = path.join(dir, golden.name);
  const json = goldenSchema.safeParse(parseJson(await readFile(file), file));
  if (!json.success) throw new HeirloomError('pack/invalid', `${file} has no std`);
  return {
    y: await readFloats(path.join(dir, goldenInput.name), count),
    restoration: await readFloats(path.join(dir, goldenRestoration.name), count),
    std: json.data.std,
  };
}

async function readFloats(file: string, count: number): Promise<Float32Array> {
  const data = await readFile(file);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (data.byteLength === 2 * count)
    return Float32Array.from({ length: count }, (_, i) => view.getFloat16(2 * i, true));
  if (data.byteLength === 4 * count)
    return Float32Array.from({ length: count }, (_, i) => view.getFloat32(4 * i, true));
  throw new HeirloomError(
    'pack/invalid',
    `${file}: expected ${2 * count} or ${4 * count} bytes but found ${data.byteLength}`,
  );
}
