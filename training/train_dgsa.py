"""Trains DGSA in two stages on the frozen prior (eq. 14/24; paper A.3, algorithm 2).

    /usr/bin/python3 training/train_dgsa.py --stage 1 --run training/runs/dgsa-1 --minutes 10
    /usr/bin/python3 training/train_dgsa.py --stage 2 --from training/runs/dgsa-1 --run training/runs/dgsa --minutes 60

Stage 1 guides with true Gaussian blurs, stage 2 with DBLM's output. A step: x_t and x0_hat at t, the closed-form x*
(method page, "Ours 2"), x0 = x0_hat + A_t (x* - x0_hat), a DDIM step to the next timestep, x0_hat there; the loss compares
that, or x0 itself at the end, with the truth.

Ours: x_t is what the sampler makes with the DGSA of that moment (`Walks`), where the paper noises the truth. An x_t of the
truth knows more than any guide, and DGSA learns from it to let go of a guide that the sampler cannot do without. The next
step begins with what this one has computed, so it costs less too: the denoiser runs once a step.
"""
from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Callable

import numpy as np
import torch

from denoiser import Denoiser
from degrade import degraded_pair
from dgsa import Dgsa
from estimator import STD_MAX, Estimator
from faces import Faces, validation_pairs
from labels import load_restoration
from losses import EncoderFeatures, dists, gradient_energy, swt_loss
from loop import add_loop_arguments, images_seen, loop_config, psnr, train
from precision import autocast, layout
from schedule import ddim_step, noised, prior_weight, spectral_timesteps
from spectral import dct2, gaussian_blur, idct2, transfer_1d

WEIGHTS = {1: [1.0], 2: [0.8, 0.2], 3: [0.7, 0.2, 0.1], 4: [0.7, 0.1, 0.1, 0.1]}  # of so many guides, table 7


def load_ema(model: torch.nn.Module, run: Path) -> torch.nn.Module:
    model.load_state_dict(torch.load(run / 'checkpoint.pt', map_location='cpu')['ema'])
    return model.eval().requires_grad_(False).to(memory_format=layout('cpu'))


@torch.no_grad()
def restore_and_measure(restoration: torch.nn.Module, estimator: torch.nn.Module, y: torch.Tensor, least: float) -> tuple[torch.Tensor, torch.Tensor]:
    """(RM(y) [B, 3, S, S] in [-1, 1], SE(y) [B] in pixels at 512, `least` and more) of degraded faces in [0, 1]."""
    with autocast(y.device.type):
        restored, disagreement = (part.float() for part in restoration.with_disagreement(y))
        std = estimator(y, restored, disagreement)[0].std.float()
    return restored * 2 - 1, std.clamp(least, STD_MAX)


def guided_estimate(x0_hat: torch.Tensor, y: torch.Tensor, h: torch.Tensor, w: torch.Tensor, lam: torch.Tensor) -> torch.Tensor:
    """X* = (lambda X0_hat + sum_i w_i H_i Y_i) / (lambda + sum_i w_i H_i^2).

    x0_hat [B, 3, S, S], y [B, n, 3, S, S], h [B, n, S], w [n], lam [B].
    """
    h2 = (h[..., :, None] * h[..., None, :])[:, :, None]
    w, lam = w.view(1, -1, 1, 1, 1), lam.view(-1, 1, 1, 1)
    top = lam * dct2(x0_hat) + (w * h2 * dct2(y)).sum(1)
    return idct2(top / (lam + (w * h2 ** 2).sum(1)))


class Sampling:
    """The prior and the sampler's constants: what one step of the spectral sampler needs beside its face."""

    def __init__(self, denoiser: torch.nn.Module, table: list[int], *, rho: float, least: float, steps: int, device: str, eta: float = 0.0):
        self.denoiser, self.table, self.rho, self.least, self.steps, self.device, self.eta = denoiser, table, rho, least, steps, device, eta
        self.weights = torch.tensor(WEIGHTS[3], device=device)

    def begin(self, source: torch.Tensor, std: torch.Tensor, noise: torch.Generator, *,
              rho: torch.Tensor | None = None, least: torch.Tensor | None = None) -> dict[str, torch.Tensor]:
        """States of the sampler at its start: source [B, 3, S, S] in [-1, 1] is what is blurred, std [B] in pixels at 512;
        rho [B] and the guides' least blur [B] where faces have their own. `times` [B, steps + 1] falls from the DSST's step
        to 0, `at` [B] counts the steps taken."""
        rho, least = (torch.full_like(std, own) if value is None else value for own, value in ((self.rho, rho), (self.least, least)))
        stds = torch.maximum(std[:, None] - torch.arange(3, device=self.device), least[:, None])
        pixels = stds * source.shape[-1] / 512
        guides = torch.stack([gaussian_blur(source, pixels[:, i]) for i in range(3)], 1)
        starts = [self.table[min(149, max(0, round(float(s) * 10) - 1))] for s in stds[:, 0]]
        times = torch.tensor([spectral_timesteps(start, self.steps) for start in starts], device=self.device)
        x_t = noised(guides[:, 0], times[:, 0], noise)
        return {'guides': guides, 'transfers': transfer_1d(pixels, source.shape[-1]), 'times': times, 'rho': rho,
                'at': torch.zeros(len(source), dtype=torch.long, device=self.device), 'x_t': x_t, 'x0_hat': self.estimate(x_t, times[:, 0])}

    def estimate(self, x_t: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        with autocast(self.device):
            return self.denoiser(x_t, t).float()

    def now(self, state: dict[str, torch.Tensor], after: int = 0) -> torch.Tensor:
        """The states' timesteps [B], or those `after` more steps."""
        return state['times'].gather(1, (state['at'] + after)[:, None])[:, 0]

    def guided(self, scale_of: Callable[..., torch.Tensor], state: dict[str, torch.Tensor]) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
        """The states one step on, whose x0_hat is still the last step's, and x0 = x0_hat + A_t (x* - x0_hat)."""
        t, x0_hat = self.now(state), state['x0_hat']
        target = guided_estimate(x0_hat, state['guides'], state['transfers'], self.weights, prior_weight(t, state['rho']))
        x0 = x0_hat + scale_of(state['guides'][:, 0], x0_hat, t) * (target - x0_hat)
        return {**state, 'at': state['at'] + 1, 'x_t': ddim_step(state['x_t'], x0, t, self.now(state, 1), self.eta)}, x0

    def step(self, scale_of: Callable[..., torch.Tensor], state: dict[str, torch.Tensor]) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
        """The states one step on, and x0_hat there: at t = 0 x0 itself. `scale_of(y_1, x0_hat, t)` gives A_t."""
        state, x0 = self.guided(scale_of, state)
        later = self.now(state)
        x0_next = torch.where((later == 0).view(-1, 1, 1, 1), x0, self.estimate(state['x_t'], later.clamp_min(1)))
        return {**state, 'x_t': state['x_t'].detach(), 'x0_hat': x0_next.detach()}, x0_next

    @torch.no_grad()
    def sample(self, scale_of: Callable[..., torch.Tensor], state: dict[str, torch.Tensor]) -> torch.Tensor:
        """x0 [B, 3, S, S] in about [-1, 1] of states at their start."""
        for _ in range(self.steps):
            state, x0 = self.step(scale_of, state)
        return x0


class Walks:
    """A batch of faces on their way through the sampler, each at a step of its own. A face that has arrived gives its place
    to a new one: `fresh(count)` gives (truths, states at their start)."""

    def __init__(self, fresh: Callable[[int], tuple[torch.Tensor, dict[str, torch.Tensor]]], steps: int):
        self.fresh, self.steps, self.truth, self.state = fresh, steps, None, None

    def batch(self, count: int, random: np.random.Generator, move: Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """(truths [B, 3, S, S] in [-1, 1], states), none of them at its end. The first batch is walked by `move` to
        random steps, so that later ones see every t alike."""
        if self.state is None:
            self.truth, self.state = self.fresh(count)
            wanted = torch.from_numpy(random.integers(0, self.steps, count)).to(self.truth.device)
            for _ in range(self.steps - 1):
                moved, behind = move(self.state), self.state['at'] < wanted
                self.state = {k: torch.where(behind.view(-1, *[1] * (v.ndim - 1)), moved[k], v) for k, v in self.state.items()}
        done = (self.state['at'] == self.steps).nonzero()[:, 0]
        if len(done):
            self.truth = self.truth.clone()
            self.truth[done], new = self.fresh(len(done))
            for key, value in new.items():
                self.state[key][done] = value
        return self.truth, self.state


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--stage', type=int, choices=(1, 2), required=True)
    parser.add_argument('--denoiser', type=Path, default=Path('training/runs/detail'))
    parser.add_argument('--restoration', type=Path, default=Path('training/runs/restoration'))
    parser.add_argument('--estimator', type=Path, default=Path('training/runs/estimator'))
    parser.add_argument('--dsst', type=Path, default=Path('resources/models/family-256/dsst.json'))
    parser.add_argument('--from', dest='source', type=Path, help="stage 1's run, for stage 2")
    parser.add_argument('--rho', type=float, default=0.03)
    parser.add_argument('--least', type=float, default=3.0, help='least blur of std and guides, pixels at 512, as in the preset that DGSA is for')
    parser.add_argument('--steps', type=int, default=15, help="the sampler's")
    parser.add_argument('--validation', type=int, default=16, help='validation faces that are sampled at each validation')
    add_loop_arguments(parser, minutes=60, batch=8, lr=1e-3, ema=0.99)
    a = parser.parse_args()
    config = loop_config(a, warmup=20)
    torch.set_num_threads(a.threads)
    denoiser = load_ema(Denoiser(), a.denoiser).to(a.device)
    features = EncoderFeatures(denoiser)
    start = images_seen(a.run)
    faces, random = Faces(a.cache, 'train-256', 256, seed=a.seed + 21 + start, device=a.device), np.random.default_rng(a.seed + 22 + start)
    noise = torch.Generator(a.device).manual_seed(a.seed + 23 + start)
    sampling = Sampling(denoiser, json.loads(a.dsst.read_text())['t'], rho=a.rho, least=a.least, steps=a.steps, device=a.device)
    restoration, estimator = load_restoration(a.restoration).to(a.device), load_ema(Estimator(), a.estimator).to(a.device)

    measured = lambda y: restore_and_measure(restoration, estimator, y, a.least)

    @torch.no_grad()
    def fresh(count: int) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        x = faces.batch(count)
        if a.stage == 1:
            source, std = x * 2 - 1, torch.as_tensor(random.uniform(a.least, STD_MAX, count)).float().to(a.device)
        else:
            source, std = measured(degraded_pair(x, random)[1])
        return x * 2 - 1, sampling.begin(source, std, noise)

    walks = Walks(fresh, a.steps)
    constant = lambda y1, x0_hat, t: torch.ones((), device=y1.device)

    @torch.no_grad()
    def walked(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        return sampling.step(constant, {**state, 'at': state['at'].clamp_max(a.steps - 1)})[0]

    def batch_of(count: int) -> tuple[torch.Tensor]:
        return (walks.batch(count, random, walked)[0],)

    def loss_of(model: torch.nn.Module, x: torch.Tensor) -> torch.Tensor:
        outside = []

        def scale_of(y1: torch.Tensor, x0_hat: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
            with autocast(a.device):
                raw = model.unclamped(y1, x0_hat, t).float()
            outside.append((raw - raw.clamp(0, 1)).pow(2).mean())
            return raw + (raw.clamp(0, 1) - raw).detach()  # clamp with a straight-through gradient

        walks.state, x0_next = sampling.step(scale_of, walks.state)
        return compared(x0_next, x) + 0.1 * outside[0]

    def compared(x0: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        with autocast(a.device):
            perceptual = dists(features(x0), features(x))
        return swt_loss(x0, x) + perceptual

    @torch.no_grad()
    def validate(model: torch.nn.Module) -> dict[str, float]:
        """The samples of the first validation faces, with this DGSA and (`..._constant`) with A_t = 1."""
        result = {}
        scales: list[torch.Tensor] = []

        def adjusted(*inputs: torch.Tensor) -> torch.Tensor:
            scales.append(model(*inputs))
            return scales[-1]

        for name, scale_of in (('', adjusted), ('_constant', constant)):
            fixed, rows = torch.Generator(a.device).manual_seed(1), []
            for y, x in zip(lq.split(8), hq.split(8)):
                x0 = sampling.sample(scale_of, sampling.begin(*measured(y.to(a.device)), fixed))
                truth, picture = x.to(a.device), (x0 / 2 + 0.5).clamp(0, 1)
                sharp = (gradient_energy(picture).sum() / gradient_energy(truth).sum()).view(1)
                rows.append(torch.stack([compared(x0, truth * 2 - 1).view(1), psnr(picture, truth).mean().view(1), sharp]) * len(y))
            for key, value in zip(('loss', 'psnr', 'sharp'), torch.cat(rows, 1).sum(1) / len(lq)):
                result[f'val_{key}{name}'] = float(value)
        return {**result, 'scale_mean': float(torch.stack([s.mean() for s in scales]).mean()), 'scale_std': float(torch.stack([s.std() for s in scales]).mean())}

    lq, hq = validation_pairs(a.cache, a.validation)
    model = Dgsa()
    if a.source:
        model.load_state_dict(torch.load(a.source / 'checkpoint.pt', map_location='cpu')['ema'])
    train(model, config, batch_of, loss_of, validate)


if __name__ == '__main__':
    main()
