import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ApiEvent, ApiMethod } from '../../../../contract/api.ts';
import type { PhotoDetail } from '../../../../contract/library.ts';
import { ApiError } from '../../../../renderer/api/api-error.ts';
import { PRESETS } from '../restore/make-presets.ts';
import { settingsWith } from '../settings-fixture.ts';
import WithTooltips from '../shared/with-tooltips.svelte';
import { FakeApi } from './fake-api.ts';
import { makeDraft, makeFace, makeJob, makePhoto, makeVersion, standingLandmarks } from './make-photo.ts';

const fake = vi.hoisted((): { current: FakeApi | null } => ({ current: null }));
vi.mock('../../../../renderer/api/api.ts', () => ({
  bridge: undefined,
  api: {
    call: (...call: [ApiMethod, unknown]) => fake.current!.client.call(...(call as [never, never])),
    on: (...on: [never, never]) => fake.current!.client.on(...on),
    onConnection: (...on: [never]) => fake.current!.client.onConnection(...on),
  },
}));

const { app } = await import('../../../../renderer/state/app.svelte.ts');
const { compare } = await import('../../../../renderer/state/compare.svelte.ts');
const { exporting } = await import('../../../../renderer/state/export.svelte.ts');
const { finding } = await import('../../../../renderer/state/find-missing.svelte.ts');
const { library } = await import('../../../../renderer/state/library.svelte.ts');
const { restore } = await import('../../../../renderer/state/restore.svelte.ts');
const { jobs } = await import('../../../../renderer/state/jobs.svelte.ts');
const { navigation } = await import('../../../../renderer/state/navigation.svelte.ts');
const { settings } = await import('../../../../renderer/state/settings.svelte.ts');
const { toasts } = await import('../../../../renderer/state/toasts.svelte.ts');
const { tour } = await import('../../../../renderer/state/tour.svelte.ts');
const { default: PhotoView } = await import('../../../../renderer/views/photo-view.svelte');

const INFO = {
  apiVersion: 1,
  version: '0',
  host: 'browser',
  platform: 'linux',
  library: '/library',
  photoCount: 1,
  welcomePhotoId: null,
  exportFolder: '/exports',
};
const preset = (id: string) => ({ id, name: id, description: '' });

async function show(
  detail: PhotoDetail,
  answers: ConstructorParameters<typeof FakeApi>[0] = {},
  info = INFO,
) {
  const api = new FakeApi({
    'app.info': () => info,
    'settings.get': () => settingsWith({ language: 'en', tourDone: true }),
    'undo.state': () => ({ undo: null, redo: null }),
    'photos.get': () => detail,
    'people.list': () => [{ id: 1, name: 'Rosa', photoCount: 1, coverFaceId: null, coverRevision: 0 }],
    'timeline.ids': () => [3, 1, 2],
    'packs.list': () => [
      {
        key: 'f',
        id: 'family-256',
        bundled: true,
        presets: ['faithful', 'balanced', 'detailed'].map(preset),
      },
    ],
    'jobs.list': () => ({ paused: false, jobs: [], secondsLeft: null }),
    'draft.make': () => makeDraft(),
    'draft.cancel': () => null,
    ...answers,
  });
  fake.current = api;
  await app.open();
  settings.use(settingsWith({ language: 'en', tourDone: true }));
  navigation.replace({ name: 'photo', id: 1 });
  render(WithTooltips, { tested: PhotoView, given: {} });
  await screen.findByRole('heading', { name: detail.caption || detail.name });
  return api;
}

vi.stubGlobal('matchMedia', (media: string) => ({ matches: false, media }));

beforeEach(() => {
  toasts.list = [];
  compare.setMode('split');
  jobs.jobs = [];
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

/** tinykeys hears keys with a code only. */
const press = (key: string) => fireEvent.keyDown(document.body, { key, code: `Key${key}` });
const pressModEnter = () => fireEvent.keyDown(document.body, { key: 'Enter', code: 'Enter', ctrlKey: true });

const restored = (likeness: number) =>
  makePhoto({
    versions: [
      makeVersion(4, {
        number: 1,
        faces: [{ faceId: 1, box: makeFace(1).box, status: 'restored', likeness }],
      }),
    ],
    currentVersionId: 4,
  });

test('a restored photo opens with the split slider, its versions and its faces before and after', async () => {
  await show(restored(0.3));
  expect(await screen.findByRole('slider', { name: 'Split between Original and Version 1' })).toBeTruthy();
  expect(screen.getByRole('button', { name: /^Version 1, Balanced/ }).getAttribute('aria-pressed')).toBe(
    'true',
  );
  const face = screen.getByRole('button', { name: 'Face 1' });
  expect([...face.querySelectorAll('img')].map((img) => img.getAttribute('src'))).toEqual([
    '/picture/face/1?r=1',
    '/picture/face/1/version/4?r=1',
  ]);
  expect(face.parentElement?.textContent).toContain('Close to the photo · 0.30');
});

test('a likeness that has fallen is a warning in words', async () => {
  await show(restored(0.72));
  expect(screen.getByText(/Face 1: the likeness has fallen/)).toBeTruthy();
  expect(screen.getByText(/Perhaps another person · 0.72/)).toBeTruthy();
});

test('a photo without versions shows itself, and is restored with what was chosen', async () => {
  const api = await show(makePhoto(), { 'restore.enqueue': () => ({ batchId: 1, jobs: 1 }) });
  expect(screen.queryByRole('slider', { name: /^Split/ })).toBeNull();
  await fireEvent.click(await screen.findByRole('radio', { name: 'Detailed' }));
  await fireEvent.click(screen.getByRole('button', { name: 'Restore photo' }));
  await waitFor(() =>
    expect(api.callsOf('restore.enqueue')).toEqual([{ photoIds: [1], settings: { preset: 'detailed' } }]),
  );
});

test('one face is given settings of its own, is marked, and goes back to those of all', async () => {
  const api = await show(makePhoto(), { 'restore.enqueue': () => ({ batchId: 1, jobs: 1 }) });
  await fireEvent.click(await screen.findByRole('radio', { name: 'Balanced' }));
  await fireEvent.click(screen.getByRole('button', { name: 'Face 2' }));
  const only = () => screen.getByRole<HTMLInputElement>('radio', { name: 'Face 2 only' });
  expect(only().checked).toBe(false);
  await waitFor(() => expect(api.callsOf('draft.make').at(-1)).toMatchObject({ faceId: 2 }));
  const drafts = api.callsOf('draft.make').length;
  await fireEvent.click(only());
  // The same settings, now the face's own: nothing to draw again.
  await new Promise((done) => setTimeout(done, 300));
  expect(api.callsOf('draft.make')).toHaveLength(drafts);
  await fireEvent.click(screen.getByRole('radio', { name: 'Faithful' }));
  expect(screen.queryByRole('group', { name: 'Speed' })).toBeNull();
  await waitFor(() =>
    expect(api.callsOf('draft.make').at(-1)).toMatchObject({ faceId: 2, settings: { preset: 'faithful' } }),
  );
  await fireEvent.click(screen.getByRole('button', { name: 'Face 1' }));
  expect(screen.getByRole<HTMLInputElement>('radio', { name: 'Balanced' }).checked).toBe(true);
  expect(screen.getByText('Face 2 has settings of its own')).toBeTruthy();
  await fireEvent.click(screen.getByRole('button', { name: 'Restore photo' }));
  const perFace = { 1: { preset: 'faithful', seed: 0, grain: 0.5 } };
  await waitFor(() =>
    expect(api.callsOf('restore.enqueue').at(-1)).toEqual({
      photoIds: [1],
      settings: { preset: 'balanced', perFace },
    }),
  );
  const strip = within(screen.getByRole('region', { name: /^Faces, / }));
  await fireEvent.click(strip.getByRole('button', { name: 'Face 2, Settings of its own' }));
  expect(only().checked).toBe(true);
  await fireEvent.click(screen.getByRole('radio', { name: 'All faces' }));
  expect(strip.getByRole('button', { name: 'Face 2' })).toBeTruthy();
  expect(screen.getByRole<HTMLInputElement>('radio', { name: 'Balanced' }).checked).toBe(true);
  const [undone] = toasts.list;
  expect(undone?.text).toBe('Face 2 has the settings of all faces again.');
  await undone!.action!.run();
  await waitFor(() => expect(only().checked).toBe(true));
  await fireEvent.click(screen.getByRole('radio', { name: 'Faces' }));
  await fireEvent.click(screen.getByRole('button', { name: 'Back to those of all faces' }));
  expect(strip.getByRole('button', { name: 'Face 2' })).toBeTruthy();
});

test('a photo with one face has no settings besides', async () => {
  await show(makePhoto({ faces: [makeFace(1), makeFace(2, { tooSmall: true })] }));
  await screen.findByRole('radio', { name: 'Balanced' });
  expect(screen.queryByRole('group', { name: 'Settings for' })).toBeNull();
});

test('a version tells which faces had settings of their own', async () => {
  const [version] = restored(0.3).versions;
  const own = { ...version!.recipe.settings, perFace: { 0: { preset: 'faithful', seed: 7 } } };
  const recipe = { ...version!.recipe, settings: own };
  const faces = [makeFace(2, { number: 1 }), makeFace(1, { number: 2 })];
  await show(makePhoto({ faces, versions: [{ ...version!, recipe }], currentVersionId: 4 }));
  const label = /^Version 1, Balanced, .* · Face 2 has settings of its own$/;
  expect(await screen.findByRole('button', { name: label })).toBeTruthy();
  await fireEvent.click(screen.getByRole('radio', { name: 'Details' }));
  expect(screen.getByText('Faithful · Seed 7').previousElementSibling?.textContent?.trim()).toBe('Face 2');
});

test('settings of a face that is gone are not told as those of the one that has its number now', async () => {
  const [version] = restored(0.3).versions;
  const own = { ...version!.recipe.settings, perFace: { 0: { preset: 'faithful', seed: 7 } } };
  const made = { ...version!, recipe: { ...version!.recipe, settings: own } };
  const gone = { ...made, faces: made.faces.map((face) => ({ ...face, faceId: null })) };
  await show(makePhoto({ versions: [gone], currentVersionId: 4 }));
  expect(await screen.findByRole('button', { name: /^Version 1, Balanced, [^·]*$/ })).toBeTruthy();
  await fireEvent.click(screen.getByRole('radio', { name: 'Details' }));
  expect(screen.getByText('Faithful · Seed 7').previousElementSibling?.textContent?.trim()).toBe(
    'A face that is gone',
  );
});

test("a version's settings are taken into the panel again, and that is taken back", async () => {
  const [version] = restored(0.3).versions;
  const own = { ...version!.recipe.settings, preset: 'detailed', perFace: { 0: { seed: 7 } } };
  const recipe = { ...version!.recipe, settings: own };
  const api = await show(makePhoto({ versions: [{ ...version!, recipe }], currentVersionId: 4 }));
  await fireEvent.click(await screen.findByRole('radio', { name: 'Balanced' }));
  await fireEvent.click(screen.getByRole('radio', { name: 'Details' }));
  await fireEvent.click(screen.getAllByRole('button', { name: 'Use the settings of version 1 again' })[0]!);
  const detailed = screen.getByRole<HTMLInputElement>('radio', { name: 'Detailed' });
  expect(screen.getByRole<HTMLInputElement>('radio', { name: 'Face 1 only' }).checked).toBe(true);
  expect(detailed.checked).toBe(true);
  await waitFor(() =>
    expect(api.callsOf('draft.make').at(-1)).toMatchObject({ settings: { preset: 'detailed', seed: 7 } }),
  );
  const [told] = toasts.list;
  expect(told?.text).toBe('The panel has the settings of version 1.');
  expect(told?.detail).toMatch(/^It was made with the model pack tiny 1, which is not in use: /);
  await told!.action!.run();
  await waitFor(() =>
    expect(screen.getByRole<HTMLInputElement>('radio', { name: 'Balanced' }).checked).toBe(true),
  );
  expect(screen.getByRole<HTMLInputElement>('radio', { name: 'All faces' }).checked).toBe(true);
});

const restoreButton = () => screen.getByRole<HTMLButtonElement>('button', { name: 'Restore photo' });

test('until the presets are there nothing is restored, and no preset is shown', async () => {
  let answer = (_: unknown) => {};
  const api = await show(makePhoto(), {
    'packs.list': () => new Promise((done) => (answer = done)),
    'restore.enqueue': () => ({ batchId: 1, jobs: 1 }),
  });
  settings.use(settingsWith({ language: 'en', tourDone: true, packId: 'other' }));
  await waitFor(() => expect(restoreButton().disabled).toBe(true));
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Try four' }).disabled).toBe(true);
  expect(screen.queryByRole('radio', { name: /^Balanced/ })).toBeNull();
  expect(screen.queryByRole('slider', { name: 'Distance between guides' })).toBeNull();
  await pressModEnter();
  expect(api.callsOf('restore.enqueue')).toEqual([]);
  answer([{ key: 'other', id: 'other', bundled: false, presets: [preset('balanced')] }]);
  expect(await screen.findByRole('radio', { name: /^Balanced/ })).toBeTruthy();
  expect(restoreButton().disabled).toBe(false);
});

test('Ctrl and Enter restore', async () => {
  const api = await show(makePhoto(), { 'restore.enqueue': () => ({ batchId: 1, jobs: 1 }) });
  await screen.findByRole('radio', { name: /^Balanced/ });
  await pressModEnter();
  await waitFor(() => expect(api.callsOf('restore.enqueue')).toHaveLength(1));
});

test('without a face nothing is restored, but one can be added by hand', async () => {
  const api = await show(makePhoto({ faces: [], state: 'no-faces' }));
  await screen.findByRole('radio', { name: /^Balanced/ });
  expect(screen.getByText('Without a face there is nothing to restore.')).toBeTruthy();
  expect(restoreButton().disabled).toBe(true);
  await pressModEnter();
  expect(api.callsOf('restore.enqueue')).toEqual([]);
  await fireEvent.click(screen.getByRole('button', { name: 'Add a face' }));
  expect(screen.getByText(/Drag a box around the face/)).toBeTruthy();
});

test('faces that are all switched off or too small are not restored; those not looked for are', async () => {
  await show(makePhoto({ faces: [makeFace(1, { off: true }), makeFace(2, { tooSmall: true })] }));
  await screen.findByRole('radio', { name: /^Balanced/ });
  expect(restoreButton().disabled).toBe(true);
  cleanup();
  await show(makePhoto({ faces: [], state: 'new' }));
  await screen.findByRole('radio', { name: /^Balanced/ });
  expect(restoreButton().disabled).toBe(false);
});

test('a version with moved sliders is called so, and its making told', async () => {
  const { versions, currentVersionId } = restored(0.3);
  const { recipe } = versions[0]!;
  const moved = { ...recipe, settings: { ...recipe.settings, preset: 'faithful', fidelity: 0.2 } };
  await show(makePhoto({ versions: [{ ...versions[0]!, recipe: moved }], currentVersionId }));
  expect(screen.getByRole('button', { name: /^Version 1, Faithful, changed/ })).toBeTruthy();
  await fireEvent.click(screen.getByRole('radio', { name: 'Details' }));
  expect(screen.getByText('Fidelity or quality').nextElementSibling?.textContent).toBe('20%');
});

test('a slider away from its preset takes the promise of the preset back', async () => {
  await show(makePhoto());
  await fireEvent.click(await screen.findByRole('radio', { name: 'Faithful' }));
  expect(screen.getByText(/^Stays closest/)).toBeTruthy();
  await fireEvent.input(screen.getByRole('slider', { name: 'Fidelity or quality' }), {
    target: { value: '0' },
  });
  expect(screen.queryByText(/^Stays closest/)).toBeNull();
  expect(screen.getByText('Your own setting, by the slider below.')).toBeTruthy();
});

test('a double click on a face goes close to it and back, and so does its key', async () => {
  vi.spyOn(Element.prototype, 'clientWidth', 'get').mockReturnValue(800);
  vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(600);
  await show(makePhoto({ faces: [makeFace(1), makeFace(2)] }));
  const strip = within(screen.getByRole('region', { name: 'Faces, before and after' }));
  const face = strip.getByRole('button', { name: 'Face 2' });
  const level = () => document.querySelector('.zoom .level')?.textContent;
  const fitted = level();
  await fireEvent.dblClick(face);
  expect(face.getAttribute('aria-pressed')).toBe('true');
  const close = level();
  expect(close).not.toBe(fitted);
  await press('z');
  expect(level()).toBe(fitted);
  await press('z');
  expect(level()).toBe(close);
  await fireEvent.dblClick(face);
  expect(level()).toBe(fitted);
});

test('the largest face that can be restored is drawn by itself, and again with every change of a control', async () => {
  const faces = [
    makeFace(1),
    makeFace(2, { sizePx: 300, off: true }),
    makeFace(3, { sizePx: 400, tooSmall: true }),
    makeFace(4, { sizePx: 80 }),
  ];
  const api = await show(makePhoto({ faces }));
  await waitFor(() => expect(api.callsOf('draft.make')).toHaveLength(1));
  await fireEvent.input(await screen.findByRole('slider', { name: 'Fidelity or quality' }), {
    target: { value: '0.1' },
  });
  await waitFor(() => expect(api.callsOf('draft.make')).toHaveLength(2));
  expect(api.callsOf('draft.make')[1]).toMatchObject({
    faceId: 1,
    settings: { fidelity: 0.1, speed: 'draft' },
  });
});

test('the grain is a slider that says what it does; it is drafted and restored as it was set', async () => {
  const api = await show(makePhoto(), { 'restore.enqueue': () => ({ batchId: 1, jobs: 1 }) });
  await screen.findByRole('radio', { name: /^Balanced/ });
  const slider = screen.getByRole<HTMLInputElement>('slider', { name: 'Grain' });
  expect([slider.min, slider.max, slider.step, slider.value]).toEqual(['0', '1', '0.05', '0.5']);
  expect(slider.getAttribute('aria-valuetext')).toBe('50%');
  const hint = document.getElementById(slider.getAttribute('aria-describedby')!);
  expect(hint?.textContent).toContain("photo's own grain");
  const reset = () => screen.queryByRole('button', { name: 'Reset Grain' });
  expect(reset()).toBeNull();
  await fireEvent.input(slider, { target: { value: '0.8' } });
  expect(slider.getAttribute('aria-valuetext')).toBe('80%');
  await waitFor(() => expect(api.callsOf('draft.make').at(-1)).toMatchObject({ settings: { grain: 0.8 } }));
  await fireEvent.click(restoreButton());
  await waitFor(() =>
    expect(api.callsOf('restore.enqueue').at(-1)).toMatchObject({ settings: { grain: 0.8 } }),
  );
  await fireEvent.click(reset()!);
  expect(slider.value).toBe('0.5');
});

test("the crispness, where the pack has any, is the preset's until it is moved; it is drafted and restored as it was set", async () => {
  const api = await show(makePhoto(), { 'restore.enqueue': () => ({ batchId: 1, jobs: 1 }) });
  await screen.findByRole('radio', { name: /^Balanced/ });
  expect(screen.queryByRole('slider', { name: 'Crispness' })).toBeNull();
  const before = restore.presets;
  restore.presets = PRESETS;
  await fireEvent.click(screen.getByRole('radio', { name: /^Balanced/ }));
  const slider = screen.getByRole<HTMLInputElement>('slider', { name: 'Crispness' });
  expect([slider.min, slider.max, slider.step, slider.value]).toEqual(['0', '1', '0.05', '0.3']);
  expect(slider.getAttribute('aria-valuetext')).toBe('30%');
  const hint = document.getElementById(slider.getAttribute('aria-describedby')!);
  expect(hint?.textContent).toContain('faint detail');
  await fireEvent.click(screen.getByRole('radio', { name: /^Detailed/ }));
  expect(slider.value).toBe('0.9');
  await fireEvent.input(slider, { target: { value: '0.6' } });
  const settings = { preset: 'detailed', crispness: 0.6 };
  await waitFor(() => expect(api.callsOf('draft.make').at(-1)).toMatchObject({ settings }));
  await fireEvent.click(restoreButton());
  await waitFor(() => expect(api.callsOf('restore.enqueue').at(-1)).toMatchObject({ settings }));
  await fireEvent.click(screen.getByRole('button', { name: 'Back to the preset' }));
  expect(slider.value).toBe('0.9');
  restore.presets = before;
});

test('the draft of an unrestored photo lies on the stage, marked, over its original', async () => {
  const face = makeFace(1, { landmarks: standingLandmarks() });
  await show(makePhoto({ faces: [face] }));
  expect(
    await screen.findByRole('slider', { name: /^Split between Original and Draft of face 1/ }),
  ).toBeTruthy();
  await waitFor(() =>
    expect(document.querySelector(`[data-stage] img[src="${makeDraft().after}"]`)).toBeTruthy(),
  );
  expect(screen.getByText('Draft of face 1, not saved')).toBeTruthy();
  compare.setMode('peek');
  const hold = await screen.findByRole('button', { name: 'Hold to see: Original' });
  await fireEvent.keyDown(hold, { key: 'Enter' });
  expect(screen.queryByText('Draft of face 1, not saved')).toBeNull();
  await fireEvent.keyUp(hold, { key: 'Enter' });
  expect(screen.getByText('Draft of face 1, not saved')).toBeTruthy();
});

test('a restored photo shows its version until a slider is moved, then the draft', async () => {
  const { versions, currentVersionId } = restored(0.3);
  const faces = [makeFace(1, { landmarks: standingLandmarks() })];
  const api = await show(makePhoto({ faces, versions, currentVersionId }));
  await waitFor(() => expect(api.callsOf('draft.make')).toHaveLength(1));
  expect(compare.second).toBe(4);
  await fireEvent.input(await screen.findByRole('slider', { name: 'Fidelity or quality' }), {
    target: { value: '0.7' },
  });
  await waitFor(() => expect(compare.second).toBe('draft'));
  await fireEvent.click(screen.getByRole('button', { name: /^Version 1, Balanced/ }));
  expect(compare.second).toBe(4);
});

test('a draft is not exported in place of a version', async () => {
  const faces = [makeFace(1, { landmarks: standingLandmarks() })];
  await show(makePhoto({ faces }));
  await waitFor(() => expect(compare.second).toBe('draft'));
  await press('e');
  expect(toasts.list[0]?.text).toContain('A draft is not saved');
});

test('a draft without a guidance map says why, and what would give one', async () => {
  await show(makePhoto({ faces: [makeFace(1, { landmarks: standingLandmarks() })] }));
  await waitFor(() => expect(compare.second).toBe('draft'));
  const picker = await screen.findByLabelText('Overlay on the photo');
  await fireEvent.change(picker, { target: { value: 'guidance' } });
  expect(await screen.findByText(/This setting has no map.*Guidance by region \(DGSA\)/)).toBeTruthy();
  expect(screen.queryByRole('img', { name: 'Where the photo decides' })).toBeNull();
});

test('what is shown is exported, also the original of a restored photo', async () => {
  await show(restored(0.2));
  await waitFor(() => expect(compare.second).toBe(4));
  await press('e');
  expect(exporting).toMatchObject({ photoIds: [1], versionId: 4 });
  compare.show(null);
  await press('e');
  expect(exporting).toMatchObject({ photoIds: [1], versionId: 'original' });
  exporting.close();
});

test('a running job is seen at work; its version comes under the split', async () => {
  let detail = makePhoto();
  const job = makeJob();
  const api = await show(detail, { 'photos.get': () => detail });
  const tell = (event: ApiEvent) => api.emit(event);
  jobs.jobs = [job];
  tell({ kind: 'job', job });
  expect(await screen.findByText(/Restoring face 1 of 2/)).toBeTruthy();
  detail = restored(0.2);
  jobs.jobs = [];
  tell({ kind: 'job', job: makeJob({ state: 'done', versionId: 4 }) });
  expect(await screen.findByRole('slider', { name: /^Split/ })).toBeTruthy();
});

test('the bundled photo tells a newcomer what to do', async () => {
  await show(restored(0.2), {}, { ...INFO, welcomePhotoId: 1 } as unknown as typeof INFO);
  expect(screen.getByText('Drag the handle')).toBeTruthy();
  await fireEvent.click(screen.getByRole('button', { name: 'Got it' }));
  expect(screen.queryByText('Drag the handle')).toBeNull();
});

test('a version is removed with a way back', async () => {
  const api = await show(restored(0.2), {
    'versions.remove': () => null,
    'undo.undo': () => ({ label: null }),
  });
  await fireEvent.click(screen.getByRole('button', { name: 'Remove version 1' }));
  await waitFor(() => expect(toasts.list[0]?.text).toBe('Version 1 is removed.'));
  toasts.list[0]?.action?.run();
  expect(api.callsOf('versions.remove')).toEqual([{ id: 4 }]);
  await waitFor(() => expect(api.callsOf('undo.undo')).toHaveLength(1));
});

test('a missing original is located by its path', async () => {
  const api = await show(makePhoto({ missing: true }), { 'photos.locate': () => null });
  await fireEvent.input(screen.getByLabelText('Or its path on this computer'), {
    target: { value: '/new/picnic.jpg' },
  });
  await fireEvent.click(screen.getByRole('button', { name: 'Locate' }));
  await waitFor(() => expect(api.callsOf('photos.locate')).toEqual([{ id: 1, path: '/new/picnic.jpg' }]));
  expect(screen.getByRole('button', { name: 'Restore photo' }).hasAttribute('disabled')).toBe(true);
});

test('a changed original is kept, or the old one is located', async () => {
  const api = await show(makePhoto({ missing: true, changed: true }), { 'photos.keepChanged': () => null });
  expect(screen.getByRole('heading', { name: 'The original has changed' })).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Locate' })).toBeTruthy();
  await fireEvent.click(screen.getByRole('button', { name: 'Keep what it holds now' }));
  await waitFor(() => expect(api.callsOf('photos.keepChanged')).toEqual([{ id: 1 }]));
});

test('where one original is missing, all that are can be looked for in a folder', async () => {
  await show(makePhoto({ missing: true }));
  await fireEvent.click(screen.getByRole('button', { name: 'Look for missing originals in a folder …' }));
  expect(finding.open).toBe(true);
  finding.close();
});

test('a missing original is sent from the browser', async () => {
  const posted: string[] = [];
  vi.stubGlobal('fetch', (address: string) => {
    posted.push(address);
    return Promise.resolve({ ok: true });
  });
  const api = await show(makePhoto({ missing: true }), { 'import.original': () => null });
  const chooser = screen.getByLabelText('Choose the file');
  await fireEvent.change(chooser, { target: { files: [new File(['x'], 'a b.jpg')] } });
  await waitFor(() => expect(api.callsOf('import.original')).toHaveLength(1));
  const [{ id, upload }] = api.callsOf('import.original') as [{ id: number; upload: string }];
  expect(id).toBe(1);
  expect(posted).toEqual([`/upload/${upload}/a%20b.jpg`]);
  await waitFor(() => expect(toasts.list[0]?.text).toBe('The original is found again.'));
});

test('a face is named, switched off and removed in the panel', async () => {
  const api = await show(makePhoto({ faces: [makeFace(1)] }), {
    'faces.name': () => makeFace(1),
    'faces.update': () => makeFace(1),
    'faces.remove': () => null,
  });
  await fireEvent.click(screen.getByRole('radio', { name: 'Faces' }));
  const name = screen.getByLabelText('Name');
  expect(
    document.querySelector(`#${CSS.escape(name.getAttribute('list')!)} option`)?.getAttribute('value'),
  ).toBe('Rosa');
  await fireEvent.input(name, { target: { value: ' Rosa ' } });
  await fireEvent.change(name);
  await fireEvent.click(screen.getByRole('switch', { name: 'Restore this face' }));
  await fireEvent.click(screen.getByRole('button', { name: 'Remove this box' }));
  await waitFor(() => expect(api.callsOf('faces.remove')).toEqual([{ id: 1 }]));
  expect(api.callsOf('faces.name')).toEqual([{ id: 1, name: 'Rosa' }]);
  expect(api.callsOf('faces.update')).toEqual([{ id: 1, off: true }]);
});

test('arrows go to the neighbours, letters turn and add, Escape takes back', async () => {
  const api = await show(makePhoto(), { 'photos.rotate': () => null });
  await press('r');
  expect(api.callsOf('photos.rotate')).toEqual([{ ids: [1], by: 90 }]);
  await press('a');
  expect(screen.getByText(/Drag a box around the face/)).toBeTruthy();
  await press('Escape');
  expect(screen.queryByText(/Drag a box around the face/)).toBeNull();
  await press('ArrowRight');
  expect(navigation.view).toEqual({ name: 'photo', id: 2 });
});

test('a year or a month is a date, without the time of the day; what is none is told', async () => {
  const api = await show(makePhoto({ takenAt: '1953-06-02T14:30:00' }), { 'photos.setDate': () => null });
  await fireEvent.click(screen.getByRole('radio', { name: 'Details' }));
  const field = screen.getByLabelText<HTMLInputElement>('Taken');
  const type = async (value: string) => {
    await fireEvent.input(field, { target: { value } });
    await fireEvent.change(field);
  };
  await type('before the war');
  expect(screen.getByText(/^This is no date/).id).toBe(field.getAttribute('aria-describedby'));
  expect(field.getAttribute('aria-invalid')).toBe('true');
  await type('1938');
  expect(field.getAttribute('aria-invalid')).toBeNull();
  await type('1938-06');
  await type('');
  expect(field.value).toBe('1953-06-02');
  expect(api.callsOf('photos.setDate').map((call) => (call as { takenAt: string }).takenAt)).toEqual([
    ...['1938', '1938-06'],
  ]);
});

test('date and caption are edited in the details', async () => {
  const api = await show(makePhoto({ takenAt: '1953-06-02T14:30:00' }), {
    'photos.setDate': () => null,
    'photos.setCaption': () => null,
  });
  await fireEvent.click(screen.getByRole('radio', { name: 'Details' }));
  const taken = screen.getByLabelText('Taken');
  await fireEvent.input(taken, { target: { value: '1954-01-05' } });
  await fireEvent.change(taken);
  const caption = screen.getByLabelText('Caption');
  await fireEvent.input(caption, { target: { value: 'At the lake' } });
  await fireEvent.change(caption);
  await waitFor(() => expect(api.callsOf('photos.setCaption')).toEqual([{ id: 1, caption: 'At the lake' }]));
  expect(api.callsOf('photos.setDate')).toEqual([{ ids: [1], takenAt: '1954-01-05T14:30:00' }]);
});

/** The photo changes elsewhere, and what it is now has been read. */
async function reread(api: FakeApi, changed: Partial<PhotoDetail>): Promise<void> {
  const name = `read-${api.callsOf('photos.get').length}.jpg`;
  api.answers['photos.get'] = () => makePhoto({ name, ...changed });
  api.emit({ kind: 'photos', ids: [1] });
  await screen.findByTitle(name);
}

test('a half-typed caption stays while the photo is read again, until another one is stored', async () => {
  const api = await show(makePhoto({ caption: 'Easter' }));
  await fireEvent.click(screen.getByRole('radio', { name: 'Details' }));
  const caption = screen.getByLabelText<HTMLTextAreaElement>('Caption');
  await fireEvent.input(caption, { target: { value: 'Easter at Oma' } });
  await reread(api, { caption: 'Easter' });
  expect(caption.value).toBe('Easter at Oma');
  await reread(api, { caption: 'Easter 1953' });
  expect(caption.value).toBe('Easter 1953');
});

test('a half-typed name stays while the photo is read again, until another one is stored', async () => {
  const named = (name: string) => ({ faces: [makeFace(1, { person: { id: 1, name } })] });
  const api = await show(makePhoto(named('Rosa')));
  await fireEvent.click(screen.getByRole('radio', { name: 'Faces' }));
  const field = screen.getByLabelText<HTMLInputElement>('Name');
  await fireEvent.input(field, { target: { value: 'Rosa Lu' } });
  await reread(api, named('Rosa'));
  expect(field.value).toBe('Rosa Lu');
  await reread(api, named('Rosalie'));
  expect(field.value).toBe('Rosalie');
});

test('a name in another spelling is shown as it is stored; one that was refused stays', async () => {
  const detail = makePhoto({ faces: [makeFace(1, { person: { id: 1, name: 'Rosa' } })] });
  const api = await show(detail, { 'photos.get': () => ({ ...detail }), 'faces.name': () => makeFace(1) });
  await fireEvent.click(screen.getByRole('radio', { name: 'Faces' }));
  const field = screen.getByLabelText<HTMLInputElement>('Name');
  const name = async (value: string) => {
    await fireEvent.input(field, { target: { value } });
    await fireEvent.change(field);
  };
  await name('rosa');
  await waitFor(() => expect(field.value).toBe('Rosa'));
  api.answers['faces.name'] = () => {
    throw new ApiError('library/not-found', 'There is no face 1');
  };
  await name('Berta');
  await waitFor(() => expect(toasts.list).toHaveLength(1));
  expect(field.value).toBe('Berta');
});

test('a half-typed seed stays while another setting changes, until there is another seed', async () => {
  await show(makePhoto());
  const seed = screen.getByLabelText<HTMLInputElement>('Seed');
  await fireEvent.input(seed, { target: { value: '12' } });
  await fireEvent.input(await screen.findByRole('slider', { name: 'Fidelity or quality' }), {
    target: { value: '0.3' },
  });
  expect(seed.value).toBe('12');
  await fireEvent.click(screen.getByRole('button', { name: 'Another seed' }));
  expect(seed.value).not.toBe('12');
});

test('a photo that is no more leads to the library and says so', async () => {
  const api = await show(makePhoto());
  api.answers['photos.get'] = () => {
    throw new ApiError('library/not-found', 'There is no photo 2');
  };
  navigation.replace({ name: 'photo', id: 2 });
  await waitFor(() => expect(navigation.view).toEqual({ name: 'library' }));
  expect(toasts.list).toHaveLength(1);
});

/** The face stands for whoever is drawn: its draft is asked for. */
const drafts = (api: FakeApi) => api.callsOf('draft.make').length;

test('a face that comes back by undo is drafted again', async () => {
  const api = await show(makePhoto({ faces: [makeFace(1)] }));
  await waitFor(() => expect(drafts(api)).toBe(1));
  await reread(api, { faces: [] });
  await reread(api, { faces: [makeFace(1)] });
  await waitFor(() => expect(drafts(api)).toBe(2));
});

test('a photo that is answered after it was left changes nothing', async () => {
  let answer = (_: unknown) => {};
  await show(makePhoto());
  cleanup();
  fake.current!.answers['photos.get'] = () => new Promise((done) => (answer = done));
  const { unmount } = render(WithTooltips, { tested: PhotoView, given: {} });
  unmount();
  compare.second = 77;
  answer(makePhoto({ versions: [makeVersion(4)], currentVersionId: 4 }));
  await new Promise((done) => setTimeout(done));
  expect(compare.second).toBe(77);
});

test('a version that is finished after its photo was left is not shown in place of another one', async () => {
  let answer = (_: unknown) => {};
  const api = await show(makePhoto());
  api.emit({ kind: 'job', job: makeJob() });
  api.answers['photos.get'] = () => new Promise((done) => (answer = done));
  api.emit({ kind: 'job', job: makeJob({ state: 'done', versionId: 4 }) });
  cleanup();
  compare.second = 77;
  answer(makePhoto({ versions: [makeVersion(4)], currentVersionId: 4 }));
  await new Promise((done) => setTimeout(done));
  expect(compare.second).toBe(77);
});

test('the neighbours follow what is in the library', async () => {
  const next = () => screen.getByRole<HTMLButtonElement>('button', { name: 'Next photo' });
  const months = (count: number) => () => [{ month: '1953-06', count }];
  const api = await show(makePhoto(), { 'timeline.months': months(3) });
  await library.refresh();
  await waitFor(() => expect(next().disabled).toBe(false));
  api.answers['timeline.ids'] = () => [3, 1];
  api.answers['timeline.months'] = months(2);
  await library.refresh();
  await waitFor(() => expect(next().disabled).toBe(true));
});

test('the tour shows the split and the presets that it speaks of', async () => {
  await show(restored(0.2));
  compare.setMode('single');
  await fireEvent.click(screen.getByRole('radio', { name: 'Faces' }));
  tour.restart();
  await waitFor(() => expect(compare.mode).toBe('split'));
  tour.next();
  tour.next();
  expect(await screen.findByRole('button', { name: 'Restore again' })).toBeTruthy();
  tour.step = null;
});

test('a photo in the bin is not moved there again', async () => {
  const api = await show(makePhoto({ binnedAt: '2026-01-02T03:04:05.000Z' }), { 'photos.bin': () => null });
  await press('Delete');
  expect(api.callsOf('photos.bin')).toEqual([]);
});

test('a photo is read again when the connection is back', async () => {
  const api = await show(makePhoto());
  const before = api.callsOf('photos.get').length;
  api.connect(false);
  expect(api.callsOf('photos.get')).toHaveLength(before);
  api.connect(true);
  expect(api.callsOf('photos.get')).toHaveLength(before + 1);
});

test('a seed that is picked ends the drawing of the others', async () => {
  const values = { weights: [1], spacing: 4, rho: 0.001, steps: { draft: 5, normal: 15 }, auto: null };
  const api = await show(makePhoto({ faces: [makeFace(1)] }), {
    'packs.list': () => [{ key: 'p', id: 'p', bundled: false, presets: [{ ...preset('balanced'), values }] }],
    'draft.vary': () => new Promise(() => {}),
  });
  settings.use(settingsWith({ language: 'en', tourDone: true, packId: 'p' }));
  await waitFor(() => expect(drafts(api)).toBe(1));
  const four = screen.getByRole<HTMLButtonElement>('button', { name: 'Try four' });
  await waitFor(() => expect(four.disabled).toBe(false));
  await fireEvent.click(four);
  const [{ key }] = api.callsOf('draft.vary') as [{ key: string }];
  api.emit({ kind: 'drafted', key, draft: makeDraft(0) });
  await fireEvent.click(await screen.findByRole('button', { name: /seed 0/i }));
  expect(api.callsOf('draft.cancel')).toContainEqual({ key });
});
