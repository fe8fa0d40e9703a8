"""How well SE knows the blur of the validation pairs: a table, and a plot of estimated against true std*.

    /usr/bin/python3 training/calibration.py --estimator training/runs/estimator --out docs/se-calibration.svg

Needs what `labels.py` writes for the RM of the pack. Pixels at S = 512.
"""
from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from estimator import STD_MAX, TOLERANCE, Estimator, crossing
from faces import validation_pairs
from labels import smallest_std, to_disagreement
from pairs import to_picture
from train_dgsa import load_ema
from train_estimator import rank_correlation

SIDE, MARGIN = 360, 40
BINS = ((0, 1), (1, 3), (3, 5), (5, 8), (8, 11), (11, 15.01))


def scatter(pairs: list[tuple[float, float]]) -> str:
    """SVG of (true, estimated), both axes from 0 to STD_MAX, with the line on which they are equal."""
    place = lambda v: v / STD_MAX * SIDE
    x, y = (lambda v: MARGIN + place(v)), (lambda v: MARGIN / 2 + SIDE - place(v))
    ticks = ''.join(f'<text x="{x(v):.0f}" y="{y(0) + 14:.0f}" text-anchor="middle">{v}</text>'
                    f'<text x="{x(0) - 6:.0f}" y="{y(v) + 4:.0f}" text-anchor="end">{v}</text>' for v in range(0, 16, 5))
    dots = ''.join(f'<circle cx="{x(true):.1f}" cy="{y(estimated):.1f}" r="3"/>' for true, estimated in pairs)
    width, height = SIDE + 2 * MARGIN, SIDE + 2 * MARGIN
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11">'
            f'<rect width="{width}" height="{height}" fill="#fff"/>'
            f'<rect x="{MARGIN}" y="{MARGIN / 2:.0f}" width="{SIDE}" height="{SIDE}" fill="none" stroke="#888"/>'
            f'<line x1="{x(0)}" y1="{y(0)}" x2="{x(STD_MAX)}" y2="{y(STD_MAX)}" stroke="#888" stroke-dasharray="4 4"/>{ticks}'
            f'<text x="{x(7.5)}" y="{height - 10}" text-anchor="middle">true std*, pixels at 512</text>'
            f'<text transform="translate(14 {y(7.5)}) rotate(-90)" text-anchor="middle">estimated std</text>'
            f'<g fill="#2563eb" fill-opacity="0.5">{dots}</g></svg>\n')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--cache', type=Path, default=Path('training/.cache'))
    parser.add_argument('--estimator', type=Path, default=Path('training/runs/estimator'))
    parser.add_argument('--out', type=Path, help='SVG to write')
    a = parser.parse_args()
    lq, _ = validation_pairs(a.cache)
    model = load_ema(Estimator(), a.estimator)
    restored = to_picture(np.load(a.cache / 'labels-val-restored.npy'))
    disagreement = to_disagreement(np.load(a.cache / 'labels-val-disagreement.npy'))
    with torch.no_grad():
        estimates = [model(*batch)[0] for batch in zip(lq.split(16), restored.split(16), disagreement.split(16))]
    std, grid, error = (torch.cat(part) for part in list(zip(*estimates))[:3])
    errors, squares = (torch.from_numpy(np.load(a.cache / f'labels-val-{name}.npy')) for name in ('errors', 'grid'))
    true, true_grid = smallest_std(errors, TOLERANCE), crossing(squares.float(), TOLERANCE)
    off = std - true
    print(f'{len(true)} pairs, tolerance {TOLERANCE}: mean absolute error {off.abs().mean():.2f}, bias {off.mean():+.2f}, '
          f'rank correlation {rank_correlation(std, true):.3f}; always the median {(true - true.median()).abs().mean():.2f}')
    print(f'grid: mean absolute error {(grid - true_grid).abs().mean():.2f}, rank correlation {rank_correlation(grid.flatten(), true_grid.flatten()):.3f}; '
          f'the one number everywhere {(std[:, None, None] - true_grid).abs().mean():.2f}')
    print(f'expected error: mean {error.mean():.2f}, rank correlation with the error {rank_correlation(error, off.abs()):.3f}')
    print('| true std* | pairs | mean estimate | mean absolute error | expected error |\n|---|---|---|---|---|')
    for low, high in BINS:
        chosen = (true >= low) & (true < high)
        if chosen.any():
            print(f'| {low:g}-{min(high, STD_MAX):g} | {int(chosen.sum())} | {std[chosen].mean():.2f} | {off[chosen].abs().mean():.2f} | {error[chosen].mean():.2f} |')
    if a.out:
        a.out.write_text(scatter(list(zip(true.tolist(), std.tolist()))))


if __name__ == '__main__':
    main()
