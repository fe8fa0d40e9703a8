/**
 * Reads messages/<locale>/<area>.json into Paraglide's project. The SDK loads this file as a data: address, so it
 * imports nothing. Inlang's own message-format plugin is published for its CDN and reads one file a locale; here each
 * area has its own file, and a build needs no network.
 *
 * A message is a text with placeholders, `{name}` or `{count:number}` (grouped digits of the locale), or one text for
 * each plural category of the variable that `by` names:
 *   { "by": "count", "one": "{count:number} photo", "other": "{count:number} photos" }
 */

const AREAS = [
  'common',
  'library',
  'photo',
  'compare',
  'restore',
  'jobs',
  'export',
  'models',
  'settings',
  'help',
  'errors',
  'said',
];
const PLURALS = ['zero', 'one', 'two', 'few', 'many', 'other'];
const PLACEHOLDER = /\{(\w+)(?::(number))?\}/g;

const reference = (name) => ({ type: 'variable-reference', name });
const call = (name) => ({ type: 'function-reference', name, options: [] });

/** `a {b} c` as the parts that Paraglide compiles. */
function parsePattern(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(PLACEHOLDER)) {
    if (match.index > end) parts.push({ type: 'text', value: text.slice(end, match.index) });
    const [all, name, format] = match;
    parts.push({
      type: 'expression',
      arg: reference(name),
      ...(format ? { annotation: call(format) } : {}),
    });
    end = match.index + all.length;
  }
  if (end < text.length) parts.push({ type: 'text', value: text.slice(end) });
  return parts;
}

function checkedMessage(key, message, file) {
  const texts = typeof message === 'string' ? [message] : Object.values(message ?? {});
  const plural = typeof message === 'object' && message !== null;
  if (texts.length === 0 || texts.some((text) => typeof text !== 'string'))
    throw new Error(`Expected a text or plural texts for ${key} in ${file}`);
  if (!plural) return;
  if (typeof message.by !== 'string' || typeof message.other !== 'string')
    throw new Error(`Expected "by" and "other" for ${key} in ${file}`);
  const unknown = Object.keys(message).find((name) => name !== 'by' && !PLURALS.includes(name));
  if (unknown)
    throw new Error(`Expected one of ${PLURALS.join(', ')} but received ${unknown} for ${key} in ${file}`);
}

function inputNames(message) {
  const texts = typeof message === 'string' ? [message] : PLURALS.map((name) => message[name] ?? '');
  const names = texts.flatMap((text) => [...text.matchAll(PLACEHOLDER)].map((match) => match[1]));
  return [...new Set(typeof message === 'string' ? names : [message.by, ...names])];
}

function declarations(message) {
  const inputs = inputNames(message).map((name) => ({ type: 'input-variable', name }));
  if (typeof message === 'string') return inputs;
  const value = { type: 'expression', arg: reference(message.by), annotation: call('plural') };
  return [...inputs, { type: 'local-variable', name: 'category', value }];
}

function variants(key, locale, message) {
  const place = { messageBundleId: key, messageLocale: locale };
  if (typeof message === 'string') return [{ ...place, matches: [], pattern: parsePattern(message) }];
  return PLURALS.filter((name) => message[name] !== undefined).map((name) => ({
    ...place,
    matches: [
      name === 'other'
        ? { type: 'catchall-match', key: 'category' }
        : { type: 'literal-match', key: 'category', value: name },
    ],
    pattern: parsePattern(message[name]),
  }));
}

/** Bundles (a key with its inputs), messages (one a locale) and variants (one a plural) of all files. */
function readFiles(files) {
  const bundles = new Map();
  const messages = [];
  const allVariants = [];
  for (const file of files) {
    const { area } = file.toBeImportedFilesMetadata;
    const name = `${file.locale}/${area}.json`;
    const entries = Object.entries(JSON.parse(new TextDecoder().decode(file.content)));
    for (const [key, message] of entries) {
      if (!key.startsWith(`${area}_`))
        throw new Error(`Expected a key that begins with ${area}_ but received ${key} in ${name}`);
      checkedMessage(key, message, name);
      const own = declarations(message);
      const known = bundles.get(key)?.declarations ?? [];
      const added = own.filter((one) => !known.some((other) => other.name === one.name));
      bundles.set(key, { id: key, declarations: [...known, ...added] });
      const selectors = typeof message === 'string' ? [] : [reference('category')];
      messages.push({ bundleId: key, locale: file.locale, selectors });
      allVariants.push(...variants(key, file.locale, message));
    }
  }
  return { bundles: [...bundles.values()], messages, variants: allVariants };
}

export default {
  key: 'plugin.heirloom.areaMessages',
  toBeImportedFiles: ({ settings }) =>
    settings.locales.flatMap((locale) =>
      AREAS.map((area) => ({ locale, path: `./messages/${locale}/${area}.json`, metadata: { area } })),
    ),
  importFiles: ({ files }) => readFiles(files),
};
