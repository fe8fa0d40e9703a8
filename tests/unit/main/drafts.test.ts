import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { apiEventSchema, draftSchema, type ApiEvent } from '../../../contract/api.ts';
import type { DraftResult, EngineEvent } from '../../../contract/engine.ts';
import { HeirloomError } from '../../../contract/errors.ts';
import { Drafts } from '../../../main/drafts.ts';
import type { Engine } from '../../../main/engines.ts';
import { fakeFace, settings } from './jobs/fake-queue-library.ts';

const result: DraftResult = {
  before: Uint8Array.of(1),
  after: Uint8Array.of(2),
  guidanceMap: Uint8Array.of(3),
  stdHat: 2,
  start: 300,
  steps: 4,
  guideStds: [2, 1],
  seed: 0,
  measures: { dataDistance: 0.1, sharpness: 0.2, sharpnessBefore: 0.1 },
  seconds: 0.5,
};

interface Asked {
  method: string;
  params: { input: string; index: number; seeds?: number[] };
  options: { signal: AbortSignal; onEvent?: (event: EngineEvent) => void };
}

let asked: Asked[];
let events: ApiEvent[];
let drafts: Drafts;
/** The map that the engine answers; null: the seeds agree. */
let invented: Uint8Array | null;
/** How many hold the detection now. */
let held: number;

/** Answers after 20 ms, with one picture on the way; hears a cancel. */
const engine = {
  async call(method: string, params: Asked['params'], options: Asked['options']) {
    expect(held).toBeGreaterThan(0);
    asked.push({ method, params, options });
    options.onEvent?.({ kind: 'draft', seed: 0, step: 0, steps: 4, picture: Uint8Array.of(9) });
    if (method === 'varyFace') options.onEvent?.({ kind: 'drafted', draft: result });
    await sleep(20, undefined, { signal: options.signal });
    return method === 'draftFace' ? result : { drafts: [result, result], invented };
  },
} as unknown as Engine;

function faceForDraft(faceId: number) {
  if (faceId === 404) throw new HeirloomError('library/not-found', 'No face 404');
  return { photoId: 7, index: 1, known: fakeFace(faceId).known };
}

function holdDetection() {
  held++;
  return () => void held--;
}

beforeEach(() => {
  [asked, events, held] = [[], [], 0];
  invented = Uint8Array.of(4);
  drafts = new Drafts({
    library: { originalFile: (id) => Promise.resolve(`/originals/${id}.jpg`), faceForDraft, holdDetection },
    engine,
    models: () => Promise.resolve({ pack: '/pack', provider: 'cpu' }),
    emit: (event) => events.push(event),
    endDraft: () => undefined,
  });
});

describe('Drafts', () => {
  it('answers with pictures as data addresses, and sends those in between', async () => {
    const draft = await drafts.make({ key: 'a', faceId: 3, settings });
    expect(draftSchema.parse(draft)).toMatchObject({
      before: 'data:image/jpeg;base64,AQ==',
      after: 'data:image/jpeg;base64,Ag==',
      guidanceMap: 'data:image/png;base64,Aw==',
    });
    expect(asked[0]?.params).toMatchObject({ input: '/originals/7.jpg', index: 1 });
    const picture = 'data:image/jpeg;base64,CQ==';
    expect(events).toEqual([{ kind: 'draft', key: 'a', seed: 0, step: 0, steps: 4, picture }]);
  });

  it('of one key only the newest is worked on', async () => {
    const outcomes = await Promise.allSettled([
      drafts.make({ key: 'a', faceId: 1, settings }),
      drafts.make({ key: 'a', faceId: 2, settings }),
      drafts.make({ key: 'b', faceId: 3, settings }),
      drafts.vary({ key: 'a', faceId: 4, settings, seeds: [1, 2] }),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled', 'fulfilled']);
    expect(outcomes[0]).toMatchObject({ reason: { code: 'job/cancelled' } });
    expect(asked.map(({ options }) => options.signal.aborted)).toEqual([true, true, false, false]);
  });

  it('cancels; an unknown key is no error', async () => {
    const draft = drafts.make({ key: 'a', faceId: 1, settings });
    drafts.cancel('a');
    drafts.cancel('never used');
    await expect(draft).rejects.toMatchObject({ code: 'job/cancelled' });
  });

  it('holds the detection of faces for as long as a draft is in work, however that ends', async () => {
    const works = [
      drafts.make({ key: 'a', faceId: 1, settings }),
      drafts.vary({ key: 'b', faceId: 1, settings, seeds: [1, 2] }),
      drafts.make({ key: 'c', faceId: 404, settings }),
      drafts.make({ key: 'd', faceId: 1, settings }),
    ];
    expect(held).toBe(4);
    drafts.cancel('d');
    const outcomes = await Promise.allSettled(works);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
    expect(held).toBe(0);
  });

  it('varies seeds, and sends each draft as soon as it is finished', async () => {
    const { drafts: made, invented: map } = await drafts.vary({
      key: 'a',
      faceId: 1,
      settings,
      seeds: [5, 6],
    });
    expect(events.map(({ kind }) => kind)).toEqual(['draft', 'drafted']);
    expect(apiEventSchema.parse(events[1])).toMatchObject({ key: 'a', draft: { seed: 0, steps: 4 } });
    expect(asked[0]?.params.seeds).toEqual([5, 6]);
    expect(made).toHaveLength(2);
    expect(map).toBe('data:image/png;base64,BA==');
  });

  it('says that the seeds agree', async () => {
    invented = null;
    const answer = await drafts.vary({ key: 'a', faceId: 1, settings, seeds: [5, 6] });
    expect(answer.invented).toBeNull();
  });

  it('refuses a face that is not in the library', async () => {
    const draft = drafts.make({ key: 'a', faceId: 404, settings });
    await expect(draft).rejects.toMatchObject({ code: 'library/not-found' });
  });
});
