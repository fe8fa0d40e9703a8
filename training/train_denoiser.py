"""Trains the x0-predicting prior's U-Net with the loss in v-space (method page, "Ours 3").

    /usr/bin/python3 training/train_denoiser.py --optimiser muon --lr 0.002 --batch 24 --minutes 90

The 128-pixel pictures are used at t >= --coarse-from only, where noise hides their JPEG artefacts. With --t-power over
1 the others are at little noise more often, where restoration walks most.
"""
from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from denoiser import Denoiser
from faces import Faces, validation_pairs
from loop import add_loop_arguments, images_seen, loop_config, psnr, train
from precision import autocast
from schedule import NOISE_FLOOR, STEPS, alpha_bars, noised


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--coarse-share', type=float, default=0.375, help='share of 128-pixel pictures in a batch')
    parser.add_argument('--coarse-from', type=int, default=400, help='smallest t for the 128-pixel pictures')
    parser.add_argument('--t-power', type=float, default=1.0, help="t of a 256-pixel picture is 1000 u^power, u uniform")
    add_loop_arguments(parser, minutes=90, batch=16, lr=4e-4, run=Path('training/runs/denoiser'))
    a = parser.parse_args()
    config = loop_config(a)
    torch.set_num_threads(a.threads)
    start = images_seen(a.run)
    fine = Faces(a.cache, 'train-256', 256, seed=a.seed + start, device=a.device)
    coarse = Faces(a.cache, 'train-128', 256, seed=a.seed + 1 + start, device=a.device)
    random = np.random.default_rng(a.seed + 2 + start)
    noise = torch.Generator(a.device).manual_seed(a.seed + 3 + start)
    abar = alpha_bars().float().to(a.device)
    _, hq = validation_pairs(a.cache, 32)

    def batch_of(count: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        few = int(random.binomial(count, a.coarse_share))
        x = torch.cat([fine.batch(count - few), coarse.batch(few)] if few else [fine.batch(count)]) * 2 - 1
        t_fine = 1 + np.floor(STEPS * random.random(count - few) ** a.t_power).astype(np.int64)
        t = torch.from_numpy(np.concatenate([t_fine, random.integers(a.coarse_from, STEPS + 1, few)]))
        t = t.to(a.device)
        return x, noised(x, t, noise), t

    def loss_of(model: torch.nn.Module, x: torch.Tensor, x_t: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        with autocast(a.device):
            x0_hat = model(x_t, t)
        error = (x0_hat.float() - x).pow(2).flatten(1).mean(1)
        return (error / (1 - abar[t]).clamp_min(NOISE_FLOOR)).mean()

    def validate(model: torch.nn.Module) -> dict[str, float]:
        fixed = torch.Generator(a.device).manual_seed(1)
        result, x = {}, hq.to(a.device) * 2 - 1
        for t in (100, 300, 500, 700, 900):
            steps = torch.full((len(x),), t, device=a.device)
            x_t = noised(x, steps, fixed)
            x0 = torch.cat([model(b, s).float().cpu() for b, s in zip(x_t.split(8), steps.split(8))])
            result[f'psnr_{t}'] = float(psnr(x0 / 2 + 0.5, hq).mean())
        return result

    train(Denoiser(detail=None), config, batch_of, loss_of, validate)


if __name__ == '__main__':
    main()
