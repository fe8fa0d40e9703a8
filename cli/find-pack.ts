import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HeirloomError } from '../contract/errors.ts';

/** The folder of packs that came with Heirloom. */
export const BUNDLED_PACKS = fileURLToPath(new URL('../resources/models/', import.meta.url));
export const DEFAULT_PACK = 'family-256';

async function isPack(folder: string): Promise<boolean> {
  return stat(join(folder, 'manifest.json')).then(
    (info) => info.isFile(),
    () => false,
  );
}

/** The folder of a pack given by its id or its folder. Throws `pack/not-found`, and `argument/invalid` for nothing. */
export async function findPack(idOrFolder: string = DEFAULT_PACK): Promise<string> {
  if (idOrFolder === '')
    throw new HeirloomError('argument/invalid', 'Expected the id or folder of a pack but received nothing');
  for (const folder of [join(BUNDLED_PACKS, idOrFolder), resolve(idOrFolder)])
    if (await isPack(folder)) return folder;
  throw new HeirloomError(
    'pack/not-found',
    `${idOrFolder}: no pack of this id and no folder with a manifest.json`,
  );
}
