import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { describeError, formatSeconds, plural, type Output } from '../../../cli/output.ts';
import { jsonProgress, textProgress } from '../../../cli/progress.ts';
import type { PhotoReport } from '../../../contract/engine.ts';
import { HeirloomError } from '../../../contract/errors.ts';
import { restoreSettingsSchema } from '../../../contract/restore.ts';

function buffers(isTTY: boolean) {
  const stdout = Object.assign(new PassThrough(), { isTTY, columns: 200 });
  const stderr = new PassThrough();
  const text = (stream: PassThrough) => String((stream.read() as Buffer | null) ?? '');
  const output: Output = { stdout, stderr };
  return { output, out: () => text(stdout), err: () => text(stderr) };
}

const box = { x: 0, y: 0, width: 1, height: 1 };
const report: PhotoReport = {
  input: '/in/a.jpg',
  output: '/out/a.jpg',
  status: 'restored',
  faces: [
    { index: 0, box, sizePx: 90, status: 'restored' },
    { index: 1, box, sizePx: 9, status: 'too-small', note: '9 pixels' },
  ],
  width: 1,
  height: 1,
  recipe: {
    heirloom: '0',
    pack: { id: 'p', version: '1', sha256: '' },
    settings: restoreSettingsSchema.parse({}),
    detector: 'd',
    provider: 'cpu',
  },
  seconds: 2.25,
  timings: {},
  notes: ['first frame of 3 used'],
};

describe('textProgress', () => {
  it('writes plain lines where there is no terminal', () => {
    const { output, out, err } = buffers(false);
    const progress = textProgress(output);
    progress.begin(2, 1);
    progress.photo('/in/a.jpg');
    progress.event({ kind: 'stage', stage: 'decode', milliseconds: 0 });
    progress.done(report);
    progress.photo('/in/b.jpg');
    progress.failed('/in/b.jpg', new HeirloomError('input/empty', '/in/b.jpg: 0 bytes'));
    progress.end({ restored: 1, unchanged: 0, failed: 1, cancelled: false, seconds: 3 });
    expect(out().split('\n')).toEqual([
      '1 file skipped: not a picture by name',
      '[1/2] /in/a.jpg: 1 of 2 faces restored in 2.3 s -> /out/a.jpg',
      '    first frame of 3 used',
      '    face 2 (too-small): 9 pixels',
      '1 restored, 1 failed in 3.0 s',
      '',
    ]);
    expect(err()).toBe(
      '[2/2] Empty file. /in/b.jpg: 0 bytes. The file holds no data; look for another copy.\n',
    );
  });

  it('shows face, step and time left on a terminal', () => {
    const { output, out } = buffers(true);
    const progress = textProgress(output);
    progress.begin(1, 0);
    progress.photo('/in/a.jpg');
    progress.event({ kind: 'face', index: 4, number: 2, count: 4, box });
    progress.event({ kind: 'step', face: 4, step: 5, steps: 10 });
    const shown = out();
    expect(shown).toContain('1/1 /in/a.jpg: face 2/4, step 5/10, about ');
    expect(shown.endsWith('left')).toBe(true);
    progress.done(report);
    expect(out().startsWith('\r\x1b[2K[1/1]')).toBe(true);
  });
});

describe('textProgress of an early end', () => {
  it('says nothing where no photo was done, and how far it came where one was', () => {
    const { output, out } = buffers(false);
    const summary = { restored: 1, unchanged: 0, failed: 0, cancelled: false, seconds: 3 };
    const error = new HeirloomError('pack/not-found', 'x: no pack');
    const early = textProgress(output);
    early.begin(2, 0);
    early.fatal(error);
    early.end({ ...summary, restored: 0 });
    expect(out()).toBe('');
    const late = textProgress(output);
    late.begin(2, 0);
    late.fatal(error);
    late.end(summary);
    expect(out()).toBe('1 restored in 3.0 s\n');
  });

  it('says so where there is no picture', () => {
    const { output, out } = buffers(false);
    textProgress(output).begin(0, 2);
    expect(out()).toBe('No pictures found\n2 files skipped: not a picture by name\n');
  });
});

describe('jsonProgress', () => {
  it('writes one object a line', () => {
    const { output, out } = buffers(true);
    const progress = jsonProgress(output);
    progress.begin(1, 0);
    progress.photo('/in/a.jpg');
    progress.event({ kind: 'step', face: 0, step: 1, steps: 4 });
    progress.failed('/in/a.jpg', new HeirloomError('input/damaged', 'bad'));
    progress.fatal(new HeirloomError('pack/damaged', 'worse'));
    const lines = out()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(lines).toEqual([
      { type: 'begin', photos: 1, skipped: 0 },
      { type: 'photo', input: '/in/a.jpg' },
      { type: 'step', input: '/in/a.jpg', face: 0, step: 1, steps: 4 },
      { type: 'failed', input: '/in/a.jpg', error: { code: 'input/damaged', message: 'bad', details: {} } },
      { type: 'fatal', error: { code: 'pack/damaged', message: 'worse', details: {} } },
    ]);
  });
});

describe('wording', () => {
  it('names title, message and advice of an error', () => {
    expect(describeError(new Error('odd'))).toBe(
      'Unexpected error. odd. Please report it, with this message.',
    );
  });

  it('counts and times', () => {
    expect([0.04, 12, 185, 7800].map(formatSeconds)).toEqual(['0.0 s', '12 s', '3 min 5 s', '2 h 10 min']);
    expect([plural(1, 'face'), plural(2, 'face')]).toEqual(['1 face', '2 faces']);
  });
});
