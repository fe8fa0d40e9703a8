"""Measures what each ring of frequencies of the prior's x0_hat is worth, and writes it into a run's checkpoint.

    /usr/bin/python3 training/denoiser_gain.py --run training/runs/denoiser --count 192

g(t, ring) = <X0, X0_hat> / <X0_hat, X0_hat> over the EMA network's estimates of training faces (`SpectralGain`), at the
timesteps of KNOTS and linear between them. A training that goes on from there goes on with it; measured again, it is
that of the network at that time. Prints g, and the error as a part of the face's power before and after, ring by ring.
"""
from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from denoiser import Denoiser
from faces import Faces
from loop import save_atomically
from precision import autocast, layout
from schedule import STEPS, noised
from spectral import dct2, rings

KNOTS = (1, 3, 6, 12, 20, 30, 42, 56, 72, 90, 112, 137, 165, 198, 235, 275, 320, 370, 430, 500, 580, 670, 780, 900, 1000)
LARGEST = 1.1


def ring_sums(spectrum: torch.Tensor, ring: torch.Tensor) -> torch.Tensor:
    """[B, 3, S, S] summed over pictures and channels in each ring: [rings]."""
    return torch.zeros(int(ring.max()) + 1).index_add_(0, ring.flatten(), spectrum.sum((0, 1)).flatten())


@torch.no_grad()
def measure(model: Denoiser, x: torch.Tensor, t: int, generator: torch.Generator) -> tuple[torch.Tensor, ...]:
    """(<X0, X0_hat>, <X0_hat, X0_hat>, <X0, X0>), each [rings], of faces [B, 3, S, S] in [-1, 1] at timestep t."""
    ring, steps = rings(x.shape[-1]), torch.full((len(x),), t)
    x_t = noised(x, steps, generator)
    with autocast('cpu'):
        x0_hat = torch.cat([model(*part).float() for part in zip(x_t.split(8), steps.split(8))])
    truth, estimate = dct2(x), dct2(x0_hat)
    return ring_sums(truth * estimate, ring), ring_sums(estimate ** 2, ring), ring_sums(truth ** 2, ring)


def between_knots(values: torch.Tensor) -> torch.Tensor:
    """[KNOTS, rings] at t = 0..1000, linear between the knots: [1001, rings]."""
    return torch.from_numpy(np.stack([np.interp(range(STEPS + 1), KNOTS, column) for column in values.t().numpy()], 1)).float()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--cache', type=Path, default=Path('training/.cache'))
    parser.add_argument('--run', type=Path, default=Path('training/runs/denoiser'))
    parser.add_argument('--count', type=int, default=192, help='faces at each timestep')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--threads', type=int, default=1)
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    path = a.run / 'checkpoint.pt'
    state = torch.load(path, map_location='cpu')
    model = Denoiser(detail=None).eval().requires_grad_(False)
    model.load_state_dict(state['ema'])
    model.gain.table.fill_(1)
    model = model.to(memory_format=layout('cpu'))
    faces, noise = Faces(a.cache, 'train-256', 256, seed=a.seed + 31, affine_share=0), torch.Generator().manual_seed(a.seed + 32)
    rows = []
    for t in KNOTS:
        both, estimate, truth = measure(model, faces.batch(a.count) * 2 - 1, t, noise)
        gain = (both / estimate.clamp_min(1e-12)).clamp(0, LARGEST)
        rows.append(gain)
        error = lambda g: (truth - 2 * g * both + g ** 2 * estimate) / truth
        show = lambda values: ' '.join(f'{v:.2f}' for v in values[::4].tolist())
        print(f't {t}: gain {show(gain)}; error before {show(error(torch.ones_like(gain)))}; after {show(error(gain))}', flush=True)
    table = between_knots(torch.stack(rows))
    for part in ('model', 'ema'):
        if part in state:
            state[part]['gain.table'] = table
    save_atomically(state, path)


if __name__ == '__main__':
    main()
