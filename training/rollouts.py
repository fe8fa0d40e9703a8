"""What the sampler makes of the pool's pairs, which is what the detail network is given: (x0, std of the first guide).

    for part in 0 1; do /usr/bin/python3 training/rollouts.py --part $part --parts 2 & done

takes the first pairs of `pairs.py`'s pool and writes into the cache, in their order, `rollouts-restored.npy` and
`rollouts-x0.npy` (RM's picture and the sampler's, uint8 [N, H, W, 3]) and `rollouts-std.npy` (float32 [N], pixels at
512; 0 where the others are not there yet); the same of the validation pairs with Balanced's constants as
`rollouts-val-*.npy`. Each face draws its least blur and rho from PRESETS, its number of guides, and its steps.
"""
from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Callable

import numpy as np
import torch

from denoiser import Denoiser
from estimator import STD_MAX, Estimator
from labels import load_restoration
from loop import autocast
from memory import keep_memory
from pairs import to_picture, to_pixels
from sampler import WEIGHTS, timesteps
from schedule import ddim_step, noised, prior_weight
from spectral import dct2, gaussian_blur, idct2, transfer_1d
from train_dgsa import load_ema

PRESETS = ((1.0, 0.003), (3.0, 0.03), (5.0, 0.1))  # (least blur, rho) of Faithful, Balanced, Detailed
SHARES = (0.2, 0.5, 0.3)
BATCH = 16


@torch.no_grad()
def roll(denoiser: torch.nn.Module, restored: torch.Tensor, std: torch.Tensor, least: torch.Tensor, rho: torch.Tensor,
         count: int, steps: int, table: torch.Tensor, noise: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """The guided DDIM trajectories of a batch: restored [B, 3, S, S] in [-1, 1], std, least, rho [B]; each begins at its
    own t. Returns (x0 in [-1, 1], std of the first guide [B])."""
    size = restored.shape[-1]
    stds = torch.stack([torch.maximum(std - i, least).clamp_max(STD_MAX) for i in range(count)], 1)
    h = transfer_1d(stds * size / 512, size)
    power = ((h[..., :, None] * h[..., None, :]) ** 2 * torch.tensor(WEIGHTS[count]).view(1, -1, 1, 1)).sum(1)[:, None]
    known = power * dct2(restored)  # sum_i w_i H_i Y_i, Y_i = H_i RM
    start = table[((stds[:, 0] * 10).round().long() - 1).clamp(0, len(table) - 1)]
    times = torch.tensor([timesteps(int(t), steps, 2) for t in start]).t()
    x = noised(gaussian_blur(restored, stds[:, 0] * size / 512), times[0], noise)
    for t, later in zip(times, times[1:]):
        with autocast('cpu'):
            x0_hat = denoiser(x, t).float()
        weight = prior_weight(t, rho).view(-1, 1, 1, 1)
        x0 = idct2((weight * dct2(x0_hat) + known) / (weight + power))
        if int(later.max()) > 0:
            x = ddim_step(x, x0, t, later)
    return x0, stds[:, 0]


def opened(path: Path, shape: tuple[int, ...], kind: type) -> np.ndarray:
    """The array in the file, or an empty one where there is none of that shape."""
    if path.exists() and (array := np.load(path, mmap_mode='r+')).shape == shape:
        return array
    return np.lib.format.open_memmap(path, 'w+', kind, shape)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--cache', type=Path, default=Path('training/.cache'))
    parser.add_argument('--runs', type=Path, default=Path('training/runs'))
    parser.add_argument('--dsst', type=Path, default=Path('resources/models/family-256/dsst.json'))
    parser.add_argument('--count', type=int, default=9000, help='pairs of the pool, from its first on')
    parser.add_argument('--steps', default='8,15', help='steps of a face, from and to')
    parser.add_argument('--part', type=int, default=0, help='this process, of --parts')
    parser.add_argument('--parts', type=int, default=1)
    parser.add_argument('--threads', type=int, default=1)
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    keep_memory()
    few, many = map(int, a.steps.split(','))
    restoration, denoiser = load_restoration(a.runs / 'restoration'), load_ema(Denoiser(), a.runs / 'denoiser')
    estimator = load_ema(Estimator(), a.runs / 'estimator')
    table = torch.tensor(json.loads(a.dsst.read_text())['t'])
    ys = np.load(a.cache / 'pairs-fine-y.npy', mmap_mode='r')[:a.count]

    def fill(name: str, ys: np.ndarray, chunks: range, plan: Callable[[np.random.Generator, int], tuple[torch.Tensor, torch.Tensor, int, int]]) -> None:
        """Rows of `NAME-*.npy`, a chunk of BATCH each; `plan(random, count) -> (least, rho, guides, steps)`."""
        pictures, x0s = (opened(a.cache / f'{name}-{part}.npy', ys.shape, np.uint8) for part in ('restored', 'x0'))
        stds = opened(a.cache / f'{name}-std.npy', ys.shape[:1], np.float32)
        for i in chunks:
            rows = slice(i, i + BATCH)
            if (stds[rows] > 0).all():
                continue
            y = to_picture(ys[rows])
            with torch.no_grad(), autocast('cpu'):
                restored = restoration(y.contiguous(memory_format=torch.channels_last)).float().clamp(0, 1)
                std = estimator(y, restored)[0].std.float()
            x0, first = roll(denoiser, restored * 2 - 1, std, *plan(np.random.default_rng(i), len(y)), table, torch.Generator().manual_seed(i))
            pictures[rows], x0s[rows], stds[rows] = to_pixels(restored), to_pixels((x0 / 2 + 0.5).clamp(0, 1)), first.numpy()
            if i % (50 * BATCH) < a.parts * BATCH:
                print(f'{name}: {i} of {len(ys)}', flush=True)

    def balanced(_: np.random.Generator, count: int) -> tuple[torch.Tensor, torch.Tensor, int, int]:
        least, rho = torch.tensor(PRESETS[1]).repeat(count, 1).t()
        return least, rho, 3, 15

    def any_preset(random: np.random.Generator, count: int) -> tuple[torch.Tensor, torch.Tensor, int, int]:
        least, rho = torch.tensor(PRESETS)[random.choice(len(PRESETS), count, p=SHARES)].t()
        return least, rho, int(random.integers(1, 4)), int(random.integers(few, many + 1))

    if a.part == 0:
        lq = np.load(a.cache / 'val-lq.npy')
        fill('rollouts-val', lq, range(0, len(lq), BATCH), balanced)
    fill('rollouts', ys, range(a.part * BATCH, len(ys), a.parts * BATCH), any_preset)


if __name__ == '__main__':
    main()
