import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HeirloomError } from '../contract/errors.ts';

/** The licences of the software inside, which packaging writes into an installed Heirloom. */
export class Licences {
  readonly #file: string;

  /** @param appFolder Where package.json lies. */
  constructor(appFolder: string) {
    this.#file = join(appFolder, 'THIRD-PARTY-LICENSES.txt');
  }

  get exist(): boolean {
    return existsSync(this.#file);
  }

  /** Throws `internal` where Heirloom is not installed but runs from its sources. */
  async read(): Promise<{ text: string }> {
    if (!this.exist)
      throw new HeirloomError('internal', 'Only an installed Heirloom has the licences beside it');
    return { text: await readFile(this.#file, 'utf8') };
  }
}
