import { mkdir, mkdtemp, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import type { ApiEvent, ApiResult } from '../../contract/api.ts';
import type { PackReport } from '../../contract/engine.ts';
import { ERROR_TABLE, HeirloomError, type ErrorCode } from '../../contract/errors.ts';
import type { Engine } from '../engines.ts';
import { unpack } from './unpack.ts';
import { withoutFolder } from './without-folder.ts';

export interface PacksOptions {
  /** Folder of the packs that came with Heirloom. */
  bundled: string;
  /** Folder of those that a person imported. */
  own: string;
  /** Where an import is unpacked; on the same disk as `own`. */
  temporary: string;
  engines: { imaging: Engine; interactive: Engine };
  emit: (event: ApiEvent) => void;
}

/** A pack's id, which is also its folder's name. */
const KEY = /^[A-Za-z0-9][\w.-]{0,99}$/;
const MAX_CARD_BYTES = 256 * 1024;
const licensedSchema = z.object({ name: z.string(), licence: z.unknown() });

/** The model packs: those that came with Heirloom and those that a person added to the library. */
export class Packs {
  readonly #options: PacksOptions;

  constructor(options: PacksOptions) {
    this.#options = options;
  }

  async list(): Promise<ApiResult<'packs.list'>> {
    const { bundled, own, engines } = this.#options;
    await mkdir(own, { recursive: true });
    const reports = await engines.imaging.call('listPacks', { folders: [bundled, own] });
    return reports.map((report) => ({
      ...shown(report),
      key: basename(report.folder),
      bundled: report.folder.startsWith(join(bundled, '/')),
    }));
  }

  /** The folder of a pack. Throws `pack/not-found`. */
  async folderOf(key: string): Promise<string> {
    const { bundled, own } = this.#options;
    for (const parent of [bundled, own]) if (await isPack(parent, key)) return join(parent, key);
    throw new HeirloomError('pack/not-found', `No model pack is named ${key.slice(0, 100)}`);
  }

  /** The model card with the licence under it. */
  async card(key: string): Promise<{ markdown: string }> {
    const folder = await this.folderOf(key);
    const card = await readCard(join(folder, 'MODEL_CARD.md'));
    const { name, licence } = await readLicence(folder);
    const text = card ?? `# ${name}\n\nThis pack has no model card.`;
    return { markdown: `${text.trimEnd()}\n\nLicence: ${licence}\n` };
  }

  /** Hashes, shapes and the golden input on every provider; what is wrong stands in the report. */
  async check(key: string): Promise<ApiResult<'packs.check'>> {
    const folder = await this.folderOf(key);
    return shown(await this.#options.engines.interactive.call('checkPack', { folder }));
  }

  /**
   * Takes in a pack from a folder or a zip: unpacked aside, checked in full, then moved into place. Throws
   * `pack/invalid`, `pack/damaged` or `pack/too-new` with the file and the reason, `pack/exists`, `input/not-found`.
   */
  async import(source: string): Promise<{ key: string }> {
    await mkdir(this.#options.temporary, { recursive: true });
    const aside = await mkdtemp(join(this.#options.temporary, 'pack-'));
    try {
      await unpack(source, aside);
      const key = await this.#expectGood(aside, source);
      await this.#expectNew(key);
      await mkdir(this.#options.own, { recursive: true });
      await rename(aside, join(this.#options.own, key));
      this.#options.emit({ kind: 'packs' });
      return { key };
    } finally {
      await rm(aside, { recursive: true, force: true });
    }
  }

  /** Throws `argument/invalid` for one that came with Heirloom. */
  async remove(key: string): Promise<void> {
    const folder = await this.folderOf(key);
    if (await isPack(this.#options.bundled, key))
      throw new HeirloomError('argument/invalid', `${key} came with Heirloom and stays`);
    await rm(folder, { recursive: true });
    this.#options.emit({ kind: 'packs' });
  }

  async #expectGood(folder: string, source: string): Promise<string> {
    const { id, error } = await this.#options.engines.interactive.call('checkPack', { folder });
    if (error) throw asError(error, folder, source);
    if (id !== undefined && KEY.test(id)) return id;
    throw new HeirloomError('pack/invalid', `${basename(source)}: manifest.json: id: not usable as a name`);
  }

  async #expectNew(key: string): Promise<void> {
    for (const parent of [this.#options.bundled, this.#options.own])
      if (await isPack(parent, key))
        throw new HeirloomError('pack/exists', `A model pack ${key} is there already`);
  }
}

async function isPack(parent: string, key: string): Promise<boolean> {
  if (!KEY.test(key)) return false;
  return stat(join(parent, key, 'manifest.json')).then(
    (info) => info.isFile(),
    () => false,
  );
}

/** A report for the interface: its texts name the pack, not where it lies. */
function shown({ folder, error, providers, ...report }: PackReport): Omit<PackReport, 'folder'> {
  return {
    ...report,
    ...(error && { error: { ...error, message: error.message.replaceAll(folder, basename(folder)) } }),
    ...(providers && { providers: withoutFolder(providers, folder) }),
  };
}

function asError({ code, message }: NonNullable<PackReport['error']>, folder: string, source: string) {
  const known = Object.hasOwn(ERROR_TABLE, code) ? (code as ErrorCode) : 'pack/invalid';
  return new HeirloomError(known, message.replaceAll(folder, basename(source)));
}

/** Its beginning, where somebody put a book there; null where there is none. */
async function readCard(path: string): Promise<string | null> {
  const file = await open(path).catch(() => null);
  if (!file) return null;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_CARD_BYTES), 0, MAX_CARD_BYTES, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

async function readLicence(folder: string): Promise<{ name: string; licence: string }> {
  const text = await readFile(join(folder, 'manifest.json'), 'utf8');
  const { name, licence } = licensedSchema.parse(JSON.parse(text));
  return { name, licence: typeof licence === 'string' ? licence : JSON.stringify(licence) };
}
