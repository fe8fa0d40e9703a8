import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { EngineEvent } from '../../../contract/engine.ts';
import { PictureEvents } from '../../../engine/picture-events.ts';

const step = (number: number): EngineEvent => ({ kind: 'step', face: 0, step: number, steps: 9 });

function sent(): { seen: number[]; events: PictureEvents } {
  const seen: number[] = [];
  return { seen, events: new PictureEvents((event) => event.kind === 'step' && seen.push(event.step)) };
}

describe('PictureEvents', () => {
  it('sends everything, in order, where encoding keeps up', async () => {
    const { seen, events } = sent();
    for (const number of [1, 2, 3]) {
      events.add(() => Promise.resolve(step(number)));
      await events.flush();
    }
    expect(seen).toEqual([1, 2, 3]);
  });

  it('leaves out steps where it does not, never the first and the last', async () => {
    const { seen, events } = sent();
    let encoded = 0;
    for (const number of [1, 2, 3, 4]) {
      events.add(async () => {
        encoded++;
        await sleep(5);
        return step(number);
      });
    }
    await events.flush();
    expect(seen).toEqual([1, 4]);
    expect(encoded).toBe(2);
    events.add(() => Promise.resolve(step(5)));
    await events.flush();
    expect(seen).toEqual([1, 4, 5]);
  });

  it('tells whoever waits that a picture could not be encoded', async () => {
    const { seen, events } = sent();
    events.add(() => Promise.reject(new Error('no memory')));
    await expect(events.flush()).rejects.toThrow('no memory');
    await events.flush();
    expect(seen).toEqual([]);
  });
});
