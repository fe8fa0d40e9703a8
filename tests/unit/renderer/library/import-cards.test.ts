import { render, screen } from '@testing-library/svelte';
import { tick } from 'svelte';
import { beforeEach, expect, test, vi } from 'vitest';
import ImportCards from '../../../../renderer/components/library/import-cards.svelte';
import { imports } from '../../../../renderer/state/library-imports.svelte.ts';
import { settings } from '../../../../renderer/state/settings.svelte.ts';
import { settingsWith } from '../settings-fixture.ts';

vi.mock('../../../../renderer/api/api.ts', async () => ({
  api: (await import('../fake-api.ts')).fakeApi,
  bridge: undefined,
}));
beforeEach(() => {
  imports.detection = null;
});

test.each([
  ['en', 'Looking for faces: 12 of 40'],
  ['de', 'Gesichter werden gesucht: 12 von 40'],
  ['es', 'Buscando caras: 12 de 40'],
  ['ar', /^البحث عن الوجوه: (12|١٢) من (40|٤٠)$/],
] as const)(
  'says in %s how far looking for faces is, and nothing when it is over',
  async (language, text) => {
    settings.use(settingsWith({ language }));
    render(ImportCards, { ondetails: () => {} });
    expect(screen.queryByText(text)).toBeNull();
    imports.detection = { done: 12, total: 40 };
    await tick();
    expect(screen.getByText(text)).toBeTruthy();
    imports.detection = null;
    await tick();
    expect(screen.queryByText(text)).toBeNull();
  },
);
