"""Trains RM for fidelity (paper A.1; eq. 8/17): L1 plus a frequency term, or the mean log MSE (PSNR loss).

    /usr/bin/python3 training/pairs.py && /usr/bin/python3 training/train_restoration.py --architecture aligned --pairs --loss psnr --optimiser muon --lr 0.002 --minutes 80
    python3 training/train_restoration.py --architecture nafnet --device cuda --compile --batch 128 --optimiser muon --minutes 9
"""
from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from degrade import SETTINGS, degraded_pair
from faces import Faces, validation_pairs
from loop import add_loop_arguments, images_seen, loop_config, psnr, train
from precision import autocast, layout
from pairs import Pairs, squared_error
from restoration import ARCHITECTURES


def frequency_loss(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Mean absolute difference of orthonormal FFT coefficients."""
    difference = torch.fft.rfft2(a.float() - b.float(), norm='ortho')
    return (difference.real.abs() + difference.imag.abs()).mean()


def psnr_loss(mse: torch.Tensor) -> torch.Tensor:
    """Mean over pictures of log MSE [B], scaled to the size of the L1 loss's gradient: the negative mean PSNR."""
    return 0.04 * mse.add(1e-5).log().mean()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--architecture', choices=ARCHITECTURES, default='unet')
    parser.add_argument('--sources', default='', help='comma-separated; only pictures of these sources')
    parser.add_argument('--loss', choices=('l1', 'psnr'), default='l1')
    parser.add_argument('--degradation', choices=SETTINGS, default='paper')
    parser.add_argument('--pairs', action='store_true', help='train on the pool of pairs.py (--loss psnr)')
    parser.add_argument('--coarse-share', type=float, default=0.4, help='share of 128-pixel pictures, of a pool')
    parser.add_argument('--frequency', type=float, default=0.1, help='weight of the frequency term')
    add_loop_arguments(parser, minutes=80, batch=16, lr=5e-4, run=Path('training/runs/restoration'))
    a = parser.parse_args()
    if a.pairs and a.loss != 'psnr':
        parser.error(f'--pairs goes with --loss psnr, not {a.loss}')
    config = loop_config(a)
    torch.set_num_threads(a.threads)
    start = images_seen(a.run)
    pool = Pairs(a.cache, a.seed + start, a.coarse_share, a.device) if a.pairs else None
    sources = tuple(filter(None, a.sources.split(',')))
    faces = None if pool else Faces(a.cache, 'train-256', 256, seed=a.seed + start, sources=sources, device=a.device)
    random = np.random.default_rng(a.seed + 1 + start)
    lq, hq = validation_pairs(a.cache, 48)

    def batch_of(count: int) -> tuple[torch.Tensor, ...]:
        if pool:
            return pool.batch(count)
        x, y = degraded_pair(faces.batch(count), random, a.degradation)
        return x, y.contiguous(memory_format=layout(a.device)), torch.ones(count, dtype=torch.bool, device=x.device)

    def loss_of(model: torch.nn.Module, x: torch.Tensor, y: torch.Tensor, fine: torch.Tensor) -> torch.Tensor:
        with autocast(a.device):
            restored = model(y)
        if a.loss == 'psnr':
            return psnr_loss(squared_error(restored, x, fine))
        return (restored.float() - x).abs().mean() + a.frequency * frequency_loss(restored, x)

    def validate(model: torch.nn.Module) -> dict[str, float]:
        restored = torch.cat([model(batch.to(a.device)).cpu() for batch in lq.split(8)])
        return {'val_psnr': float(psnr(restored, hq).mean()), 'val_psnr_lq': float(psnr(lq, hq).mean())}

    train(ARCHITECTURES[a.architecture](), config, batch_of, loss_of, validate)


if __name__ == '__main__':
    main()
