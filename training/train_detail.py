"""Trains the detail network (`detail.Detail`) with an adversary on what the sampler makes (`rollouts.py`) (ours).

    for rank in 0 1; do RANK=$rank WORLD_SIZE=2 MASTER_ADDR=127.0.0.1 MASTER_PORT=29511 OMP_NUM_THREADS=1 /usr/bin/python3 training/train_detail.py --minutes 60 & done

Three losses on `x + highpass(network)`: L1 to the face; L1 of the log energy in two bands, in squares (`band_energies`):
how much detail there is and where, whatever its phase, which a squared error punishes; and a discriminator of patches
that sees RM's picture beside the face (hinge loss, spectral norms; Isola et al. 2017, Miyato et al. 2018) with its
features' distance (Wang et al. 2018). All weights are fixed, and L1 leads: gradients scaled to each other's size made
the network follow a discriminator that knew nothing yet, into halos and sparks (docs/models.md).
"""
from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils import spectral_norm

from detail import Detail, with_detail
from faces import luma, validation_pairs
from loop import Processes, add_loop_arguments, autocast, images_seen, loop_config, psnr, save_atomically, train
from pairs import to_picture
from sampler import gradient_energy

NAME = 'discriminator.pt'
SQUARE = 8          # side of the squares of `band_energies`, pixels of the band
FAINTEST = 4e-4     # the energy (of [-1, 1]) below which nothing is told apart: about 2.5 of 255
FEATURES = 100.0    # weight of the features' distance beside the hinge loss


class Rollouts:
    """Random rows of what `rollouts.py` has made so far, half of them flipped: (face, RM's picture, x0), each
    [B, 3, 256, 256] in [-1, 1], and std [B]. Raises FileNotFoundError where a file was not made, ValueError where
    nothing is in it yet."""

    def __init__(self, cache: Path, seed: int, device: str):
        self.parts = [np.load(cache / f'{name}.npy', mmap_mode='r') for name in ('pairs-fine-x', 'rollouts-restored', 'rollouts-x0')]
        self.std = np.load(cache / 'rollouts-std.npy', mmap_mode='r')
        self.random, self.device, self.drawn = np.random.default_rng(seed), device, 0
        self.ready = np.flatnonzero(self.std)
        if not len(self.ready):
            raise ValueError(f'{cache}/rollouts-std.npy: no picture is there yet')

    def batch(self, count: int) -> tuple[torch.Tensor, ...]:
        self.drawn += 1
        if self.drawn % 100 == 0:
            self.ready = np.flatnonzero(self.std)
        chosen = np.sort(self.random.choice(self.ready, count))
        flip = torch.from_numpy(self.random.random(count) < 0.5).to(self.device).view(-1, 1, 1, 1)
        pictures = (to_picture(part[chosen], self.device) * 2 - 1 for part in self.parts)
        flipped = (torch.where(flip, x.flip(-1), x).contiguous(memory_format=torch.channels_last) for x in pictures)
        return (*flipped, torch.from_numpy(self.std[chosen]).to(self.device))


def band_energies(x: torch.Tensor) -> list[torch.Tensor]:
    """Log mean square of luma's two finest octaves (S/4 to S/2 and S/8 to S/4 cycles) in squares; x [B, 3, S, S] in [-1, 1]."""
    y, energies = luma(x), []
    for _ in range(2):
        coarse = F.avg_pool2d(y, 2)
        band = y - F.interpolate(coarse, scale_factor=2, mode='bilinear', align_corners=False)
        energies.append((F.avg_pool2d(band.pow(2), SQUARE, SQUARE // 2) + FAINTEST).log())
        y = coarse
    return energies


class Discriminator(nn.Module):
    """A face and RM's picture [B, 3, S, S] in [-1, 1] to the features of each layer, the last two of which are numbers
    for each overlapping patch, on the grids S/4 and S/16: above 0 for a face's own."""

    def __init__(self, channels: tuple[int, ...] = (64, 128, 192, 256)):
        super().__init__()
        sizes = (24, *channels)
        self.convs = nn.ModuleList(spectral_norm(nn.Conv2d(a, b, 3, stride=1 if i == 0 else 2, padding=1))
                                   for i, (a, b) in enumerate(zip(sizes, channels)))
        self.near, self.far = (spectral_norm(nn.Conv2d(c, 1, 3, padding=1)) for c in (channels[1], channels[-1]))

    def forward(self, x: torch.Tensor, restored: torch.Tensor) -> list[torch.Tensor]:
        features = [F.pixel_unshuffle(torch.cat([x, restored], 1), 2)]
        for conv in self.convs:
            features.append(F.leaky_relu(conv(features[-1]), 0.2))
        return [*features[1:], self.near(features[2]), self.far(features[-1])]


class Adversary:
    """The discriminator with its optimiser; `against` gives the generator's gradient, `learn` is one step of its own.
    Goes on with what lies in the folder of its run, or else of the run `source`."""

    def __init__(self, run: Path, source: Path | None, lr: float, device: str):
        self.path, self.device, self.processes = run / NAME, device, Processes()
        torch.manual_seed(1)
        self.network = Discriminator().to(device).to(memory_format=torch.channels_last)
        self.optimiser = torch.optim.Adam(self.network.parameters(), lr=lr, betas=(0.5, 0.99))
        if path := next((p for p in (self.path, source and source / NAME) if p and p.exists()), None):
            state = torch.load(path, map_location=device)
            self.network.load_state_dict(state['model'])
            self.optimiser.load_state_dict(state['optimiser'])

    def save(self) -> None:
        save_atomically({'model': self.network.state_dict(), 'optimiser': self.optimiser.state_dict()}, self.path)

    def judge(self, x: torch.Tensor, restored: torch.Tensor) -> list[torch.Tensor]:
        with autocast(self.device):
            return self.network(x, restored)

    def against(self, fake: torch.Tensor, real: torch.Tensor, restored: torch.Tensor) -> torch.Tensor:
        """d loss / d fake [B, 3, S, S] of the generator's hinge loss and of its features' distance to the face's
        (from the grid S/4 on: the finest cost a third of the step)."""
        fake = fake.detach().requires_grad_(True)
        with torch.no_grad():
            wanted = self.judge(real, restored)[1:-2]
        _, *features, near, far = self.judge(fake, restored)
        distance = sum((a - b).float().abs().mean() for a, b in zip(features, wanted)) / len(wanted)
        return torch.autograd.grad(FEATURES * distance - near.float().mean() - far.float().mean(), fake)[0]

    def learn(self, fake: torch.Tensor, real: torch.Tensor, restored: torch.Tensor) -> float:
        """One step on the hinge loss; returns it: 2 where it cannot tell them apart, 0 where it always can."""
        loss = sum((F.relu(1 + a.float()).mean() + F.relu(1 - b.float()).mean()) / 2
                   for a, b in zip(self.judge(fake.detach(), restored)[-2:], self.judge(real, restored)[-2:]))
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.processes.average(list(self.network.parameters()), 0.0)
        self.optimiser.step()
        return float(loss)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--adversary', type=float, default=0.02, help='weight of its hinge loss; L1 has 1')
    parser.add_argument('--adversary-from', type=int, default=2000, help='pictures after which it begins, over as many more')
    parser.add_argument('--adversary-lr', type=float, default=4e-4)
    parser.add_argument('--energy', type=float, default=0.01, help='weight of the log energies')
    add_loop_arguments(parser, minutes=60, batch=8, lr=4e-4, run=Path('training/runs/detail'))
    a = parser.parse_args()
    config = loop_config(a, warmup=50, clip=5.0)
    torch.set_num_threads(a.threads)
    a.run.mkdir(parents=True, exist_ok=True)
    start = images_seen(a.run)
    rollouts = Rollouts(a.cache, a.seed + 41 + start, a.device)
    noise = torch.Generator(a.device).manual_seed(a.seed + 43 + start)
    adversary = Adversary(a.run, a.begin_with, a.adversary_lr, a.device)
    sizes = {'seen': start, 'hinge': 2.0}
    hq = validation_pairs(a.cache, 32)[1].to(a.device)
    val_x0, val_restored = (to_picture(np.load(a.cache / f'{name}.npy')[:len(hq)], a.device) * 2 - 1 for name in ('rollouts-val-x0', 'rollouts-val-restored'))
    val_std = torch.from_numpy(np.load(a.cache / 'rollouts-val-std.npy')[:len(hq)]).to(a.device)

    def drawn(model: nn.Module, x0: torch.Tensor, restored: torch.Tensor, std: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        with autocast(a.device):
            return with_detail(model, x0, restored, torch.randn(x0[:, :1].shape, generator=generator, device=a.device), std)

    def loss_of(model: nn.Module, x: torch.Tensor, restored: torch.Tensor, x0: torch.Tensor, std: torch.Tensor) -> torch.Tensor:
        """A number whose gradient is that of all losses; its value is that of the first two."""
        out = drawn(model, x0, restored, std, noise)
        error = (out - x).abs().mean() + a.energy * sum((p - q).abs().mean() for p, q in zip(band_energies(out), band_energies(x)))
        sizes['seen'] += len(x)
        sizes['hinge'] += 0.02 * (adversary.learn(out, x, restored) - sizes['hinge'])
        strength = a.adversary * min(1.0, max(0.0, sizes['seen'] / a.adversary_from - 1))
        if strength == 0:
            return error
        push = adversary.against(out, x, restored)
        term = strength * (push * out).sum()
        return error + term - term.detach()

    def validate(model: nn.Module) -> dict[str, float]:
        adversary.save()
        fixed, result = torch.Generator(a.device).manual_seed(1), {'hinge': sizes['hinge']}
        out = torch.cat([drawn(model, *part, fixed) for part in zip(val_x0.split(8), val_restored.split(8), val_std.split(8))])
        for name, picture in (('', out), ('_before', val_x0)):
            picture = (picture / 2 + 0.5).clamp(0, 1)
            result |= {f'psnr{name}': float(psnr(picture, hq).mean()), f'sharp{name}': float((gradient_energy(picture) / gradient_energy(hq)).mean())}
        return result

    train(Detail(), config, rollouts.batch, loss_of, validate)


if __name__ == '__main__':
    main()
