import { describe, expect, test, vi } from 'vitest';
import { COMPARE_MODES, CompareState } from '../../../../renderer/state/compare.svelte.ts';
import { makeVersion } from '../photo/make-photo.ts';

vi.stubGlobal('matchMedia', (media: string) => ({ matches: false, media }));

const VERSIONS = [makeVersion(1), makeVersion(2), makeVersion(3)];

describe('comparing', () => {
  test('begins with the original and the version that stands for the photo, or the newest', () => {
    const compare = new CompareState();
    compare.open(VERSIONS, 2);
    expect([compare.first, compare.second]).toEqual([null, 2]);
    compare.open(VERSIONS, null);
    expect(compare.second).toBe(3);
    compare.open([], null);
    expect(compare.second).toBeNull();
  });

  test('presents a new version over the original in the split', () => {
    const compare = new CompareState();
    compare.setMode('blink');
    compare.first = 2;
    compare.split = 0.2;
    compare.present(3);
    expect([compare.mode, compare.first, compare.second, compare.split]).toEqual(['split', null, 3, 0.5]);
  });

  test('swaps rather than showing one picture twice', () => {
    const compare = new CompareState();
    compare.open(VERSIONS, 3);
    compare.show(null);
    expect([compare.first, compare.second]).toEqual([3, null]);
    compare.swap();
    expect([compare.first, compare.second]).toEqual([null, 3]);
  });

  test('shows no version that is gone', () => {
    const compare = new CompareState();
    compare.open(VERSIONS, 3);
    compare.first = 1;
    compare.keep([makeVersion(2)], 2);
    expect([compare.first, compare.second]).toEqual([null, 2]);
  });

  test('shows a version again that an undo brought back', () => {
    const compare = new CompareState();
    compare.open([makeVersion(1)], 1);
    compare.keep([], null);
    expect([compare.first, compare.second]).toEqual([null, null]);
    compare.keep([makeVersion(1)], 1);
    expect([compare.first, compare.second]).toEqual([null, 1]);
  });

  test('shows the version that stands for the photo in place of a removed one, there and back', () => {
    const compare = new CompareState();
    compare.open(VERSIONS, 3);
    compare.first = 2;
    compare.keep([makeVersion(1)], 1);
    expect([compare.first, compare.second]).toEqual([null, 1]);
    compare.keep(VERSIONS, 3);
    expect([compare.first, compare.second]).toEqual([2, 3]);
  });

  test('leaves what was chosen since a version was removed', () => {
    const compare = new CompareState();
    compare.open(VERSIONS, 3);
    compare.keep([makeVersion(1), makeVersion(2)], 2);
    compare.show(1);
    compare.keep(VERSIONS, 3);
    expect(compare.second).toBe(1);
  });

  test('holds a draft against its original until there is none', () => {
    const compare = new CompareState();
    compare.open(VERSIONS, 2);
    compare.setMode('peek');
    compare.first = 1;
    compare.presentDraft();
    expect([compare.mode, compare.first, compare.second]).toEqual(['peek', null, 'draft']);
    compare.keep([makeVersion(2)], 2);
    expect(compare.second).toBe('draft');
    compare.leaveDraft(2);
    expect([compare.first, compare.second]).toEqual([null, 2]);
    compare.leaveDraft(1);
    expect(compare.second).toBe(2);
  });

  test('goes through every mode and around', () => {
    const compare = new CompareState();
    compare.setMode('single');
    const seen = COMPARE_MODES.map(() => {
      const { mode } = compare;
      compare.cycle();
      return mode;
    });
    expect(seen).toEqual([...COMPARE_MODES]);
    expect(compare.mode).toBe('single');
  });

  test('does not blink by itself for who wants no motion', () => {
    const compare = new CompareState();
    document.documentElement.dataset.motion = 'reduced';
    compare.setMode('blink');
    expect(compare.blinking).toBe(false);
    delete document.documentElement.dataset.motion;
    compare.setMode('blink');
    expect(compare.blinking).toBe(true);
  });

  test('blinks until it is stopped', () => {
    vi.useFakeTimers();
    const compare = new CompareState();
    const stop = compare.blink();
    vi.advanceTimersByTime(850);
    expect(compare.showsFirst).toBe(true);
    vi.advanceTimersByTime(850);
    expect(compare.showsFirst).toBe(false);
    stop();
    vi.advanceTimersByTime(5000);
    expect(compare.showsFirst).toBe(false);
    vi.useRealTimers();
  });
});
