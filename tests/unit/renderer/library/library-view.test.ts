import { fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { ApiEvent, ApiMethod } from '../../../../contract/api.ts';
import type { Album, Person, PhotoQueryInput } from '../../../../contract/library.ts';
import { finding } from '../../../../renderer/state/find-missing.svelte.ts';
import { library } from '../../../../renderer/state/library.svelte.ts';
import { settings } from '../../../../renderer/state/settings.svelte.ts';
import { toasts } from '../../../../renderer/state/toasts.svelte.ts';
import LibraryView from '../../../../renderer/views/library-view.svelte';
import { fakeApi } from '../fake-api.ts';
import { settingsWith } from '../settings-fixture.ts';
import WithTooltips from '../shared/with-tooltips.svelte';

vi.mock('../../../../renderer/api/api.ts', async () => ({
  api: (await import('../fake-api.ts')).fakeApi,
  bridge: undefined,
}));

const person = (id: number, name: string): Person => ({
  ...{ id, name, photoCount: 1 },
  ...{ coverFaceId: null, coverRevision: 0 },
});
const album = (id: number, name: string): Album => ({
  ...{ id, name, photoCount: 1 },
  ...{ coverPhotoId: null, coverRevision: 0 },
});

beforeEach(() => {
  settings.use(settingsWith({ language: 'en' }));
  toasts.list = [];
  fakeApi.reset({
    'timeline.months': () => [],
    'import.list': () => [],
    'albums.list': () => [album(3, 'Italy'), album(4, 'Easter')],
    'people.list': () => [person(3, 'Ana'), person(4, 'Anna')],
  });
});

async function show(query: PhotoQueryInput): Promise<void> {
  await library.show(query);
  render(WithTooltips, { tested: LibraryView, given: { active: true } });
  await screen.findByRole('button', { name: 'Actions for Ana' });
}

async function choose(action: 'Rename' | 'Remove', name: string): Promise<HTMLElement> {
  const trigger = screen.getByRole('button', { name: `Actions for ${name}` });
  trigger.focus();
  await fireEvent.keyDown(trigger, { key: 'Enter' });
  await fireEvent.keyDown(await screen.findByRole('menuitem', { name: action }), { key: 'Enter' });
  return screen.findByRole('dialog');
}

async function rename(name: string, to: string): Promise<void> {
  const dialog = within(await choose('Rename', name));
  await fireEvent.input(dialog.getByLabelText('Name'), { target: { value: to } });
  await fireEvent.click(dialog.getByRole('button', { name: 'Rename' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
}

async function remove(name: string): Promise<void> {
  await fireEvent.click(within(await choose('Remove', name)).getByRole('button', { name: 'Remove' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
}

/** Of the side panel. */
const marked = (): string | undefined =>
  within(screen.getByRole('navigation')).getByRole('button', { current: 'page' }).textContent?.trim();

describe('a person who is renamed', () => {
  test('to a name that exists is that person from then on, with the other conditions', async () => {
    fakeApi.answers['people.rename'] = () => person(4, 'Anna');
    await show({ personId: 3, state: 'restored' });
    await rename('Ana', 'Anna');
    expect(fakeApi.called('people.rename')).toEqual([{ id: 3, name: 'Anna' }]);
    expect(library.query).toEqual({ personId: 4, state: 'restored' });
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('Anna');
    expect(marked()).toContain('Anna');
  });

  test.each<PhotoQueryInput>([{ personId: 4 }, { albumId: 3 }])('leaves %j where it is', async (query) => {
    fakeApi.answers['people.rename'] = () => person(4, 'Anna');
    await show(query);
    await rename('Ana', 'Anna');
    expect(library.query).toEqual(query);
  });
});

describe('what is gone', () => {
  test.each<[PhotoQueryInput, ApiEvent]>([
    [{ personId: 3 }, { kind: 'people' }],
    [{ albumId: 3 }, { kind: 'albums' }],
  ])('by undo is not shown any more: %j', async (query, event) => {
    await show(query);
    expect(library.query).toEqual(query);
    fakeApi.answers['people.list'] = () => [person(4, 'Anna')];
    fakeApi.answers['albums.list'] = () => [album(4, 'Easter')];
    fakeApi.send(event);
    await waitFor(() => expect(library.query).toEqual({}));
  });

  test('into another person is followed, though the list is read first', async () => {
    fakeApi.answers['people.rename'] = async () => {
      fakeApi.answers['people.list'] = () => [person(4, 'Anna')];
      fakeApi.send({ kind: 'people' });
      await new Promise((done) => setTimeout(done));
      return person(4, 'Anna');
    };
    await show({ personId: 3, state: 'restored' });
    await rename('Ana', 'Anna');
    expect(library.query).toEqual({ personId: 4, state: 'restored' });
  });
});

describe('what is removed', () => {
  test.each<[ApiMethod, string, PhotoQueryInput, PhotoQueryInput]>([
    ['albums.remove', 'Italy', { albumId: 3 }, {}],
    ['people.remove', 'Ana', { personId: 3 }, {}],
    // What has its number among the others stays.
    ['albums.remove', 'Italy', { personId: 3 }, { personId: 3 }],
    ['people.remove', 'Ana', { albumId: 3 }, { albumId: 3 }],
  ])('by %s (%s) leads from %j to %j', async (method, name, before, after) => {
    fakeApi.answers[method] = () => null;
    await show(before);
    await remove(name);
    expect(fakeApi.called(method)).toEqual([{ id: 3 }]);
    expect(library.query).toEqual(after);
  });

  test('is still shown where that failed', async () => {
    await show({ personId: 3 });
    await remove('Ana');
    expect(fakeApi.called('people.remove')).toEqual([{ id: 3 }]);
    expect(toasts.list).toHaveLength(1);
    expect(library.query).toEqual({ personId: 3 });
  });
});

describe('missing originals', () => {
  const offer = () => screen.queryByRole('button', { name: 'Look for missing originals in a folder …' });

  test('can be looked for in a folder where they are shown', async () => {
    fakeApi.answers['timeline.months'] = () => [{ month: '1953-06', count: 2 }];
    fakeApi.answers['timeline.page'] = () => [];
    await show({});
    expect(offer()).toBeNull();
    await library.narrow({ state: 'missing' });
    await fireEvent.click(await screen.findByRole('button', { name: /^Look for missing/ }));
    expect(finding.open).toBe(true);
    finding.close();
  });

  test('are not offered to be looked for where none is missing', async () => {
    await show({ state: 'missing' });
    expect(offer()).toBeNull();
  });
});

describe('emptying the bin', () => {
  const months = (query: PhotoQueryInput) => [{ month: '1953-06', count: query.text ? 1 : 12 }];
  const ask = async (): Promise<HTMLElement> => {
    await fireEvent.click(screen.getByRole('button', { name: 'Empty the bin' }));
    return screen.findByRole('dialog');
  };

  test.each<[string, PhotoQueryInput]>([
    ['all of it', { bin: true }],
    ['a search in it', { bin: true, text: 'grandma' }],
  ])('asks about every photo that goes, though %s is in sight', async (_, query) => {
    Object.assign(fakeApi.answers, {
      'timeline.months': (params: { query: PhotoQueryInput }) => months(params.query),
      'timeline.page': () => [],
    });
    await show(query);
    expect(within(await ask()).getByRole('heading').textContent).toContain('12');
  });

  test('can be had while a search meets nothing of it', async () => {
    fakeApi.answers['timeline.months'] = (params: { query: PhotoQueryInput }) =>
      params.query.text ? [] : months(params.query);
    await show({ bin: true, text: 'nobody' });
    expect(within(await ask()).getByRole('heading').textContent).toContain('12');
  });
});
