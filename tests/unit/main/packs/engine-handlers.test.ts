import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { HeirloomError } from '../../../../contract/errors.ts';
import { engineHandlers, type EngineHandlerTools } from '../../../../main/packs/engine-handlers.ts';
import { temporaryFolder } from '../../../fixtures/make-pictures.ts';

let folder: string;
let pack: string;
/** What the engine finds when it opens the pack. */
let milliseconds: number;
let opened: number;
let handlers: ReturnType<typeof engineHandlers>;

beforeEach(async () => {
  folder = await temporaryFolder();
  pack = join(folder, 'tiny');
  [milliseconds, opened] = [10, 0];
  const call = () => {
    opened++;
    if (milliseconds === 0) throw new HeirloomError('pack/damaged', 'no');
    return Promise.resolve({
      provider: 'cpu',
      verdicts: [{ provider: 'cpu', usable: true, reason: `of ${pack}`, milliseconds }],
    });
  };
  const engine = {
    running: true,
    call: async () => call(),
  } as unknown as EngineHandlerTools['engines']['restore'];
  handlers = engineHandlers({
    engines: { restore: engine, interactive: engine },
    models: () => Promise.resolve({ pack, provider: 'auto' }),
  });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** As an import does it: all of it at once, in the place of the one that was removed. */
function putPack(text: string): void {
  rmSync(pack, { recursive: true, force: true });
  mkdirSync(pack);
  writeFileSync(join(pack, 'manifest.json'), text);
}
const status = async () => (await handlers['engine.status']({})).verdicts;
const verdict = (time: number) => [{ provider: 'cpu', usable: true, reason: 'of tiny', milliseconds: time }];

it('is asked of the engine once, and again for a pack that took the place of another', async () => {
  putPack('{"version": "1.0.0"}');
  expect(await Promise.all([status(), status()])).toEqual([verdict(10), verdict(10)]);
  milliseconds = 25;
  expect(await status()).toEqual(verdict(10));
  expect(opened).toBe(1);
  putPack('{"version": "1.1.0 "}');
  expect(await status()).toEqual(verdict(25));
  expect(await status()).toEqual(verdict(25));
  expect(opened).toBe(2);
});

it('is asked again after a failure', async () => {
  putPack('{}');
  milliseconds = 0;
  await expect(status()).rejects.toMatchObject({ code: 'pack/damaged' });
  milliseconds = 30;
  expect(await status()).toEqual(verdict(30));
});
