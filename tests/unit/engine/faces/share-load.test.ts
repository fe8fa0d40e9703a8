import { describe, expect, it } from 'vitest';
import { shareLoad } from '../../../../engine/faces/share-load.ts';

describe('shareLoad', () => {
  it('loads once and shares the promise', async () => {
    let calls = 0;
    const load = shareLoad(() => Promise.resolve(++calls));
    const [first, second] = [load(), load()];
    expect(first).toBe(second);
    expect(await first).toBe(1);
    expect(await load()).toBe(1);
  });

  it('forgets a rejected load', async () => {
    let calls = 0;
    const load = shareLoad(() =>
      ++calls === 1 ? Promise.reject(new Error('no file')) : Promise.resolve(calls),
    );
    await expect(load()).rejects.toThrow('no file');
    expect(await load()).toBe(2);
  });
});
