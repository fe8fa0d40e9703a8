import { makeBasePictures } from './base-pictures.ts';
import { documents } from './documents.ts';
import { metadataBombs } from './metadata-bombs.ts';
import { flips, renames, splices, truncations, words, type HostileFile } from './mutations.ts';
import { pixelBombs } from './pixel-bombs.ts';
import { Random } from '../fixtures/random.ts';

const FLIPS_EACH = 50;
const WORDS_EACH = 30;
const SPLICES_EACH = 10;

/** Every file of the corpus, in a fixed order; the same seed makes the same bytes. */
export async function makeCorpus(seed: number): Promise<HostileFile[]> {
  const pictures = await makeBasePictures(seed);
  const others = [...pictures.values()];
  const mutated = [...pictures].flatMap(([name, file]) => {
    const random = Random.of(seed, name);
    return [
      { name: `good-${name}`, family: 'good', bytes: () => file },
      ...truncations(name, file),
      ...flips(name, file, FLIPS_EACH, random),
      ...words(name, file, WORDS_EACH, random),
      ...splices(name, file, others, SPLICES_EACH, random),
      ...renames(name, file),
    ];
  });
  return [...mutated, ...documents(), ...metadataBombs(pictures), ...pixelBombs(pictures)];
}

/** `count` of the files, spread over all families, by the seed. */
export function sampleOf(files: readonly HostileFile[], count: number, seed: number): HostileFile[] {
  const random = Random.of(seed, 'sample');
  const order = files.map((file) => ({ file, key: random.next() })).sort((a, b) => a.key - b.key);
  const families = Map.groupBy(order, ({ file }) => file.family);
  const share = count / files.length;
  const chosen = [...families.values()].flatMap((group) =>
    group.slice(0, Math.max(1, Math.round(group.length * share))).map(({ file }) => file),
  );
  return chosen.slice(0, count);
}
