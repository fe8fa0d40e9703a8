"""Trains the prior's detail stage (`denoiser.Detail`) with an adversary; the U-Net under it stays as it is (ours).

    /usr/bin/python3 training/train_detail.py --begin-with training/runs/denoiser --run training/runs/detail-1 --minutes 15 --restored-share 0 --rollout-share 0 --soft-share 0.5
    /usr/bin/python3 training/train_detail.py --begin-with training/runs/detail-1 --run training/runs/detail --minutes 40

The mean of all faces that x_t allows is smooth, and a sampler of few steps, whose x_t begins with a restored face
without fine detail, keeps it so. Beside the squared error, a discriminator of patches (hinge loss, spectral norms; Isola
et al. 2017, Miyato et al. 2018) therefore tells x0_hat from faces; its gradient on x0_hat has --adversary times the size
of the other's. x_t is noised from a face, a softened face or RM's picture, and a share of x_t comes from an earlier one
by steps of the sampler itself, guided by RM's picture, so that what is learned still holds after several steps. Needs
what `pairs.py` and `labels.py` write.
"""
from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils import spectral_norm

from denoiser import DETAIL_TO, Denoiser
from faces import validation_pairs
from losses import gradient_energy
from loop import add_loop_arguments, images_seen, loop_config, psnr, save_atomically, train
from precision import autocast, layout
from pairs import to_picture
from schedule import ddim_step, noised, prior_weight
from spectral import gaussian_blur, transfer_1d
from train_dgsa import guided_estimate

NAME = 'discriminator.pt'
SOFTEST = 2.5       # std of the softened faces' blur, pixels at 512
LEAST = (1.5, 6.0)  # std of a rollout's guide, pixels at 512
RHO = (0.02, 0.3)   # and its rho


class RestoredPairs:
    """Random faces of the pool of pairs with RM's picture of each, as `labels.py` leaves it: (x, RM(y)), both
    [B, 3, 256, 256] in [0, 1]. Raises FileNotFoundError where either was not made."""

    def __init__(self, cache: Path, seed: int, device: str):
        self.x, self.restored = (np.load(cache / f'{name}.npy', mmap_mode='r') for name in ('pairs-fine-x', 'labels-restored'))
        self.random, self.device = np.random.default_rng(seed), device

    def batch(self, count: int) -> tuple[torch.Tensor, torch.Tensor]:
        chosen = np.sort(self.random.integers(0, len(self.restored), count))
        flip = torch.from_numpy(self.random.random(count) < 0.5).to(self.device).view(-1, 1, 1, 1)
        x, r = (to_picture(part[chosen], self.device) for part in (self.x, self.restored))
        return torch.where(flip, x.flip(-1), x), torch.where(flip, r.flip(-1), r)


class Discriminator(nn.Module):
    """[B, 3, S, S] in [-1, 1] to one number for each overlapping patch, [B, 1, S/16, S/16]: above 0 for a face's own."""

    def __init__(self, channels: tuple[int, ...] = (48, 96, 128, 192)):
        super().__init__()
        sizes = (12, *channels)
        self.convs = nn.ModuleList(spectral_norm(nn.Conv2d(a, b, 3, stride=1 if i == 0 else 2, padding=1))
                                   for i, (a, b) in enumerate(zip(sizes, channels)))
        self.leave = spectral_norm(nn.Conv2d(channels[-1], 1, 3, padding=1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = F.pixel_unshuffle(x, 2)
        for conv in self.convs:
            h = F.leaky_relu(conv(h), 0.2)
        return self.leave(h)


class Adversary:
    """The discriminator with its optimiser; `against` gives the generator's gradient, `learn` is one step of its own.
    Goes on with what lies in the folder of its run, or else of the run `source`."""

    def __init__(self, run: Path, source: Path | None, lr: float, device: str):
        self.path, self.device = run / NAME, device
        torch.manual_seed(1)
        self.network = Discriminator().to(device).to(memory_format=layout(device))
        self.optimiser = torch.optim.Adam(self.network.parameters(), lr=lr, betas=(0.5, 0.99))
        if path := next((p for p in (self.path, source and source / NAME) if p and p.exists()), None):
            state = torch.load(path, map_location=device)
            self.network.load_state_dict(state['model'])
            self.optimiser.load_state_dict(state['optimiser'])

    def save(self) -> None:
        save_atomically({'model': self.network.state_dict(), 'optimiser': self.optimiser.state_dict()}, self.path)

    def judge(self, x: torch.Tensor) -> torch.Tensor:
        with autocast(self.device):
            return self.network(x).float()

    def against(self, fake: torch.Tensor, share: torch.Tensor) -> torch.Tensor:
        """d loss / d fake [B, 3, S, S] of the generator's hinge loss, each picture's weighted by share [B]."""
        fake = fake.detach().requires_grad_(True)
        loss = -(self.judge(fake).flatten(1).mean(1) * share).mean()
        return torch.autograd.grad(loss, fake)[0]

    def learn(self, fake: torch.Tensor, real: torch.Tensor) -> float:
        """One step on the hinge loss; returns it: 2 where it cannot tell them apart, 0 where it always can."""
        with_fake, with_real = self.judge(fake.detach()), self.judge(real)
        loss = F.relu(1 + with_fake).mean() + F.relu(1 - with_real).mean()
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()
        return float(loss)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--adversary', type=float, default=0.9, help="its gradient's size, as a part of the other loss's")
    parser.add_argument('--adversary-from', type=int, default=2400, help='pictures after which it begins, over as many more')
    parser.add_argument('--adversary-lr', type=float, default=4e-4)
    parser.add_argument('--t-power', type=float, default=1.5, help='t is DETAIL_TO u^power, u uniform')
    parser.add_argument('--restored-share', type=float, default=0.55, help="share of x_t that RM's pictures are noised for")
    parser.add_argument('--soft-share', type=float, default=0.15, help='and softened faces')
    parser.add_argument('--rollout-share', type=float, default=0.5, help='share of x_t that steps of the sampler make')
    parser.add_argument('--rollout-steps', type=int, default=3)
    add_loop_arguments(parser, minutes=45, batch=16, lr=5e-4, run=Path('training/runs/detail'), ema=0.995)
    a = parser.parse_args()
    config = loop_config(a, warmup=50)
    torch.set_num_threads(a.threads)
    a.run.mkdir(parents=True, exist_ok=True)
    start = images_seen(a.run)
    faces, random = RestoredPairs(a.cache, a.seed + 41 + start, a.device), np.random.default_rng(a.seed + 42 + start)
    noise = torch.Generator(a.device).manual_seed(a.seed + 43 + start)
    adversary = Adversary(a.run, a.begin_with, a.adversary_lr, a.device)
    sizes = {'seen': start, 'ratio': None, 'hinge': 2.0}
    _, hq = validation_pairs(a.cache, 16)

    def uniform(count: int, low: float, high: float) -> torch.Tensor:
        return torch.from_numpy(random.uniform(low, high, count)).float().to(a.device)

    def batch_of(count: int) -> tuple[torch.Tensor, ...]:
        """(faces, RM's pictures, what x_t is noised for, all in [-1, 1]; t)."""
        x, restored = (v * 2 - 1 for v in faces.batch(count))
        kind = uniform(count, 0, 1).view(-1, 1, 1, 1)
        soft = gaussian_blur(x, uniform(count, 0, SOFTEST) * x.shape[-1] / 512)
        seen = torch.where(kind < a.restored_share, restored, torch.where(kind < a.restored_share + a.soft_share, soft, x))
        t = torch.from_numpy(1 + np.floor(DETAIL_TO * random.random(count) ** a.t_power).astype(np.int64)).to(a.device)
        return x, restored, seen, t

    @torch.no_grad()
    def rolled(model: nn.Module, restored: torch.Tensor, seen: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        """x_t that --rollout-steps of DDIM make from an earlier, noised x_s, guided where what was noised is RM's picture."""
        first = uniform(len(t), 0, 1) * (DETAIL_TO - t)
        times = [t + (first * (1 - i / a.rollout_steps)).long() + a.rollout_steps - i for i in range(a.rollout_steps)] + [t]
        std = uniform(len(t), *LEAST) * seen.shape[-1] / 512
        rho = torch.exp(uniform(len(t), *np.log(RHO)))
        guide, transfer, one = gaussian_blur(restored, std)[:, None], transfer_1d(std, seen.shape[-1])[:, None], torch.ones(1, device=seen.device)
        free = (seen != restored).flatten(1).any(1).view(-1, 1, 1, 1)
        x_s = noised(seen, times[0], noise)
        for s, later in zip(times, times[1:]):
            with autocast(a.device):
                x0 = model(x_s, s).float()
            x_s = ddim_step(x_s, torch.where(free, x0, guided_estimate(x0, guide, transfer, one, prior_weight(s, rho))), s, later)
        return x_s

    def loss_of(model: nn.Module, x: torch.Tensor, restored: torch.Tensor, seen: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        """A number whose gradient is that of both losses; its value is the mean log of the squared error."""
        few, x_t = int(len(x) * a.rollout_share), noised(seen, t, noise)
        if few:
            x_t[:few] = rolled(model, restored[:few], seen[:few], t[:few])
        with autocast(a.device):
            x0_hat = model(x_t, t)
        x0_hat = x0_hat.float()
        error = ((x0_hat - x).pow(2).flatten(1).mean(1) + 1e-5).log().mean()
        sizes['seen'] += len(x)
        sizes['hinge'] += 0.02 * (adversary.learn(x0_hat, x) - sizes['hinge'])
        strength = a.adversary * min(1.0, max(0.0, sizes['seen'] / a.adversary_from - 1))
        if strength == 0:
            return error
        push = adversary.against(x0_hat, model.detail_scale[t] / model.scale[t])
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

    model = Denoiser()
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name.startswith('detail.'))
    train(model, config, batch_of, loss_of, validate)


if __name__ == '__main__':
    main()
