import { render, screen } from '@testing-library/svelte';
import { expect, test, vi } from 'vitest';
import type { PhotoSummary } from '../../../../contract/library.ts';
import PhotoTile from '../../../../renderer/components/library/photo-tile.svelte';

vi.mock('../../../../renderer/api/api.ts', async () => ({
  api: (await import('../fake-api.ts')).fakeApi,
  bridge: undefined,
}));

const PHOTO: PhotoSummary = {
  ...{ id: 7, name: 'scan.jpg', takenAt: null, width: 3, height: 2, turn: 0, state: 'new' },
  ...{ missing: false, changed: false, faceCount: 0, busy: false, revision: 1, currentVersionId: null },
};
const PROPS = { photo: PHOTO, index: 0, column: 1, selected: false, focused: false, size: 'large' } as const;

const cell = (): HTMLElement => screen.getByRole('gridcell');
const source = (): string | null | undefined => cell().querySelector('img')?.getAttribute('src');

test('small while the timeline moves, large once it rests, and then it stays so', async () => {
  const { rerender } = render(PhotoTile, { ...PROPS, moving: true });
  expect(source()).toBe('/picture/photo/7/small?r=1');
  await rerender({ moving: false });
  expect(source()).toBe('/picture/photo/7/large?r=1');
  await rerender({ moving: true });
  expect(source()).toBe('/picture/photo/7/large?r=1');
});

test('an icon for each thing that is to be known, and none for an ordinary photo', async () => {
  const icons = (): (string | null)[] =>
    [...cell().querySelectorAll('use')].map((use) => use.getAttribute('href'));
  const { rerender } = render(PhotoTile, { ...PROPS, moving: false });
  expect(icons()).toEqual([]);
  await rerender({ photo: { ...PHOTO, state: 'restored', missing: true } });
  expect(icons()).toEqual(['#tile-missing', '#tile-restored']);
  await rerender({ photo: { ...PHOTO, missing: true, changed: true } });
  expect(icons()).toEqual(['#tile-changed']);
  expect(cell().getAttribute('aria-label')).toBe('scan.jpg, Without a date, Original changed');
  await rerender({ photo: { ...PHOTO, state: 'faces', faceCount: 3 } });
  expect(icons()).toEqual(['#tile-faces']);
  expect(cell().textContent).toContain('3');
  await rerender({ photo: { ...PHOTO, state: 'no-faces' } });
  expect(icons()).toEqual(['#tile-no-faces']);
  expect(cell().querySelector('[title="No face found"]')).not.toBeNull();
  expect(cell().getAttribute('aria-label')).toContain('No face found');
});

test('what is scrolled past has no icons yet, and still says by its name what they mean', async () => {
  const photo = { ...PHOTO, state: 'restored' } as const;
  const { rerender } = render(PhotoTile, { ...PROPS, photo, moving: true });
  expect(cell().querySelector('use')).toBeNull();
  expect(cell().getAttribute('aria-label')).toContain('Restored');
  await rerender({ moving: false });
  expect(cell().querySelector('use')).not.toBeNull();
});

test('what is not there yet says so', () => {
  render(PhotoTile, { ...PROPS, photo: undefined, moving: false });
  expect(cell().getAttribute('aria-busy')).toBe('true');
});
