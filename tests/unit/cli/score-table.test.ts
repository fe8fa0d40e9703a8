import { describe, expect, it } from 'vitest';
import { meanScores, scoreTable } from '../../../cli/score-table.ts';

const lq = { method: 'lq', psnr: 20, ssim: 0.5, seconds: 0 };

describe('meanScores', () => {
  it('averages each method, and distances over the pictures that have one', () => {
    const means = meanScores([
      [
        { ...lq, identity: 0.4 },
        { ...lq, method: 'rm', seconds: 1 },
      ],
      [
        { ...lq, psnr: 22, ssim: 0.7 },
        { ...lq, method: 'rm', seconds: 3 },
      ],
    ]);
    expect(means).toEqual([
      { method: 'lq', psnr: 21, ssim: 0.6, identity: 0.4, seconds: 0 },
      { method: 'rm', psnr: 20, ssim: 0.5, seconds: 2 },
    ]);
  });

  it('has nothing to say of nothing', () => expect(meanScores([])).toEqual([]));
});

describe('scoreTable', () => {
  it('aligns columns and shows a dash for what was not measured', () => {
    expect(scoreTable([{ ...lq, landmarks: 1.234 }])).toEqual([
      '     PSNR   SSIM  identity  landmarks  seconds',
      'lq  20.00  0.500         -       1.23     0.00',
    ]);
  });
});
