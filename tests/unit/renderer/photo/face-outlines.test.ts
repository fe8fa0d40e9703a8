import { fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import FaceOutlines from '../../../../renderer/components/photo/face-outlines.svelte';
import { settings } from '../../../../renderer/state/settings.svelte.ts';
import { Viewport } from '../../../../renderer/state/viewport.svelte.ts';
import { settingsWith } from '../settings-fixture.ts';
import { makeFace } from './make-photo.ts';

beforeEach(() => {
  settings.use(settingsWith({ language: 'en' }));
  vi.useFakeTimers();
});
afterEach(() => void vi.useRealTimers());

const FACES = [
  makeFace(1, { person: { id: 4, name: 'Rosa' } }),
  makeFace(2, { tooSmall: true }),
  makeFace(3, { off: true }),
];

function show(selectedId: number | null) {
  const viewport = new Viewport();
  viewport.setStage({ width: 432, height: 232 });
  viewport.setPicture({ width: 400, height: 200 }, 0);
  const given = { onselect: vi.fn(), onzoom: vi.fn(), onchange: vi.fn(), onremove: vi.fn() };
  const hasOwn = (id: number) => id === 3;
  render(FaceOutlines, { viewport, faces: FACES, selectedId, hasOwn, ...given });
  return { ...given, viewport };
}

test('each face is a button with its number, name, blur and what is the matter with it', () => {
  show(null);
  expect(screen.getAllByRole('button').map((button) => button.getAttribute('aria-label'))).toEqual([
    'Face 1, Rosa, Blur 3.3',
    'Face 2, Too small to restore',
    'Face 3, Blur 3.3, Left as it is, Settings of its own',
  ]);
});

test('a press selects', async () => {
  const { onselect } = show(null);
  await fireEvent.click(screen.getByRole('button', { name: /^Face 2/ }));
  expect(onselect).toHaveBeenCalledWith(2);
});

test('a double click goes close to it', async () => {
  const { onzoom } = show(null);
  await fireEvent.dblClick(screen.getByRole('button', { name: /^Face 2/ }));
  expect(onzoom).toHaveBeenCalledWith(2);
});

test('arrow keys move the chosen face, saved once when they rest', async () => {
  const { onchange } = show(1);
  const frame = screen.getByRole('button', { name: /^Face 1/ });
  await fireEvent.keyDown(frame, { key: 'ArrowRight' });
  await fireEvent.keyDown(frame, { key: 'ArrowRight' });
  await fireEvent.keyDown(frame, { key: 'ArrowDown', shiftKey: true });
  expect(onchange).not.toHaveBeenCalled();
  vi.advanceTimersByTime(600);
  expect(onchange).toHaveBeenCalledTimes(1);
  const [id, box] = onchange.mock.calls[0] as [
    number,
    { x: number; y: number; width: number; height: number },
  ];
  expect(id).toBe(1);
  expect(box.x).toBeCloseTo(0.1 + 8 / 400);
  expect(box.width).toBeCloseTo(0.1);
  expect(box.height).toBeCloseTo(0.2 + 4 / 200);
});

test('a frame that was moved stays on its face while the view zooms', async () => {
  const { onchange, viewport } = show(1);
  await fireEvent.keyDown(screen.getByRole('button', { name: /^Face 1/ }), { key: 'ArrowRight' });
  viewport.zoomBy(2);
  vi.advanceTimersByTime(600);
  const [, box] = onchange.mock.calls[0] as [number, { x: number; width: number }];
  expect(box.x).toBeCloseTo(0.1 + 4 / 400);
  expect(box.width).toBeCloseTo(0.1);
});

test('a corner is dragged, the opposite one stays', async () => {
  const { onchange } = show(1);
  const corner = document.querySelector<HTMLElement>('.handle.se')!;
  corner.setPointerCapture = () => {};
  const pointer = (type: string, x: number, y: number) =>
    fireEvent(corner, new MouseEvent(type, { bubbles: true, clientX: x, clientY: y, button: 0 }));
  await pointer('pointerdown', 100, 100);
  await pointer('pointermove', 120, 110);
  await pointer('pointerup', 120, 110);
  const [, box] = onchange.mock.calls[0] as [number, { x: number; width: number }];
  expect(box.x).toBeCloseTo(0.1);
  expect(box.width).toBeCloseTo(0.15);
});

test('Delete removes, Escape lets go, and arrows of a face that is not chosen go on to the view', async () => {
  const { onremove, onselect, onchange } = show(1);
  const frame = screen.getByRole('button', { name: /^Face 1/ });
  await fireEvent.keyDown(frame, { key: 'Delete' });
  expect(onremove).toHaveBeenCalledWith(1);
  await fireEvent.keyDown(frame, { key: 'Escape' });
  expect(onselect).toHaveBeenCalledWith(null);
  const other = screen.getByRole('button', { name: /^Face 3/ });
  const passed = await fireEvent.keyDown(other, { key: 'ArrowLeft' });
  expect(passed).toBe(true);
  vi.advanceTimersByTime(600);
  expect(onchange).not.toHaveBeenCalled();
});
