"""How much power a face has in each ring of frequencies, from RM's picture of it: the pack's face-power.json.

    /usr/bin/python3 training/face_power.py --out resources/models/family-256/face-power.json

Degrades training faces, and fits by ridge regression the natural log of a face's mean power in each ring to those of RM's
picture in all rings. `equalise_guide` and `equalise_face` raise RM's picture and the restored face towards that (power spectrum equalization, Cannon
1976), as `engine/method/face-power.ts` does. Prints how far off the prediction is on the validation pairs, ring by ring, beside
that of the faces' mean spectrum and beside RM's picture itself.
"""
from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from degrade import degraded_pair
from faces import Faces, validation_pairs
from labels import load_restoration
from precision import autocast
from spectral import dct2, idct2

EDGES = tuple(np.geomspace(2, 128, 13).round(4).tolist())  # cycles across the picture
GUIDES = 0.25  # how far RM's picture is raised before it guides, as a part of how far the face is
RAISED_FROM = 20.0  # cycles from which the restored face is raised
SQUARES = 4  # pixels; the networks draw in such squares, whose grid is not raised but lowered
RIDGE = 0.3
LARGEST_GAIN = 4.0
LEAST_POWER = 1e-12


def cycles(size: int) -> torch.Tensor:
    """Cycles across the picture of each frequency of the DCT-II, [S, S]."""
    u = torch.arange(size, dtype=torch.float64)
    return (u[:, None] ** 2 + u[None] ** 2).sqrt() / 2


def log_powers(pictures: torch.Tensor, edges: tuple[float, ...] | list[float] = EDGES) -> np.ndarray:
    """Natural log of the mean square of the coefficients in each ring: [B, 3, S, S] in [0, 1] to float64 [B, rings]."""
    power, radius = dct2(pictures).double().pow(2).mean(1), cycles(pictures.shape[-1])
    rings = [power[:, (radius >= a) & (radius < b)].mean(1) for a, b in zip(edges, edges[1:])]
    return torch.stack(rings, 1).clamp_min(LEAST_POWER).log().numpy()


def with_constant(logs: np.ndarray) -> np.ndarray:
    return np.concatenate([np.ones((len(logs), 1)), logs], 1)


def equalise_guide(restored: torch.Tensor, table: dict, crispness: float) -> torch.Tensor:
    """RM's pictures [B, 3, S, S] in [0, 1] as they guide."""
    return equalise_power(restored, restored, table, crispness * table.get('guides', 1), lowest=0)


def equalise_face(pictures: torch.Tensor, restored: torch.Tensor, table: dict, crispness: float) -> torch.Tensor:
    """Restored faces [B, 3, S, S] in [0, 1], their fine detail raised to what a face has by RM's pictures."""
    return equalise_power(pictures, restored, table, crispness, lowest=table.get('raisedFrom', float('inf')), squares=table.get('squares'))


def equalise_power(pictures: torch.Tensor, restored: torch.Tensor, table: dict, strength: float, *, lowest: float, squares: int | None = None) -> torch.Tensor:
    """Pictures [B, 3, S, S] in [0, 1] with each frequency multiplied by (P_face / P)^(strength / 2), from 1 to LARGEST_GAIN,
    P_face as `table` predicts it of RM's pictures, P their own; rings whose middle is under `lowest` cycles stay.
    Around the frequencies of the grid of `squares` the factor is 1 - strength."""
    if strength == 0:
        return pictures
    edges = table['edges']
    face = with_constant(log_powers(restored, edges)) @ np.array(table['weights']).T
    middles = np.sqrt(np.array(edges[1:]) * edges[:-1])
    gains = np.maximum(0, face - log_powers(pictures, edges)) * (middles >= lowest)
    at = cycles(pictures.shape[-1]).clamp_min(1e-9).log().numpy()
    gain = np.stack([np.exp(strength / 2 * np.interp(at, np.log(middles), g, left=0)).clip(max=LARGEST_GAIN) for g in gains])
    gain = torch.from_numpy(gain).float()
    if squares is not None:
        gain[:, on_grid(pictures.shape[-1], squares)] = 1 - strength
    return idct2(dct2(pictures) * gain[:, None])


def on_grid(size: int, squares: int) -> torch.Tensor:
    """Frequencies of the DCT-II [S, S] that lie within S / 32 of a multiple of the grid's, but for those around 0."""
    index, period = torch.arange(size), 2 * size / squares
    nearest = torch.floor(index / period + 0.5)
    near = (index - period * nearest).abs() <= size / 32
    return near[:, None] & near[None] & (torch.maximum(nearest[:, None], nearest[None]) > 0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--cache', type=Path, default=Path('training/.cache'))
    parser.add_argument('--restoration', type=Path, default=Path('training/runs/restoration'))
    parser.add_argument('--out', type=Path, default=Path('resources/models/family-256/face-power.json'))
    parser.add_argument('--count', type=int, default=1600, help='faces')
    parser.add_argument('--light', type=float, default=0.3, help='share of the degraded faces whose details are still there')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--threads', type=int, default=2)
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    restoration = load_restoration(a.restoration)

    @torch.no_grad()
    def measured(x: torch.Tensor, y: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
        with autocast('cpu'):
            restored = restoration.with_disagreement(y)[0].float()
        return log_powers(x), log_powers(restored)

    faces, random = Faces(a.cache, 'train-256', 256, seed=a.seed + 51, affine_share=0), np.random.default_rng(a.seed + 52)
    pairs = (degraded_pair(faces.batch(8), random, light=a.light) for _ in range(a.count // 8))
    truth, seen = (np.concatenate(part) for part in zip(*(measured(x, y) for x, y in pairs)))
    known = with_constant(seen)
    weights = np.linalg.solve(known.T @ known + RIDGE * np.eye(known.shape[1]), known.T @ truth).T
    a.out.write_text(json.dumps({'edges': EDGES, 'weights': weights.round(5).tolist(), 'resolution': 256, 'guides': GUIDES, 'raisedFrom': RAISED_FROM, 'squares': SQUARES}) + '\n')

    lq, hq = validation_pairs(a.cache, 157)
    true_log, seen_log = (np.concatenate(part) for part in zip(*(measured(*part) for part in zip(hq.split(8), lq.split(8)))))
    for name, guess in (('mean face', truth.mean(0)), ("RM's picture", seen_log), ('predicted', with_constant(seen_log) @ weights.T)):
        error = guess - true_log
        print(f'{name}: root mean square of ln(power / true power)', (error ** 2).mean(0).__pow__(0.5).round(2), 'mean', error.mean(0).round(2))


if __name__ == '__main__':
    main()
