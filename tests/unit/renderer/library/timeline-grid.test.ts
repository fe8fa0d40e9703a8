import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { LOCALES, type PhotoSummary } from '../../../../contract/library.ts';
import TimelineGrid from '../../../../renderer/components/library/timeline-grid.svelte';
import { library } from '../../../../renderer/state/library.svelte.ts';
import { selection } from '../../../../renderer/state/library-selection.svelte.ts';
import { settings } from '../../../../renderer/state/settings.svelte.ts';
import { fakeApi } from '../fake-api.ts';
import { settingsWith } from '../settings-fixture.ts';

vi.mock('../../../../renderer/api/api.ts', async () => ({
  api: (await import('../fake-api.ts')).fakeApi,
  bridge: undefined,
}));

const photo = (id: number, changed: Partial<PhotoSummary> = {}): PhotoSummary => ({
  id,
  name: `scan-${id}.jpg`,
  takenAt: '1954-06-02',
  width: 3,
  height: 2,
  turn: 0,
  state: 'new',
  missing: false,
  changed: false,
  faceCount: 0,
  busy: false,
  revision: 4,
  ...changed,
});
const PHOTOS = [
  photo(11, { state: 'restored', faceCount: 2, currentVersionId: 5 }),
  photo(12, { state: 'failed', turn: 90 }),
  photo(13, { state: 'faces', faceCount: 1, missing: true, busy: true }),
];

const onopen = vi.fn();
const onremove = vi.fn();

/** jsdom measures nothing: one column of tiles. */
let grid: { focusedId: () => Promise<number | undefined> };
async function show(): Promise<HTMLElement[]> {
  await library.show({});
  grid = render(TimelineGrid, { active: true, onopen, onremove }).component;
  return waitFor(() => {
    const cells = screen.getAllByRole('gridcell');
    expect(cells.map((cell) => cell.dataset['id'])).toEqual(['11', '12', '13']);
    return cells;
  });
}
const press = (key: string, more: KeyboardEventInit = {}): Promise<boolean> =>
  fireEvent.keyDown(document.activeElement ?? document.body, { key, ...more });
const focused = (): string | undefined => (document.activeElement as HTMLElement | null)?.dataset['id'];

beforeEach(() => {
  onopen.mockReset();
  onremove.mockReset();
  settings.use(settingsWith({ language: 'en' }));
  selection.clear();
  selection.moveTo(0);
  fakeApi.reset({
    'timeline.months': () => [{ month: '1954-06', count: 3 }],
    'timeline.page': () => PHOTOS,
    'timeline.ids': () => [11, 12, 13],
  });
});

describe('what is shown', () => {
  test('a grid with its numbers of rows and columns, a heading for the month', async () => {
    await show();
    const grid = screen.getByRole('grid', { name: 'Photos by month' });
    expect(grid.getAttribute('aria-rowcount')).toBe('4');
    expect(grid.getAttribute('aria-multiselectable')).toBe('true');
    expect(screen.getByRole('heading', { name: 'June 1954' })).toBeTruthy();
    expect(screen.getAllByRole('row').map((row) => row.getAttribute('aria-rowindex'))).toEqual([
      '1',
      '2',
      '3',
      '4',
    ]);
  });

  test.each(LOCALES)('a year where no more is known, in %s', async (language) => {
    settings.use(settingsWith({ language }));
    const api = { 'timeline.months': () => [{ month: '1938', count: 3 }] };
    fakeApi.reset({ ...api, 'timeline.page': () => PHOTOS.map((one) => ({ ...one, takenAt: '1938' })) });
    const cells = await show();
    expect(screen.getByRole('heading', { name: '1938' })).toBeTruthy();
    for (const cell of cells) expect(cell.getAttribute('aria-label')).toMatch(/[,،] 1938[,،]/);
  });

  test('name, date and state are what a tile is called', async () => {
    const cells = await show();
    expect(cells.map((cell) => cell.getAttribute('aria-label'))).toEqual([
      'scan-11.jpg, June 2, 1954, Restored, 2 faces found',
      'scan-12.jpg, June 2, 1954, Restoring failed',
      'scan-13.jpg, June 2, 1954, 1 face found, Original missing, In the queue',
    ]);
  });

  test('the version that stands for the photo, else the original, turned as the person turned it', async () => {
    const cells = await show();
    const pictures = cells.map((cell) => cell.querySelector('img'));
    expect(pictures[0]?.getAttribute('src')).toBe('/picture/version/5/large?r=4');
    expect(pictures[1]?.getAttribute('src')).toBe('/picture/photo/12/large?r=4');
    expect(pictures[1]?.style.rotate).toBe('90deg');
  });

  test('a picture that cannot be shown leaves its name', async () => {
    const [first] = await show();
    const picture = first?.querySelector('img');
    if (!picture) throw new Error('Expected a picture');
    await fireEvent.error(picture);
    expect(first?.textContent).toContain('scan-11.jpg');
  });
});

describe('keyboard', () => {
  test('one tile is in the tab order; arrows, Home and End move it', async () => {
    const cells = await show();
    expect(cells.map((cell) => cell.tabIndex)).toEqual([0, -1, -1]);
    cells[0]?.focus();
    await press('ArrowDown');
    await waitFor(() => expect(focused()).toBe('12'));
    expect(cells.map((cell) => cell.tabIndex)).toEqual([-1, 0, -1]);
    await press('End');
    await waitFor(() => expect(focused()).toBe('13'));
    await press('ArrowRight');
    await waitFor(() => expect(focused()).toBe('13'));
    await press('Home');
    await waitFor(() => expect(focused()).toBe('11'));
  });

  test('with the keyboard nowhere, an arrow finds the photos, and no photo is meant by Delete', async () => {
    await show();
    expect(document.activeElement).toBe(document.body);
    expect(await grid.focusedId()).toBeUndefined();
    await press('ArrowDown');
    await waitFor(() => expect(focused()).toBe('11'));
    expect(await grid.focusedId()).toBe(11);
  });

  test('where text runs from right to left, so do the arrows', async () => {
    settings.use(settingsWith({ language: 'ar' }));
    const cells = await show();
    cells[0]?.focus();
    await press('ArrowLeft');
    await waitFor(() => expect(focused()).toBe('12'));
    await press('ArrowRight');
    await waitFor(() => expect(focused()).toBe('11'));
  });

  test('Shift chooses a range, and says so', async () => {
    const cells = await show();
    cells[0]?.focus();
    await press('ArrowDown', { shiftKey: true });
    await waitFor(() => expect(selection.list).toEqual([11, 12]));
    expect(cells.map((cell) => cell.getAttribute('aria-selected'))).toEqual(['true', 'true', 'false']);
  });

  test('Space chooses or not, Enter opens, Delete asks to remove', async () => {
    const cells = await show();
    cells[0]?.focus();
    await press(' ');
    await waitFor(() => expect(selection.list).toEqual([11]));
    await press(' ');
    await waitFor(() => expect(selection.list).toEqual([]));
    await press('Enter');
    await waitFor(() => expect(onopen).toHaveBeenCalledWith(11));
    await press('Delete');
    await press('Delete', { repeat: true });
    expect(onremove).toHaveBeenCalledOnce();
  });
});

describe('mouse and finger', () => {
  const click = async (cell: HTMLElement | undefined, more: MouseEventInit = {}, pointerType = 'mouse') => {
    if (!cell) throw new Error('Expected a tile');
    await fireEvent.pointerDown(cell, { pointerType, button: 0 });
    await fireEvent.pointerUp(cell, { pointerType });
    await fireEvent.click(cell, more);
  };

  test('a click chooses, Ctrl adds, Shift reaches', async () => {
    const cells = await show();
    await click(cells[2]);
    expect(selection.list).toEqual([13]);
    await click(cells[0], { ctrlKey: true });
    expect(selection.list).toEqual([13, 11]);
    await click(cells[1], { shiftKey: true });
    await waitFor(() => expect(selection.list).toEqual([11, 12]));
  });

  test('a press that was let go elsewhere draws no rectangle', async () => {
    const cells = await show();
    const capture = vi.fn();
    Object.assign(screen.getByRole('grid').parentElement!, { setPointerCapture: capture });
    await fireEvent.pointerDown(cells[0]!, { pointerType: 'mouse', button: 0, clientX: 5, clientY: 5 });
    await fireEvent.pointerMove(cells[0]!, { pointerType: 'mouse', buttons: 0, clientX: 90, clientY: 90 });
    await fireEvent.pointerMove(cells[0]!, { pointerType: 'mouse', buttons: 1, clientX: 95, clientY: 95 });
    expect(capture).not.toHaveBeenCalled();
  });

  test('a double click opens', async () => {
    const cells = await show();
    await fireEvent.dblClick(cells[1] as HTMLElement);
    expect(onopen).toHaveBeenCalledWith(12);
  });

  test('a finger opens, until something is chosen', async () => {
    const cells = await show();
    await click(cells[1], {}, 'touch');
    expect(onopen).toHaveBeenCalledWith(12);
    selection.choose(0, 11);
    await click(cells[1], {}, 'touch');
    expect(onopen).toHaveBeenCalledOnce();
    expect(selection.list).toEqual([11, 12]);
  });

  test('beside the photos, a click chooses none', async () => {
    await show();
    selection.choose(0, 11);
    await click(screen.getByRole('grid'));
    expect(selection.count).toBe(0);
  });
});
