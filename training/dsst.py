"""The Dynamic Starting Step Lookup Table, t_std = min { t : log X_t - log Y_t <= tol } (eq. 11/23).

    /usr/bin/python3 training/dsst.py --out resources/models/family-256/dsst.json

With P(f) the training set's mean power per radial frequency (orthonormal DCT-II, pictures in [-1, 1]),
X_t = abar_t P + 1 - abar_t and Y_t = abar_t P H_std^2 + 1 - abar_t; the largest difference over f counts.
"""
from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch

from faces import Faces
from labels import std_axis
from schedule import STEPS, alpha_bars
from spectral import dct2


def radial_power(pictures: torch.Tensor) -> torch.Tensor:
    """Mean power per rounded radius sqrt(u^2 + v^2) < S of the DCT; pictures [B, 3, S, S] in [-1, 1]: [S]."""
    size = pictures.shape[-1]
    power = dct2(pictures).pow(2).mean((0, 1))
    u = torch.arange(size).float()
    radius = (u[:, None] ** 2 + u[None, :] ** 2).sqrt().round().long()
    inside = radius < size
    total = torch.zeros(size).index_add_(0, radius[inside], power[inside])
    return total / torch.bincount(radius[inside], minlength=size)


def starting_steps(power: torch.Tensor, stds: torch.Tensor, tol: float) -> list[int]:
    """t_std for each std (pixels at S): integers 1-1000."""
    size = len(power)
    w = torch.pi * torch.arange(size, dtype=torch.float64) / size
    abar = alpha_bars()[1:, None]
    clean = abar * power.double() + 1 - abar
    result = []
    for std in stds.double():
        blurred = abar * power.double() * torch.exp(-(std * w) ** 2) + 1 - abar
        largest = (clean.log() - blurred.log()).amax(1)
        enough = (largest <= tol).nonzero()
        result.append(int(enough[0]) + 1 if len(enough) else STEPS)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--cache', type=Path, default=Path('training/.cache'))
    parser.add_argument('--tol', type=float, default=0.01)
    parser.add_argument('--out', type=Path, required=True)
    a = parser.parse_args()
    faces = Faces(a.cache, 'train-256', 256, seed=0)
    total, batches = torch.zeros(256), 0
    for i in range(0, len(faces) - 63, 64):
        pictures = torch.from_numpy(faces.pictures[i:i + 64]).permute(0, 3, 1, 2).float() / 127.5 - 1
        total, batches = total + radial_power(pictures), batches + 1
    power = total / batches
    stds = std_axis()
    table = starting_steps(power, stds * 256 / 512, a.tol)
    a.out.parent.mkdir(parents=True, exist_ok=True)
    a.out.write_text(json.dumps({'std': [round(float(s), 1) for s in stds], 't': table, 'tol': a.tol, 'resolution': 256,
                                 'power': [float(f'{p:.6g}') for p in power]}))
    print({s: table[round(s * 10) - 1] for s in (0.5, 1, 2, 3, 5, 8, 15)})


if __name__ == '__main__':
    main()
