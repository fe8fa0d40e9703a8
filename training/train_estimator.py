"""Trains SE in two stages: SDE on true Gaussian blurs (eq. 20/21), then TM + SDE on labels (eq. 10/22).

    /usr/bin/python3 training/train_estimator.py --stage 1 --run training/runs/sde --minutes 8
    /usr/bin/python3 training/train_estimator.py --stage 2 --sde training/runs/sde --run training/runs/estimator --minutes 15

Stage 2 takes the pairs of `pairs.py`'s pool that `labels.py` has labelled.
"""
from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from estimator import GRID, OPTIMISM, STD_MAX, STD_MIN, TOLERANCE, BlurEstimate, Estimator, StandardDeviationEstimator, crossing
from faces import Faces, validation_pairs
from labels import at_knots, smallest_std, to_disagreement
from loop import add_loop_arguments, begin_with, loop_config, train
from precision import autocast, layout
from pairs import to_picture
from spectral import gaussian_blur


UNSEEN = 0.1  # share of the pairs whose RM(y) SE does not see, as with another RM


def ranks(values: torch.Tensor) -> torch.Tensor:
    """From 0, the mean rank where values are equal."""
    _, inverse, counts = values.unique(return_inverse=True, return_counts=True)
    return (counts.cumsum(0) - (counts + 1) / 2)[inverse].float()


def rank_correlation(a: torch.Tensor, b: torch.Tensor) -> float:
    """Spearman's rho."""
    return float(torch.corrcoef(torch.stack([ranks(a), ranks(b)]))[0, 1])


def estimation_loss(estimate: BlurEstimate, std: torch.Tensor, grid: torch.Tensor) -> torch.Tensor:
    """L1 of std and of the grid on the axis' scale, and the likelihood of the error as a Laplace distribution's."""
    off = (estimate.std - std).abs()
    likelihood = off.detach() / estimate.error + estimate.error.log()
    return (off.mean() + 0.5 * (estimate.grid - grid).abs().mean()) / STD_MAX + 0.01 * likelihood.mean()


def curve_loss(estimate: BlurEstimate, curve: torch.Tensor, grid_curve: torch.Tensor) -> torch.Tensor:
    """L1 of both curves' log10."""
    return (estimate.curve - curve).abs().mean() + 0.5 * (estimate.grid_curve - grid_curve).abs().mean()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--stage', type=int, choices=(1, 2), required=True)
    parser.add_argument('--sde', type=Path, help="stage 1's run, for stage 2")
    parser.add_argument('--tm', type=Path, help='a run of stage 2 whose TM a fresh one begins with')
    parser.add_argument('--weight', type=float, default=0.5, help='lambda of eq. 22, on std / 15')
    parser.add_argument('--tolerance', type=float, default=TOLERANCE, help='tol of eq. 9/19')
    add_loop_arguments(parser, minutes=8, batch=16, lr=1e-3, ema=0.995)
    a = parser.parse_args()
    config = loop_config(a, evaluate_every=120)
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

    load = lambda name: np.load(a.cache / f'labels-{name}.npy', mmap_mode='r')
    pairs, errors, grid_curves = load('pairs'), torch.from_numpy(np.array(load('errors'))), load('grid')
    seen, seen_val = ([load(kind + name) for name in ('restored', 'disagreement')] for kind in ('', 'val-'))
    val_restored, val_disagreement = to_picture(np.array(seen_val[0])), to_disagreement(np.array(seen_val[1]))
    errors *= 10 ** OPTIMISM
    stds, curves = smallest_std(errors, a.tolerance), at_knots(errors)
    val_std = smallest_std(torch.from_numpy(np.array(load('val-errors'))), a.tolerance)
    val_grid = crossing(torch.from_numpy(np.array(load('val-grid'))).float(), a.tolerance)
    xs, lqs = (np.load(a.cache / f'pairs-fine-{part}.npy', mmap_mode='r') for part in 'xy')
    model = Estimator()
    model.sde.tolerance = a.tolerance
    for part, run in ((model.sde, a.sde), (model.tm, a.tm)):
        if run:
            begin_with(part, {k.removeprefix('tm.'): v for k, v in torch.load(run / 'checkpoint.pt', map_location='cpu')['ema'].items()
                              if part is model.sde or k.startswith('tm.')})

    def batch_of(count: int) -> tuple[torch.Tensor, ...]:
        chosen = np.sort(random.integers(0, len(stds), count))
        grid_curve = torch.from_numpy(grid_curves[chosen]).to(a.device).float() + OPTIMISM
        x, y, restored = (to_picture(part[at], a.device) for part, at in ((xs, pairs[chosen]), (lqs, pairs[chosen]), (seen[0], chosen)))
        disagreement = to_disagreement(seen[1][chosen], a.device)
        if random.random() < 0.5:
            x, y, restored, disagreement, grid_curve = (part.flip(-1) for part in (x, y, restored, disagreement, grid_curve))
        unseen = torch.from_numpy(np.flatnonzero(random.random(count) < UNSEEN))
        restored[unseen], disagreement[unseen] = y[unseen], 0
        std = stds[chosen].to(a.device)
        return y.contiguous(memory_format=layout(a.device)), restored, disagreement, gaussian_blur(x, std / 2), std, curves[chosen].to(a.device), grid_curve

    def loss_of(model: torch.nn.Module, y: torch.Tensor, restored: torch.Tensor, disagreement: torch.Tensor, target: torch.Tensor,
                std: torch.Tensor, curve: torch.Tensor, grid_curve: torch.Tensor) -> torch.Tensor:
        with autocast(a.device):
            estimate, blurred = model(y, restored, disagreement)
        estimation = estimation_loss(estimate, std, crossing(grid_curve, a.tolerance)) + 0.1 * curve_loss(estimate, curve, grid_curve)
        return (blurred.float() - target).abs().mean() + a.weight * estimation

    def validate(model: torch.nn.Module) -> dict[str, float]:
        estimates = [model(*(part.to(a.device) for part in batch))[0] for batch in zip(lq.split(16), val_restored.split(16), val_disagreement.split(16))]
        std_hat, grid, error = (torch.cat(part).cpu() for part in list(zip(*estimates))[:3])
        off = (std_hat - val_std).abs()
        return {'val_mae': float(off.mean()), 'val_rank': rank_correlation(std_hat, val_std),
                'val_mae_of_median': float((val_std - val_std.median()).abs().mean()),
                'val_grid_mae': float((grid - val_grid).abs().mean()), 'val_grid_rank': rank_correlation(grid.flatten(), val_grid.flatten()),
                'val_grid_mae_of_number': float((std_hat[:, None, None] - val_grid).abs().mean()),
                'val_error_rank': rank_correlation(error, off)}

    train(model, config, batch_of, loss_of, validate)


if __name__ == '__main__':
    main()
