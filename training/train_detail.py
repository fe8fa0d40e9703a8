"""Trains the prior's detail stage (`denoiser.Detail`) with an adversary; the U-Net under it stays as it is (ours).

    /usr/bin/python3 training/train_detail.py --begin-with training/runs/denoiser --run training/runs/detail-1 --minutes 15 --walk-share 0
    /usr/bin/python3 training/train_detail.py --begin-with training/runs/detail-1 --run training/runs/detail --minutes 40

The mean of all faces that x_t allows is smooth, and a sampler of few steps, whose x_t begins with a restored face
without fine detail, keeps it so. Beside the squared error, a discriminator of patches (hinge loss, spectral norms; Isola
et al. 2017, Miyato et al. 2018) therefore tells x0_hat from faces, and x0_hat is drawn to the face's features in it (Wang
et al. 2018, eq. 4). It sees the restored face beside the one it judges, so that detail must fit what is known; together
their gradient on x0_hat has --adversary times the size of the squared error's. Most x_t are what the sampler makes with the
prior of that moment (`train_dgsa.Walks`: from RM's picture of a degraded face, with noise anew at each step), each
sampled with constants of its own; the others are noised from a face or a softened one.
"""
from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils import spectral_norm

from degrade import degraded_pair
from denoiser import DETAIL_TO, Denoiser
from estimator import STD_MIN, Estimator
from faces import Faces, validation_pairs
from labels import load_restoration
from losses import gradient_energy
from loop import Processes, add_loop_arguments, images_seen, loop_config, psnr, save_atomically, train
from precision import autocast, layout
from schedule import noised
from spectral import gaussian_blur
from train_dgsa import Sampling, Walks, load_ema, restore_and_measure

NAME = 'discriminator.pt'
SOFTEST = 2.5       # std of the softened faces' blur, pixels at 512
LEAST = (1.0, 6.0)  # least blur of a walk, pixels at 512
SPREAD = 3.0        # its most blur lies at most so far above
RHO = (0.01, 0.3)   # and its rho
LOUDER = 2.0        # what the discriminator's layers are multiplied by: spectral norms leave so little of a picture that it learns nothing for hundreds of steps
FEATURES = 40.0     # weight of the features' distance beside the hinge loss


class Discriminator(nn.Module):
    """A picture and what is known of it, each [B, 3, S, S] in [-1, 1], to one number for each overlapping patch,
    [B, 1, S/16, S/16]: above 0 for a face's own. With it the features of each layer."""

    def __init__(self, channels: tuple[int, ...] = (48, 96, 128, 192)):
        super().__init__()
        sizes = (24, *channels)
        self.convs = nn.ModuleList(spectral_norm(nn.Conv2d(a, b, 3, stride=1 if i == 0 else 2, padding=1))
                                   for i, (a, b) in enumerate(zip(sizes, channels)))
        self.leave = spectral_norm(nn.Conv2d(channels[-1], 1, 3, padding=1))

    def forward(self, x: torch.Tensor, known: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
        h, features = F.pixel_unshuffle(torch.cat([x, known], 1), 2), []
        for conv in self.convs:
            h = LOUDER * F.leaky_relu(conv(h), 0.2)
            features.append(h)
        return LOUDER * self.leave(h), features


class Adversary:
    """The discriminator with its optimiser; `against` gives the generator's gradient, `learn` is one step of its own.
    Goes on with what lies in the folder of its run, or else of the run `source`. Several processes share one."""

    def __init__(self, run: Path, source: Path | None, lr: float, device: str):
        self.path, self.device, self.processes = run / NAME, device, Processes()
        torch.manual_seed(1)
        self.network = Discriminator().to(device).to(memory_format=layout(device))
        self.optimiser = torch.optim.Adam(self.network.parameters(), lr=lr, betas=(0.5, 0.99))
        if path := next((p for p in (self.path, source and source / NAME) if p and p.exists()), None):
            state = torch.load(path, map_location=device)
            self.network.load_state_dict(state['model'])
            self.optimiser.load_state_dict(state['optimiser'])
            for group in self.optimiser.param_groups:
                group['lr'] = lr  # of this call, not of the one before

    def save(self) -> None:
        save_atomically({'model': self.network.state_dict(), 'optimiser': self.optimiser.state_dict()}, self.path)

    def judge(self, x: torch.Tensor, known: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
        with autocast(self.device):
            verdict, features = self.network(x, known)
        return verdict.float(), features

    def against(self, fake: torch.Tensor, real: torch.Tensor, known: torch.Tensor, share: torch.Tensor) -> torch.Tensor:
        """d loss / d fake [B, 3, S, S] of the generator's hinge loss and the features' distance, each picture's weighted by share [B]."""
        fake = fake.detach().requires_grad_(True)
        with torch.no_grad():
            _, wanted = self.judge(real, known)
        verdict, features = self.judge(fake, known)
        apart = torch.stack([(a.float() - b.float()).abs().flatten(1).mean(1) for a, b in zip(features, wanted)]).mean(0)
        return torch.autograd.grad(((FEATURES * apart - verdict.flatten(1).mean(1)) * share).mean(), fake)[0]

    def learn(self, fake: torch.Tensor, real: torch.Tensor, known: torch.Tensor) -> float:
        """One step on the hinge loss; returns it: 2 where it cannot tell them apart, 0 where it always can."""
        (with_fake, _), (with_real, _) = self.judge(fake.detach(), known), self.judge(real, known)
        loss = F.relu(1 + with_fake).mean() + F.relu(1 - with_real).mean()
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.processes.average(list(self.network.parameters()), 0.0)
        self.optimiser.step()
        return float(loss)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--adversary', type=float, default=0.9, help="its gradient's size, as a part of the other loss's")
    parser.add_argument('--adversary-from', type=int, default=2400, help='pictures after which it begins, over as many more')
    parser.add_argument('--alone', type=int, default=0, help='pictures that the discriminator learns from first, alone')
    parser.add_argument('--adversary-lr', type=float, default=4e-4)
    parser.add_argument('--t-power', type=float, default=1.5, help='where x_t is noised, t is DETAIL_TO u^power, u uniform')
    parser.add_argument('--walk-share', type=float, default=0.75, help='share of x_t that the sampler makes')
    parser.add_argument('--soft-share', type=float, default=0.5, help='share of the others that are noised from softened faces')
    parser.add_argument('--steps', type=int, default=15, help="the sampler's")
    parser.add_argument('--restoration', type=Path, default=Path('training/runs/restoration'))
    parser.add_argument('--estimator', type=Path, default=Path('training/runs/estimator'))
    parser.add_argument('--dsst', type=Path, default=Path('resources/models/family-256/dsst.json'))
    parser.add_argument('--light', type=float, default=0.3, help='share of the degraded faces whose details are still there')
    add_loop_arguments(parser, minutes=45, batch=16, lr=5e-4, run=Path('training/runs/detail'), ema=0.995)
    a = parser.parse_args()
    config = loop_config(a, warmup=50)
    torch.set_num_threads(a.threads)
    a.run.mkdir(parents=True, exist_ok=True)
    start = images_seen(a.run)
    faces, random = Faces(a.cache, 'train-256', 256, seed=a.seed + 41 + start, device=a.device), np.random.default_rng(a.seed + 42 + start)
    noise = torch.Generator(a.device).manual_seed(a.seed + 43 + start)
    adversary = Adversary(a.run, a.begin_with, a.adversary_lr, a.device)
    sizes = {'seen': start, 'ratio': None, 'hinge': 2.0}
    _, hq = validation_pairs(a.cache, 16)
    model = Denoiser()
    sampling = Sampling(model, json.loads(a.dsst.read_text())['t'], rho=RHO[1], least=LEAST[0], steps=a.steps, device=a.device, eta=1.0)
    one = lambda *_: torch.ones((), device=a.device)
    walkers = round(a.batch * a.walk_share)
    if walkers:
        restoration, estimator = load_restoration(a.restoration).to(a.device), load_ema(Estimator(), a.estimator).to(a.device)

    def uniform(count: int, low: float, high: float) -> torch.Tensor:
        return torch.from_numpy(random.uniform(low, high, count)).float().to(a.device)

    @torch.no_grad()
    def fresh(count: int) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """A degraded face's RM picture at the sampler's start, with a least blur, a most blur and a rho of its own."""
        x, y = degraded_pair(faces.batch(count), random, light=a.light)
        restored, std = restore_and_measure(restoration, estimator, y, STD_MIN)
        least = uniform(count, *LEAST)
        std = torch.minimum(torch.maximum(std, least), least + uniform(count, 0, SPREAD))
        return x * 2 - 1, {**sampling.begin(restored, std, noise, rho=torch.exp(uniform(count, *np.log(RHO))), least=least), 'known': restored}

    walks = Walks(fresh, a.steps)

    @torch.no_grad()
    def walked(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        return sampling.step(one, {**state, 'at': state['at'].clamp_max(a.steps - 1)})[0]

    def noised_faces(count: int) -> tuple[torch.Tensor, ...]:
        x = faces.batch(count) * 2 - 1
        soft = gaussian_blur(x, uniform(count, 0, SOFTEST) * x.shape[-1] / 512)
        seen = torch.where((uniform(count, 0, 1) < a.soft_share).view(-1, 1, 1, 1), soft, x)
        t = torch.from_numpy(1 + np.floor(DETAIL_TO * random.random(count) ** a.t_power).astype(np.int64)).to(a.device)
        return x, gaussian_blur(x, uniform(count, *LEAST) * x.shape[-1] / 512), noised(seen, t, noise), t

    def batch_of(count: int) -> tuple[torch.Tensor, ...]:
        """(faces, what is known of them, x_t, all in [-1, 1]; t): the walks' first."""
        parts = [noised_faces(count - walkers)] if count > walkers else []
        if walkers:
            x, state = walks.batch(walkers, random, walked)
            parts.insert(0, (x, state['known'], state['x_t'], sampling.now(state)))
        return tuple(torch.cat(part).contiguous(memory_format=layout(a.device)) if part[0].ndim == 4 else torch.cat(part) for part in zip(*parts))

    def loss_of(model: nn.Module, x: torch.Tensor, known: torch.Tensor, x_t: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        """A number whose gradient is that of both losses; its value is the mean log of the squared error."""
        with autocast(a.device):
            x0_hat = model(x_t, t)
        x0_hat = x0_hat.float()
        if walkers:
            with torch.no_grad():
                walks.state, _ = sampling.guided(one, {**walks.state, 'x0_hat': x0_hat.detach()[:walkers]})
        error = ((x0_hat - x).pow(2).flatten(1).mean(1) + 1e-5).log().mean()
        sizes['seen'] += len(x) * adversary.processes.count
        drawn = t <= DETAIL_TO
        drawn |= ~drawn.any()
        sizes['hinge'] += 0.02 * (adversary.learn(x0_hat[drawn], x[drawn], known[drawn]) - sizes['hinge'])
        strength = a.adversary * min(1.0, max(0.0, sizes['seen'] / a.adversary_from - 1))
        if sizes['seen'] <= a.alone:
            return 0 * error
        if strength == 0:
            return error
        push = adversary.against(x0_hat, x, known, model.detail_scale[t] / model.scale[t])
        pull = torch.autograd.grad(error, x0_hat, retain_graph=True)[0]
        ratio = float(pull.norm() / push.norm().clamp_min(1e-12))
        sizes['ratio'] = ratio if sizes['ratio'] is None else sizes['ratio'] + 0.02 * (ratio - sizes['ratio'])
        term = strength * sizes['ratio'] * (push * x0_hat).sum()
        return error + term - term.detach()

    def validate(model: nn.Module) -> dict[str, float]:
        adversary.save()
        fixed, x, result = torch.Generator(a.device).manual_seed(1), hq.to(a.device) * 2 - 1, {'hinge': sizes['hinge']}
        for t in (30, 100, 200, 300, 500):
            steps = torch.full((len(x),), t, device=a.device)
            with autocast(a.device):
                x0 = torch.cat([model(b, s).float().cpu() for b, s in zip(noised(x, steps, fixed).split(8), steps.split(8))]) / 2 + 0.5
            result[f'psnr_{t}'], result[f'sharp_{t}'] = float(psnr(x0, hq).mean()), float((gradient_energy(x0.clamp(0, 1)) / gradient_energy(hq)).mean())
        return result

    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name.startswith('detail.'))
    train(model, config, batch_of, loss_of, validate)


if __name__ == '__main__':
    main()
