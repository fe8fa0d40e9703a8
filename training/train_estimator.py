"""Trains SE in two stages: SDE on true Gaussian blurs (eq. 20/21), then TM + SDE on labels (eq. 10/22).

    nice -n 10 /usr/bin/python3 training/train_estimator.py --stage 1 --run training/runs/sde --minutes 8
    nice -n 10 /usr/bin/python3 training/train_estimator.py --stage 2 --sde training/runs/sde --run training/runs/estimator --minutes 15
"""
from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from estimator import GRID, STD_MAX, STD_MIN, BlurEstimate, Estimator, StandardDeviationEstimator
from faces import Faces, validation_pairs
from loop import add_loop_arguments, autocast, begin_with, loop_config, train
from spectral import gaussian_blur


def ranks(values: torch.Tensor) -> torch.Tensor:
    """From 0, the mean rank where values are equal."""
    _, inverse, counts = values.unique(return_inverse=True, return_counts=True)
    return (counts.cumsum(0) - (counts + 1) / 2)[inverse].float()


def rank_correlation(a: torch.Tensor, b: torch.Tensor) -> float:
    """Spearman's rho."""
    return float(torch.corrcoef(torch.stack([ranks(a), ranks(b)]))[0, 1])


def estimation_loss(estimate: BlurEstimate, std: torch.Tensor, grid: torch.Tensor) -> torch.Tensor:
    """L1 of std and of the grid on the axis' scale, and the likelihood of the error as a Laplace distribution's."""
    off = (estimate.std.float() - std).abs()
    error = estimate.error.float()
    likelihood = off.detach() / error + error.log()
    return (off.mean() + (estimate.grid.float() - grid).abs().mean()) / STD_MAX + 0.01 * likelihood.mean()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--stage', type=int, choices=(1, 2), required=True)
    parser.add_argument('--sde', type=Path, default=Path('training/runs/sde'), help="stage 1's run, for stage 2")
    parser.add_argument('--weight', type=float, default=0.1, help='lambda of eq. 22, on std / 15')
    add_loop_arguments(parser, minutes=8, batch=16, lr=1e-3)
    a = parser.parse_args()
    config = loop_config(a, ema=0.995, evaluate_every=120)
    torch.set_num_threads(a.threads)
    random = np.random.default_rng(a.seed + 1)
    lq, hq = validation_pairs(a.cache)

    if a.stage == 1:
        faces = Faces(a.cache, 'train-256', 256, seed=a.seed, device=a.device)
        std_val = torch.from_numpy(np.random.default_rng(5).uniform(STD_MIN, STD_MAX, len(hq))).float()
        blurred_val = gaussian_blur(hq, std_val / 2)

        def batch_of(count: int) -> tuple[torch.Tensor, torch.Tensor]:
            std = torch.from_numpy(random.uniform(STD_MIN, STD_MAX, count)).float().to(a.device)
            y = gaussian_blur(faces.batch(count), std / 2)
            return y + torch.from_numpy(random.uniform(0, 2 / 255, (count, 1, 1, 1))).to(y) * torch.randn_like(y), std

        def loss_of(model: torch.nn.Module, y: torch.Tensor, std: torch.Tensor) -> torch.Tensor:
            with autocast(a.device):
                estimate = model(y)
            return estimation_loss(estimate, std, std[:, None, None].expand(-1, GRID, GRID))

        def validate(model: torch.nn.Module) -> dict[str, float]:
            return {'val_mae': float((model(blurred_val.to(a.device)).std.cpu() - std_val).abs().mean())}

        train(StandardDeviationEstimator(), config, batch_of, loss_of, validate)
        return

    labels = json.loads((a.cache / 'labels.json').read_text())
    stds, val_std, val_grid = (torch.tensor(labels[k]) for k in ('std', 'val_std', 'val_grid'))
    xs, lqs, grids = (np.load(a.cache / f'labels-{k}.npy', mmap_mode='r') for k in ('x', 'lq', 'grid'))
    model = Estimator()
    begin_with(model.sde, torch.load(a.sde / 'checkpoint.pt', map_location='cpu')['ema'])
    to_float = lambda pictures: torch.from_numpy(pictures).to(a.device).permute(0, 3, 1, 2).float().div(255)

    def batch_of(count: int) -> tuple[torch.Tensor, ...]:
        chosen = np.sort(random.integers(0, len(stds), count))
        std, grid = stds[chosen].to(a.device), torch.from_numpy(grids[chosen]).to(a.device).float()
        x, y = to_float(xs[chosen]), to_float(lqs[chosen])
        if random.random() < 0.5:
            x, y, grid = x.flip(-1), y.flip(-1), grid.flip(-1)
        return y.contiguous(memory_format=torch.channels_last), gaussian_blur(x, std / 2), std, grid

    def loss_of(model: torch.nn.Module, y: torch.Tensor, target: torch.Tensor, std: torch.Tensor, grid: torch.Tensor) -> torch.Tensor:
        with autocast(a.device):
            estimate, blurred = model(y)
        return (blurred.float() - target).abs().mean() + a.weight * estimation_loss(estimate, std, grid)

    def validate(model: torch.nn.Module) -> dict[str, float]:
        estimates = [model(batch.to(a.device))[0] for batch in lq.split(16)]
        std_hat, grid, error = (torch.cat(part).cpu() for part in zip(*estimates))
        std_hat, grid = std_hat.clamp(STD_MIN, STD_MAX), grid.clamp(STD_MIN, STD_MAX)
        off = (std_hat - val_std).abs()
        return {'val_mae': float(off.mean()), 'val_rank': rank_correlation(std_hat, val_std),
                'val_mae_of_median': float((val_std - val_std.median()).abs().mean()),
                'val_grid_mae': float((grid - val_grid).abs().mean()), 'val_grid_rank': rank_correlation(grid.flatten(), val_grid.flatten()),
                'val_grid_mae_of_number': float((std_hat[:, None, None] - val_grid).abs().mean()),
                'val_error_rank': rank_correlation(error, off)}

    train(model, config, batch_of, loss_of, validate)


if __name__ == '__main__':
    main()
