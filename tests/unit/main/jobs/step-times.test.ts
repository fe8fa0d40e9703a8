import { describe, expect, it } from 'vitest';
import { kindOfJob, StepTimes } from '../../../../main/jobs/step-times.ts';
import { settings } from './fake-queue-library.ts';

const KIND = kindOfJob(settings, 'cpu');

/** Two faces of three steps, 2 s a step and 4 s besides. */
function measured(): StepTimes {
  const times = new StepTimes();
  let now = 0;
  const watch = times.watch(KIND, () => now);
  now += 3000;
  for (let face = 0; face < 2; face++) {
    watch.face();
    for (let step = 0; step <= 3; step++) {
      if (step > 0) now += 2000;
      watch.step(step);
    }
  }
  watch.done();
  now += 1000;
  return times;
}

describe('StepTimes', () => {
  it('knows nothing before something was measured', () => {
    const times = new StepTimes();
    expect(times.secondsLeft(KIND, null)).toBeNull();
    times.watch(KIND, () => 0);
    expect(times.secondsLeft(KIND, { face: 0, faces: 2, step: 0, steps: 0 })).toBeNull();
    expect(times.secondsLeft(KIND, null)).toBeNull();
  });

  it('a waiting photo takes as long as the ones before it', () => {
    expect(measured().secondsLeft(KIND, null)).toBeCloseTo(2 * 6 + 3, 5);
  });

  it('a waiting photo takes as long as its faces where they are known', () => {
    expect(measured().secondsLeft(KIND, null, 9)).toBeCloseTo(9 * 6 + 3, 5);
    expect(measured().secondsLeft(KIND, null, 0)).toBeCloseTo(3, 5);
  });

  it('a running one: the steps of this face, the other faces, half of the rest', () => {
    const progress = { face: 0, faces: 3, step: 1, steps: 3 };
    expect(measured().secondsLeft(KIND, progress)).toBeCloseTo(2 * 2 + 2 * 6 + 1.5, 5);
    expect(measured().secondsLeft(KIND, { face: 3, faces: 3, step: 0, steps: 0 })).toBeCloseTo(1.5, 5);
  });

  it('tells in the middle of the first photo from its steps alone', () => {
    const times = new StepTimes();
    let now = 0;
    const watch = times.watch(KIND, () => now);
    watch.face();
    watch.step(1);
    now += 3000;
    watch.step(3);
    expect(times.secondsLeft(KIND, { face: 0, faces: 2, step: 3, steps: 10 })).toBeCloseTo(7 * 1.5 + 15, 5);
  });

  it('does not measure a face that an earlier try has finished', () => {
    const times = new StepTimes();
    const watch = times.watch(KIND, () => 0);
    watch.face();
    watch.done();
    expect(times.secondsLeft(KIND, null)).toBeNull();
  });

  it('keeps speeds, presets and providers apart', () => {
    const times = measured();
    for (const other of [
      { ...settings, speed: 'exact' as const },
      { ...settings, preset: 'faithful' },
    ])
      expect(times.secondsLeft(kindOfJob(other, 'cpu'), null)).toBeNull();
    expect(times.secondsLeft(kindOfJob(settings, 'webgpu'), null)).toBeNull();
  });
});
