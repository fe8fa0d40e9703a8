"""The two samplers in Python: the reference of the parity tests and the tool that fits rho on validation pairs.

    /usr/bin/python3 training/sampler.py --limit 24 --rho 0.003,0.01,0.03,0.1

prints PSNR, gradient energy against the truth's and seconds for each rho, guides count and DGSA choice.
"""
from __future__ import annotations

import argparse
import json
import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import torch

from denoiser import Denoiser
from dgsa import Dgsa
from estimator import STD_MAX, STD_MIN, Estimator
from faces import validation_pairs
from labels import load_restoration
from loop import psnr
from losses import gradient_energy
from schedule import NOISE_FLOOR, alpha_bars, ancestral_step, spectral_timesteps
from spectral import gaussian_blur, transfer_1d
from train_dgsa import WEIGHTS, guided_estimate, load_ema


@dataclass
class Guides:
    """n guides of one face: y [n, 3, S, S] in [-1, 1], std [n] in pixels at 512, weights [n] with sum 1."""
    y: torch.Tensor
    std: torch.Tensor
    weights: torch.Tensor


def make_guides(restored: torch.Tensor, std_hat: float, count: int, spacing: float = 1.0, least: float = STD_MIN) -> Guides:
    """std_i = std_hat - (i - 1) spacing, from `least` to the axis' end; y_i = k_std_i (*) RM(y). restored [3, S, S] in [-1, 1]."""
    std = (std_hat - torch.arange(count) * spacing).clamp(least, STD_MAX)
    size = restored.shape[-1]
    y = torch.stack([gaussian_blur(restored[None], float(s) * size / 512)[0] for s in std])
    return Guides(y, std, torch.tensor(WEIGHTS[count]))


Scale = Callable[[torch.Tensor, torch.Tensor, int], torch.Tensor]


def sample_spectral(model, x: torch.Tensor, steps: list[int], guides: Guides, rho: float, scale: Scale,
                    solver: str = 'ddim') -> torch.Tensor:
    """x [3, S, S] at t = steps[0] to x0 [3, S, S]; `model(x_t, t) -> x0_hat`, `scale(y_1, x0_hat, t) -> A_t`."""
    abar = alpha_bars()
    h_guides = transfer_1d(guides.std * x.shape[-1] / 512, x.shape[-1])
    previous, previous_lambda = None, None
    for t, s in zip(steps, steps[1:]):
        x0_hat = model(x, t)
        lam = (rho * abar[t] / (1 - abar[t]).clamp_min(NOISE_FLOOR)).float()[None]
        target = guided_estimate(x0_hat[None], guides.y[None], h_guides[None], guides.weights, lam)[0]
        x0 = x0_hat + scale(guides.y[0], x0_hat, t) * (target - x0_hat)
        if s == 0:
            return x0
        at, st, a_s, s_s = (float(v) for v in (abar[t].sqrt(), (1 - abar[t]).sqrt(), abar[s].sqrt(), (1 - abar[s]).sqrt()))
        lambda_t, lambda_s = math.log(at / st), math.log(a_s / s_s)
        h = lambda_s - lambda_t
        data = x0
        if solver == 'dpmpp-2m' and previous is not None:
            r = (lambda_t - previous_lambda) / h
            data = (1 + 1 / (2 * r)) * x0 - 1 / (2 * r) * previous
        # DDIM is DPM-Solver++ of first order: x_s = (sigma_s / sigma_t) x_t - alpha_s (e^-h - 1) D
        x = (s_s / st) * x - a_s * (math.expm1(-h)) * data
        previous, previous_lambda = x0, lambda_t
    raise ValueError('steps must end at 0')


def sample_exact(step, x: torch.Tensor, steps: list[int], guides: Guides, scale: Scale, gain: float, noises: list[torch.Tensor]) -> torch.Tensor:
    """Ancestral steps with x_{t-1} = x'_{t-1} - gain A_t . dL/dx_t / sqrt(L) (eq. 5, 12; normalised as in DPS).

    `step(x_t, t) -> (x0_hat, grad, loss)`.
    """
    for i, (t, s) in enumerate(zip(steps, steps[1:])):
        x0_hat, grad, loss = step(x, t)
        x = ancestral_step(x, x0_hat, t, s, noises[i]) - gain / float(loss) ** 0.5 * scale(guides.y[0], x0_hat, t) * grad
    return x


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--cache', type=Path, default=Path('training/.cache'))
    parser.add_argument('--runs', type=Path, default=Path('training/runs'))
    parser.add_argument('--dsst', type=Path, default=Path('resources/models/family-256/dsst.json'))
    parser.add_argument('--limit', type=int, default=16)
    parser.add_argument('--rho', default='0.003,0.01,0.03,0.1,0.3')
    parser.add_argument('--guides', default='3')
    parser.add_argument('--scales', default='1', help="constant scales, or 'dgsa'")
    parser.add_argument('--steps', type=int, default=15)
    parser.add_argument('--solver', default='dpmpp-2m')
    parser.add_argument('--std-label', action='store_true', help='use a fixed std of 6 instead of SE (before SE is trained)')
    parser.add_argument('--sheet', type=Path)
    parser.add_argument('--threads', type=int, default=1)
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    restoration, denoiser = load_restoration(a.runs / 'restoration'), load_ema(Denoiser(), a.runs / 'detail')
    estimator = None if a.std_label else load_ema(Estimator(), a.runs / 'estimator')
    table = json.loads(a.dsst.read_text())['t']
    lq, hq = validation_pairs(a.cache, a.limit)

    @torch.no_grad()
    def run(y: torch.Tensor, count: int, rho: float, scale: Scale, seed: int) -> torch.Tensor:
        restored, disagreement = restoration.with_disagreement(y[None])
        std = 6.0 if estimator is None else float(estimator(y[None], restored, disagreement)[0].std.clamp(STD_MIN, STD_MAX))
        restored = restored[0]
        guides = make_guides(restored * 2 - 1, std, count)
        start = table[min(149, max(0, round(std * 10) - 1))]
        at = alpha_bars()[start].float()
        x = at.sqrt() * guides.y[0] + (1 - at).sqrt() * torch.randn(y.shape, generator=torch.Generator().manual_seed(seed))
        model = lambda x_t, t: denoiser(x_t[None], torch.tensor([t]))[0]
        return sample_spectral(model, x, spectral_timesteps(start, a.steps), guides, rho, scale, a.solver) / 2 + 0.5

    with torch.no_grad():
        rm = torch.cat([restoration(y[None]) for y in lq])
    energy = gradient_energy(hq)
    print(f'LQ {psnr(lq, hq).mean():.2f} dB; RM {psnr(rm, hq).mean():.2f} dB, energy {(gradient_energy(rm) / energy).mean():.2f}', flush=True)
    columns = [lq, rm]
    for count in map(int, a.guides.split(',')):
        for name in a.scales.split(','):
            if name == 'dgsa':
                dgsa = load_ema(Dgsa(), a.runs / 'dgsa')
                scale = lambda y1, x0, t: dgsa(y1[None], x0[None], torch.tensor([t]))[0]
            else:
                scale = lambda y1, x0, t, value=float(name): torch.tensor(value)
            for rho in map(float, a.rho.split(',')):
                begun = time.time()
                out = torch.stack([run(y, count, rho, scale, i) for i, y in enumerate(lq)])
                columns.append(out)
                print(f'guides {count} scale {name} rho {rho}: {psnr(out, hq).mean():.2f} dB, energy {(gradient_energy(out.clamp(0, 1)) / energy).mean():.2f}, '
                      f'{(time.time() - begun) / len(lq):.2f} s a face', flush=True)
    if a.sheet:
        from PIL import Image
        rows = torch.cat([torch.cat(list(c), 2) for c in [*columns, hq]], 1)
        Image.fromarray((rows.clamp(0, 1) * 255).byte().permute(1, 2, 0).numpy()).save(a.sheet)


if __name__ == '__main__':
    main()
