import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { idsOf, openTestLibrary, type TestLibrary } from './open-test-library.ts';

let test: TestLibrary;
beforeEach(async () => {
  test = await openTestLibrary();
});
afterEach(() => test.remove());

const find = (text: string) => idsOf(test, { text }).sort((a, b) => a - b);

describe('search', () => {
  it('finds names by the beginning of a word, whatever the accents', async () => {
    const [wedding, other] = await test.add('IMG_1234 Hochzeit Köln.jpg', 'garden.jpg');
    expect(find('hoch')).toEqual([wedding]);
    expect(find('koln')).toEqual([wedding]);
    expect(find('IMG_12')).toEqual([wedding]);
    expect(find('zeit')).toEqual([]);
    expect(find('g')).toEqual([other]);
  });

  it('finds letters that are none with accents as they are typed without them, and as they are written', async () => {
    const [a = 0, b = 0] = await test.add('Łódź Straße.jpg', 'Bjørn.jpg');
    await test.api['photos.setCaption']({ id: b, caption: 'Þórður, Cœur, Đoković' });
    await test.api['albums.create']({ name: 'Ærø', photoIds: [a] });
    const face = await test.api['faces.add']({
      photoId: a,
      box: { x: 0.1, y: 0.1, width: 0.2, height: 0.2 },
    });
    await test.api['faces.name']({ id: face.id, name: 'Maria Skłodowska' });
    for (const text of [
      'lodz',
      'strasse',
      'STRASSE',
      'Straße',
      'sklodowska',
      'Skłod',
      'SKŁOD',
      'aero',
      'ærø',
    ])
      expect([text, find(text)]).toEqual([text, [a]]);
    for (const text of ['bjorn', 'bjørn', 'thordur', 'coeur', 'cœur', 'djok', 'dokovic'])
      expect([text, find(text)]).toEqual([text, text === 'djok' ? [] : [b]]);
  });

  it('finds captions, people, albums and dates, and wants every word', async () => {
    const [a = 0, b = 0] = await test.add('a.jpg', 'b.jpg');
    await test.api['photos.setCaption']({ id: a, caption: 'Summer at the lake' });
    await test.api['photos.setDate']({ ids: [b], takenAt: '1953-06-02' });
    await test.api['albums.create']({ name: 'Lake Constance', photoIds: [b] });
    const face = await test.api['faces.add']({
      photoId: a,
      box: { x: 0.1, y: 0.1, width: 0.2, height: 0.2 },
    });
    await test.api['faces.name']({ id: face.id, name: "Anna O'Brien" });
    expect(find('lake')).toEqual([a, b]);
    expect(find('lake summer')).toEqual([a]);
    expect(find('anna')).toEqual([a]);
    expect(find("O'Brien")).toEqual([a]);
    expect(find('1953')).toEqual([b]);
    expect(find('constance 1953-06')).toEqual([b]);
  });

  it('finds a month by its name and year in any of the languages, or as text', async () => {
    const [a = 0, b = 0, c = 0] = await test.add('a.jpg', 'b.jpg', 'Oktober 1927.jpg');
    await test.api['photos.setDate']({ ids: [a], takenAt: '1927-10-03' });
    await test.api['photos.setDate']({ ids: [b], takenAt: '1927-11-05' });
    for (const text of ['october 1927', '1927 oct', 'octubre de 1927', 'أكتوبر 1927'])
      expect(find(text)).toEqual([a]);
    expect(find('Oktober 1927')).toEqual([a, c]);
    expect(find('nov. 1927')).toEqual([b]);
    expect(find('a october 1927')).toEqual([a]);
    expect(find('b october 1927')).toEqual([]);
    expect(find('oktober')).toEqual([c]);
  });

  it('finds what is known by its year or month', async () => {
    const [year = 0, june = 0] = await test.add('a.jpg', 'b.jpg');
    await test.api['photos.setDate']({ ids: [year], takenAt: '1938' });
    await test.api['photos.setDate']({ ids: [june], takenAt: '1938-06' });
    expect([find('1938'), find('193')]).toEqual([
      [year, june],
      [year, june],
    ]);
    for (const text of ['june 1938', 'Juni 1938', 'junio de 1938', 'يونيو 1938', '1938-06'])
      expect(find(text)).toEqual([june]);
    expect([find('july 1938'), find('1939')]).toEqual([[], []]);
  });

  it('forgets what is no longer so', async () => {
    const [a = 0] = await test.add('a.jpg');
    const face = await test.api['faces.add']({
      photoId: a,
      box: { x: 0.1, y: 0.1, width: 0.2, height: 0.2 },
    });
    const { person } = await test.api['faces.name']({ id: face.id, name: 'Anna' });
    const album = await test.api['albums.create']({ name: 'Attic', photoIds: [a] });
    await test.api['people.rename']({ id: person!.id, name: 'Johanna' });
    await test.api['albums.rename']({ id: album.id, name: 'Cellar' });
    expect([find('anna'), find('johanna'), find('attic'), find('cellar')]).toEqual([[], [a], [], [a]]);
    await test.api['albums.remove']({ id: album.id });
    await test.api['people.remove']({ id: person!.id });
    expect([find('johanna'), find('cellar')]).toEqual([[], []]);
  });

  it('asked the same again, answers with what has come and gone since, also by undo and in the bin', async () => {
    const [a = 0] = await test.add('lake.jpg', 'garden.jpg');
    expect(find('lake')).toEqual([a]);
    const [b = 0] = await test.add('lake again.jpg');
    expect(find('lake')).toEqual([a, b]);
    await test.api['photos.setCaption']({ id: a + 1, caption: 'the lake behind it' });
    expect(find('lake')).toEqual([a, a + 1, b]);
    await test.api['undo.undo']({});
    expect(find('lake')).toEqual([a, b]);
    await test.api['photos.bin']({ ids: [a] });
    expect(find('lake')).toEqual([b]);
  });

  it('finds the few among many as well as nearly all', async () => {
    const ids = await test.add(...Array.from({ length: 24 }, (_, i) => `scan ${i}.jpg`));
    expect(find('scan')).toEqual(ids);
    expect(find('scan 7')).toEqual([ids[7]]);
    expect(find('scan')).toEqual(ids);
  });

  it.each([
    '"',
    '*',
    'a"b',
    'name:a',
    'a AND',
    'NEAR(a',
    '(',
    'a^2',
    '-a',
    '{name}: a',
    "'; DROP TABLE photos; --",
    'a\0b',
  ])('takes %j as text', async (text) => {
    const ids = await test.add('a.jpg');
    expect(() => find(text)).not.toThrow();
    expect(idsOf(test)).toEqual(ids);
  });

  it('combines text with state, person, album and dates', async () => {
    const [a = 0, b = 0, c = 0] = await test.add('one.jpg', 'one more.jpg', 'two.jpg');
    await test.api['photos.setDate']({ ids: [a], takenAt: '1950-01-01T10:00:00' });
    await test.api['photos.setDate']({ ids: [b, c], takenAt: '1960-01-01' });
    const { id: albumId } = await test.api['albums.create']({ name: 'x', photoIds: [a, c] });
    expect(idsOf(test, { text: 'one', albumId })).toEqual([a]);
    expect(idsOf(test, { text: 'one', from: '1955-01-01' })).toEqual([b]);
    expect(idsOf(test, { to: '1950-01-01' })).toEqual([a]);
    expect(idsOf(test, { from: '1950-01-01', to: '1960-01-01' })).toEqual([c, b, a]);
    expect(idsOf(test, { text: 'one', state: 'restored' })).toEqual([]);
  });

  it('leaves the bin out, and searches it alone', async () => {
    const [a = 0, b = 0] = await test.add('one.jpg', 'one more.jpg');
    await test.api['photos.bin']({ ids: [a] });
    expect(find('one')).toEqual([b]);
    expect(idsOf(test, { text: 'one', bin: true })).toEqual([a]);
  });
});
