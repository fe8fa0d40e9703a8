import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { HeirloomError } from '../../contract/errors.ts';
import { listAsar } from './asar.ts';
import { filesOf } from './layout.ts';

export interface ShippedPackage {
  name: string;
  version: string;
  /** SPDX, as its package.json says. */
  license: string;
  /** Where it is installed. */
  folder: string;
}

const packageSchema = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string().default('licence below'),
});
const bundledSchema = z.array(z.string());

const LICENCE_FILE = /^(licen[cs]e|copying|notice|third[-_]?party[-_]?notices?)([._-].*)?$/i;

/** Texts of build/licences for what comes without, or with more than its own package says. */
const TEXTS: readonly [of: RegExp, file: string][] = [
  [/^onnxruntime-node$/, 'onnxruntime.txt'],
  [/^onnxruntime-common$/, 'onnxruntime-common.txt'],
  [/^node$/, 'node.txt'],
  [/^@tensorflow\//, 'tfjs.txt'],
  // On Windows libvips is in sharp's own package.
  [/^@img\/sharp-(libvips-|win32-)/, 'libvips.txt'],
  [/^lazy-val$/, 'lazy-val.txt'],
  [/^seedrandom$/, 'seedrandom.txt'],
];
/** Files that come with a package but under terms of their own. */
const FILES: readonly [name: RegExp, file: string][] = [
  [/^(DirectML|dxcompiler|dxil)\.dll$/i, 'directx.txt'],
];

/**
 * The packages of an assembled Heirloom: below program/node_modules, inside the archive, and those that the interface
 * was built from.
 */
export function shippedPackages(root: string, resources: string, bundled: unknown): ShippedPackage[] {
  const ofProgram = filesOf(join(resources, 'program')).filter((file) => file.startsWith('node_modules/'));
  const ofArchive = listAsar(join(resources, 'app.asar')).map(({ path }) => path);
  const manifests = [...ofProgram, ...ofArchive].filter(isManifest).map((file) => dirname(file));
  const inInterface = bundledSchema.parse(bundled).map((name) => `node_modules/${name}`);
  const folders = [...new Set([...manifests, ...inInterface])].sort();
  return folders.map((folder) => readPackage(join(root, folder)));
}

/** Of a package itself: not those that only name the kind of modules below them. */
function isManifest(file: string): boolean {
  return /(^|\/)node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/.test(file);
}

function readPackage(folder: string): ShippedPackage {
  const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return { ...packageSchema.parse(manifest), folder };
}

/** Names of the texts that a package's natives need, of build/licences. */
function textsFor({ name }: ShippedPackage, shippedFiles: readonly string[]): string[] {
  const own = TEXTS.filter(([of]) => of.test(name)).map(([, file]) => file);
  const inside = shippedFiles.filter((file) => file.includes(`/node_modules/${name}/`));
  const extra = FILES.filter(([of]) => inside.some((file) => of.test(basename(file)))).map(
    ([, file]) => file,
  );
  return [...own, ...extra];
}

/** The licence texts of one package; empty where there is none. Throws where one of build/licences is missing. */
function licenceTexts(root: string, shipped: ShippedPackage, shippedFiles: readonly string[]): string[] {
  const own = readdirSync(shipped.folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && LICENCE_FILE.test(entry.name))
    .map((entry) => join(shipped.folder, entry.name));
  const kept = textsFor(shipped, shippedFiles).map((file) => join(root, 'build', 'licences', file));
  const missing = kept.find((file) => !existsSync(file));
  if (missing !== undefined) throw new HeirloomError('internal', `${shipped.name} needs ${missing}`);
  return [...own, ...kept].map((file) => readFileSync(file, 'utf8').trim());
}

const RULE = '='.repeat(100);
const HEAD = `Heirloom is made with the software below. Heirloom itself is under the MIT licence; Electron's and Chromium's
licences are in LICENSE.electron.txt and LICENSES.chromium.html. The model packs have their own licences, in their
model cards.`;

/**
 * The text of THIRD-PARTY-LICENSES.txt: each package with its licence, the same text once.
 * Throws `internal`, naming every package that has no licence text.
 */
export function thirdPartyLicenses(
  root: string,
  packages: readonly ShippedPackage[],
  shippedFiles: readonly string[],
): string {
  const users = new Map<string, string[]>();
  const without: string[] = [];
  for (const shipped of packages) {
    const title = `${shipped.name} ${shipped.version} (${shipped.license})`;
    const texts = licenceTexts(root, shipped, shippedFiles);
    if (texts.length === 0) without.push(title);
    for (const text of texts) users.set(text, [...(users.get(text) ?? []), title]);
  }
  if (without.length > 0)
    throw new HeirloomError('internal', `No licence text for ${without.join(', ')}: see build/licences`);
  const parts = [...users].map(([text, titles]) => `${RULE}\n${titles.join('\n')}\n${RULE}\n\n${text}`);
  return `${HEAD}\n\n${parts.join('\n\n')}\n`;
}
