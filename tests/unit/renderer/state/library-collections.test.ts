import { beforeEach, describe, expect, test, vi } from 'vitest';
import { collections } from '../../../../renderer/state/library-collections.svelte.ts';
import { settings } from '../../../../renderer/state/settings.svelte.ts';
import { fakeApi } from '../fake-api.ts';
import { settingsWith } from '../settings-fixture.ts';

vi.mock('../../../../renderer/api/api.ts', async () => ({
  api: (await import('../fake-api.ts')).fakeApi,
}));

const albums = (...names: string[]) =>
  names.map((name, index) => ({ id: index + 1, name, photoCount: 0, coverPhotoId: null, coverRevision: 0 }));
const people = (...names: string[]) =>
  names.map((name, index) => ({ id: index + 1, name, photoCount: 0, coverFaceId: null, coverRevision: 0 }));
const names = (list: readonly { name: string }[]): string[] => list.map(({ name }) => name);

beforeEach(() => {
  settings.use(settingsWith({ language: 'de' }));
  fakeApi.reset({
    // As the library answers: by the codes of their letters.
    'albums.list': () => albums('Album 10', 'Album 2', 'Zoo', 'Ägypten', 'Ōsaka'),
    'people.list': () => people('anna', 'zita', 'Änne', 'Émile', 'Óscar', 'Ñusta', 'Nuria', 'Nx'),
  });
});

describe('albums and people', () => {
  test('stand where their names are looked for', async () => {
    await collections.load();
    expect(names(collections.albums)).toEqual(['Ägypten', 'Album 2', 'Album 10', 'Ōsaka', 'Zoo']);
    expect(names(collections.people)).toEqual([
      'anna',
      'Änne',
      'Émile',
      'Nuria',
      'Ñusta',
      'Nx',
      'Óscar',
      'zita',
    ]);
  });

  test('follow the alphabet of the language that is chosen', async () => {
    await collections.load();
    settings.use(settingsWith({ language: 'es' }));
    expect(names(collections.people)).toEqual([
      'anna',
      'Änne',
      'Émile',
      'Nuria',
      'Nx',
      'Ñusta',
      'Óscar',
      'zita',
    ]);
  });
});
