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
 * Reads golden.json (`{"std": ...}`), the input (float32 little-endian) and the expected restoration (float16
 * little-endian). Throws `pack/invalid` where one does not fit the pack's size.
 */
export async function readGolden({ dir, manifest }: Pack): Promise<Golden> {
  const { golden, goldenInput, goldenRestoration } = manifest.files;
  const count = 3 * manifest.resolution ** 2;
  const file = path.join(dir, golden.name);
  const json = goldenSchema.safeParse(parseJson(await readFile(file), file));
  if (!json.success) throw new HeirloomError('pack/invalid', `${file} has no std`);
  return {
    y: decodeFloat32(await readExactly(path.join(dir, goldenInput.name), 4 * count)),
    restoration: decodeFloat16(await readExactly(path.join(dir, goldenRestoration.name), 2 * count)),
    std: json.data.std,
  };
}

async function readExactly(file: string, bytes: number): Promise<DataView> {
  const data = await readFile(file);
  if (data.byteLength === bytes) return new DataView(data.buffer, data.byteOffset, data.byteLength);
  throw new HeirloomError('pack/invalid', `${file}: expected ${bytes} bytes but found ${data.byteLength}`);
}

function decodeFloat32(view: DataView): Float32Array {
  return Float32Array.from({ length: view.byteLength / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

function decodeFloat16(view: DataView): Float32Array {
  return Float32Array.from({ length: view.byteLength / 2 }, (_, i) => view.getFloat16(2 * i, true));
}
