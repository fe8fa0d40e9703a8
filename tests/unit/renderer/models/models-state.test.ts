import { beforeEach, expect, test, vi } from 'vitest';
import { ModelsState } from '../../../../renderer/state/models.svelte.ts';
import { settings } from '../../../../renderer/state/settings.svelte.ts';
import { fakeApi } from '../fake-api.ts';
import { settingsWith } from '../settings-fixture.ts';

vi.mock('../../../../renderer/api/api.ts', async () => ({
  api: (await import('../fake-api.ts')).fakeApi,
  bridge: undefined,
}));

const PACK = { key: 'family-256', bundled: true, name: 'Family 256' };
const STATUS = { running: true, provider: 'cpu', verdicts: [] };
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
let models: ModelsState;

beforeEach(() => {
  settings.use(settingsWith());
  fakeApi.reset({
    'packs.list': () => [PACK],
    'engine.status': () => STATUS,
    'settings.set': (patch: object) => settingsWith(patch),
  });
  models = new ModelsState();
});

test('reads packs and engine, and the packs again when they change, until it is stopped', async () => {
  const stop = models.start();
  await settle();
  expect(models).toMatchObject({ loaded: true, packs: [PACK], engine: STATUS });
  fakeApi.answers['packs.list'] = () => [];
  fakeApi.send({ kind: 'packs' });
  await settle();
  expect(models.packs).toEqual([]);
  stop();
  fakeApi.calls.length = 0;
  fakeApi.send({ kind: 'packs' });
  expect(fakeApi.calls).toEqual([]);
});

test('what cannot be read is kept beside what can', async () => {
  fakeApi.answers['engine.status'] = () => Promise.reject(new Error('cuda cannot be used'));
  await Promise.all([models.load(), models.loadEngine()]);
  expect(models).toMatchObject({ error: null, packs: [PACK], engineError: new Error('cuda cannot be used') });
});

test('another provider or pack is saved first, then the engine is asked again', async () => {
  await models.chooseProvider('webgpu');
  await models.use('family-512');
  expect(fakeApi.calls.map(({ method, params }) => [method, params])).toEqual([
    ['settings.set', { provider: 'webgpu' }],
    ['engine.status', {}],
    ['settings.set', { packId: 'family-512' }],
    ['engine.status', {}],
  ]);
});

test('the pack in use removed, the next good one is used', async () => {
  settings.use(settingsWith({ packId: 'own' }));
  const damaged = { ...PACK, key: 'bad', error: { code: 'pack/damaged', message: '' } };
  fakeApi.answers['packs.remove'] = () => null;
  fakeApi.answers['packs.list'] = () => [damaged, PACK];
  await models.remove('own');
  expect(fakeApi.called('settings.set')).toEqual([{ packId: 'family-256' }]);
  await models.remove('other');
  expect(fakeApi.called('settings.set')).toHaveLength(1);
});

test('what the engine found is read anew where the pack in use was removed or replaced, and only there', async () => {
  settings.use(settingsWith({ packId: 'own' }));
  await models.loadEngine();
  const asked = () => fakeApi.called('engine.status').length;
  // The application has chosen another one by the time that it answers.
  fakeApi.answers['packs.remove'] = ({ key }: { key: string }) => {
    if (key === 'own') settings.use(settingsWith({ packId: 'family-256' }));
    return null;
  };
  const of = (provider: string) => (fakeApi.answers['engine.status'] = () => ({ ...STATUS, provider }));
  of('webgpu');
  await models.remove('other');
  expect(asked()).toBe(1);
  await models.remove('own');
  expect(models.engine).toMatchObject({ provider: 'webgpu' });
  expect(fakeApi.called('settings.set')).toEqual([]);
  of('cuda');
  fakeApi.answers['packs.import'] = () => ({ key: 'other' });
  await models.importPath('/other.zip');
  expect(models.engine).toMatchObject({ provider: 'webgpu' });
  fakeApi.answers['packs.import'] = () => ({ key: 'family-256' });
  await models.importPath('/own.zip');
  await settle();
  expect(models.engine).toMatchObject({ provider: 'cuda' });
});

test('a card is read once; a failed one is read again', async () => {
  fakeApi.answers['packs.card'] = () => Promise.reject(new Error('no'));
  await expect(models.readCard('a')).rejects.toThrow('no');
  fakeApi.answers['packs.card'] = () => ({ markdown: '# A' });
  await models.readCard('a');
  await models.readCard('a');
  expect(models.cards.get('a')).toBe('# A');
  expect(fakeApi.called('packs.card')).toHaveLength(2);
});

test('of a pack that took the place of another of its name, the card and the check are read anew', async () => {
  fakeApi.answers['packs.card'] = () => ({ markdown: '# Old' });
  fakeApi.answers['packs.check'] = () => ({ error: { code: 'pack/damaged', message: 'rm.onnx' } });
  fakeApi.answers['packs.remove'] = () => null;
  fakeApi.answers['packs.import'] = () => ({ key: 'own' });
  for (const replace of [() => models.remove('own'), () => models.importPath('/own.zip')]) {
    await models.readCard('own');
    await models.check('own');
    await models.readCard('other');
    await replace();
    expect([models.cards.has('own'), models.checks.has('own')]).toEqual([false, false]);
    expect(models.cards.has('other')).toBe(true);
  }
});

test('a check, an import and a benchmark are in work until they end, also badly', async () => {
  for (const method of ['packs.check', 'packs.import', 'engine.benchmark'] as const)
    fakeApi.answers[method] = () => Promise.reject(new Error('no'));
  const work = [models.check('a'), models.importPath('/x.zip'), models.measure()];
  expect(models).toMatchObject({ importing: true, measuring: true });
  expect(models.checking.has('a')).toBe(true);
  for (const each of work) await expect(each).rejects.toThrow('no');
  expect(models).toMatchObject({ importing: false, measuring: false, benchmark: null });
  expect(models.checking.has('a')).toBe(false);
});

test('an upload that fails imports nothing', async () => {
  await expect(models.importUploaded(() => Promise.reject(new Error('lost')))).rejects.toThrow('lost');
  expect(fakeApi.called('packs.importUploaded')).toEqual([]);
  expect(models.importing).toBe(false);
});
