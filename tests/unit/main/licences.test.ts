import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Licences } from '../../../main/licences.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heirloom-licences-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('has none where Heirloom runs from its sources, and reads those of an installed one', async () => {
  const licences = new Licences(folder);
  expect(licences.exist).toBe(false);
  await expect(licences.read()).rejects.toThrow('Only an installed Heirloom');
  await writeFile(join(folder, 'THIRD-PARTY-LICENSES.txt'), 'MIT, by Berta');
  expect(licences.exist).toBe(true);
  expect(await licences.read()).toEqual({ text: 'MIT, by Berta' });
});
