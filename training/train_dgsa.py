"""Trains DGSA in two stages on the frozen prior (eq. 14/24; paper A.3, algorithm 2).

    /usr/bin/python3 training/train_dgsa.py --stage 1 --run training/runs/dgsa-1 --minutes 8
    /usr/bin/python3 training/train_dgsa.py --stage 2 --from training/runs/dgsa-1 --run training/runs/dgsa --minutes 4

Stage 1 guides with true Gaussian blurs, stage 2 with DBLM's output. A step: x_t at a random t <= t_std, x0_hat, the
closed-form x* (method page, "Ours 2"), x0 = x0_hat + A_t (x* - x0_hat), a DDIM step to t - stride, x0_hat there; the
loss compares that with the truth.

Ours: x_t is noised from the truth with RM's picture below the blur in place of its own, as in the sampler, whose x_t
begins with RM's. An x_t of the truth itself knows more than any guide, and DGSA learns from it to follow none.
"""
from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from denoiser import Denoiser
from degrade import degraded_pair
from dgsa import Dgsa
from estimator import STD_MAX, Estimator
from faces import Faces
from labels import load_restoration
from losses import EncoderFeatures, dists, swt_loss
from loop import add_loop_arguments, loop_config, train
from precision import autocast, layout
from schedule import ddim_step, noised, prior_weight
from spectral import dct2, gaussian_blur, idct2, transfer_1d


def load_ema(model: torch.nn.Module, run: Path) -> torch.nn.Module:
    model.load_state_dict(torch.load(run / 'checkpoint.pt', map_location='cpu')['ema'])
    return model.eval().requires_grad_(False).to(memory_format=layout('cpu'))


def guided_estimate(x0_hat: torch.Tensor, y: torch.Tensor, h: torch.Tensor, w: torch.Tensor, lam: torch.Tensor) -> torch.Tensor:
    """X* = (lambda X0_hat + sum_i w_i H_i Y_i) / (lambda + sum_i w_i H_i^2).

    x0_hat [B, 3, S, S], y [B, n, 3, S, S], h [B, n, S], w [n], lam [B].
    """
    h2 = (h[..., :, None] * h[..., None, :])[:, :, None]
    w, lam = w.view(1, -1, 1, 1, 1), lam.view(-1, 1, 1, 1)
    top = lam * dct2(x0_hat) + (w * h2 * dct2(y)).sum(1)
    return idct2(top / (lam + (w * h2 ** 2).sum(1)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--stage', type=int, choices=(1, 2), required=True)
    parser.add_argument('--denoiser', type=Path, default=Path('training/runs/detail'))
    parser.add_argument('--restoration', type=Path, default=Path('training/runs/restoration'))
    parser.add_argument('--estimator', type=Path, default=Path('training/runs/estimator'))
    parser.add_argument('--dsst', type=Path, default=Path('resources/models/family-256/dsst.json'))
    parser.add_argument('--from', dest='source', type=Path, help="stage 1's run, for stage 2")
    parser.add_argument('--rho', type=float, default=0.03)
    parser.add_argument('--least', type=float, default=1.5, help='least blur of std and guides, pixels at 512, as in the preset that DGSA is for')
    parser.add_argument('--stride', type=int, default=50, help="t of the step's target is t - stride")
    add_loop_arguments(parser, minutes=8, batch=4, lr=1e-3, ema=0.99)
    a = parser.parse_args()
    config = loop_config(a, warmup=20)
    torch.set_num_threads(a.threads)
    denoiser = load_ema(Denoiser(), a.denoiser).to(a.device)
    features = EncoderFeatures(denoiser)
    faces, random = Faces(a.cache, 'train-256', 256, seed=a.seed + 21, device=a.device), np.random.default_rng(a.seed + 22)
    noise = torch.Generator(a.device).manual_seed(a.seed + 23)
    on_device = lambda values: torch.as_tensor(values).to(a.device)
    table = on_device(json.loads(a.dsst.read_text())['t'])
    weights = on_device([0.7, 0.2, 0.1])
    if a.stage == 2:
        restoration, estimator = load_restoration(a.restoration).to(a.device), load_ema(Estimator(), a.estimator).to(a.device)

    def measurement(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(sharp source of the guides in [-1, 1], std in pixels at 512): the truth, or RM(y) with SE(y)."""
        if a.stage == 1:
            return x * 2 - 1, on_device(random.uniform(a.least, STD_MAX, len(x))).float()
        _, y = degraded_pair(x, random)
        with torch.no_grad(), autocast(a.device):
            restored, disagreement = (part.float() for part in restoration.with_disagreement(y))
            return restored * 2 - 1, estimator(y, restored, disagreement)[0].std.float().clamp(a.least, STD_MAX)

    def batch_of(count: int) -> tuple[torch.Tensor, ...]:
        """(truth in [-1, 1], guides, their transfers, x_t, t); the guides as eq. 12 makes them of the measurement."""
        x = faces.batch(count)
        source, std = measurement(x)
        x = x * 2 - 1
        stds = (std[:, None] - on_device(range(3))).clamp_min(a.least) * x.shape[-1] / 512
        guides = torch.stack([gaussian_blur(source, stds[:, i]) for i in range(3)], 1)
        last = table[(std * 10).round().long().clamp(1, 150) - 1]
        t = (on_device(random.random(count)).float() * last).long().clamp_min(a.stride + 1)
        x_t = noised(x + gaussian_blur(source - x, stds[:, 0]), t, noise)
        return x, guides, transfer_1d(stds, x.shape[-1]), x_t, t

    def loss_of(model: torch.nn.Module, x: torch.Tensor, guides: torch.Tensor, transfers: torch.Tensor, x_t: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        with torch.no_grad(), autocast(a.device):
            x0_hat = denoiser(x_t, t).float()
        target = guided_estimate(x0_hat, guides, transfers, weights, prior_weight(t, a.rho))
        with autocast(a.device):
            raw = model.unclamped(guides[:, 0], x0_hat, t).float()
        scale = raw + (raw.clamp(0, 1) - raw).detach()  # clamp with a straight-through gradient
        x_next = ddim_step(x_t, x0_hat + scale * (target - x0_hat), t, t - a.stride)
        with autocast(a.device):
            x0_next = denoiser(x_next, t - a.stride)
            perceptual = dists(features(x0_next), features(x))
        outside = (raw - raw.clamp(0, 1)).pow(2).mean()
        return swt_loss(x0_next.float(), x) + perceptual + 0.1 * outside

    model = Dgsa()
    if a.source:
        model.load_state_dict(torch.load(a.source / 'checkpoint.pt', map_location='cpu')['ema'])
    train(model, config, batch_of, loss_of)


if __name__ == '__main__':
    main()
