import type { Score } from '../contract/engine.ts';

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The mean over those pictures where the measure exists; absent where none has it. */
function meanOf(scores: Score[], measure: 'identity' | 'landmarks'): Partial<Score> {
  const values = scores.map((score) => score[measure]).filter((value) => value !== undefined);
  return values.length > 0 ? { [measure]: mean(values) } : {};
}

/** The mean of each method over the pairs, in the order of the first pair. */
export function meanScores(pairs: Score[][]): Score[] {
  const methods = new Set(pairs.flat().map((score) => score.method));
  return [...methods].map((method) => {
    const scores = pairs.flat().filter((score) => score.method === method);
    return {
      method,
      psnr: mean(scores.map((score) => score.psnr)),
      ssim: mean(scores.map((score) => score.ssim)),
      ...meanOf(scores, 'identity'),
      ...meanOf(scores, 'landmarks'),
      seconds: mean(scores.map((score) => score.seconds)),
    };
  });
}

const HEADER = ['', 'PSNR', 'SSIM', 'identity', 'landmarks', 'seconds'];

function cells({ method, psnr, ssim, identity, landmarks, seconds }: Score): string[] {
  return [
    method,
    psnr.toFixed(2),
    ssim.toFixed(3),
    identity?.toFixed(3) ?? '-',
    landmarks?.toFixed(2) ?? '-',
    seconds.toFixed(2),
  ];
}

/** Columns of equal width: PSNR in dB, descriptor distance, landmark distance in pixels. */
export function scoreTable(scores: Score[]): string[] {
  const rows = [HEADER, ...scores.map(cells)];
  const widths = HEADER.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
