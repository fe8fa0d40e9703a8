"""SE(y) = SDE(TM(y)): the blur level of a degraded face (eq. 10/22, figure 8, table 4).

TM predicts the Gaussian-blurred target; the paper's is a small SwinIR, ours a small U-Net (better at equal training
cost, docs/models.md). SDE follows table 4 (three stages of two 3 x 3 convolutions with BatchNorm and LeakyReLU,
average pool, three linear layers) at half its width on a space-to-depth 2 entrance: at S = 256 this keeps it near
1.3 GFLOP, where table 4 as printed costs 20.

Ours: SDE also sees what TM took away, y - TM(y), which shows noise and blocks; it gives the standard deviation on a
grid of GRID x GRID squares too, since real photos are not blurred alike everywhere (the paper's figure 19); and it
says how far off its one number is to be expected.
"""
from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn as nn
import torch.nn.functional as F

from blocks import BatchNorm2d, zero_init
from restoration import RestorationUNet

STD_MIN, STD_MAX, STD_STEP = 0.1, 15.0, 0.1  # pixels at S = 512 (eq. 9/19)


GRID = 8  # squares of the per-region estimate, a side


class BlurEstimate(NamedTuple):
    """Standard deviations in pixels at S = 512, not clamped."""
    std: torch.Tensor    # [B]
    grid: torch.Tensor   # [B, GRID, GRID], rows first
    error: torch.Tensor  # [B]: expected |std - std*|, above 0


class StandardDeviationEstimator(nn.Module):
    """TM(y) [B, 3, S, S] in [0, 1], and what it took away (None: nothing), to a `BlurEstimate`."""

    def __init__(self, width: int = 32):
        super().__init__()
        def layer(i: int, o: int, stride: int) -> list[nn.Module]:
            return [nn.Conv2d(i, o, 3, stride, 1), BatchNorm2d(o), nn.LeakyReLU(0.2)]
        self.features = nn.Sequential(
            *layer(12, width, 1), *layer(width, width, 1),
            *layer(width, 2 * width, 2), *layer(2 * width, 2 * width, 1),
            *layer(2 * width, 4 * width, 2), *layer(4 * width, 4 * width, 1))
        self.removed = zero_init(nn.Conv2d(12, width, 3, padding=1))
        self.head = nn.Sequential(nn.Linear(4 * width, 256), nn.LeakyReLU(0.2), nn.Linear(256, 256), nn.Linear(256, 1))
        self.region_head = nn.Sequential(nn.Conv2d(8 * width, 4 * width, 1), nn.LeakyReLU(0.2), nn.Conv2d(4 * width, 1, 1))
        self.error_head = nn.Sequential(nn.Linear(4 * width, 64), nn.LeakyReLU(0.2), nn.Linear(64, 1))

    def forward(self, x: torch.Tensor, removed: torch.Tensor | None = None) -> BlurEstimate:
        first = self.features[0](F.pixel_unshuffle(x - 0.5, 2))
        if removed is not None:
            first = first + self.removed(F.pixel_unshuffle(removed, 2))
        features = self.features[1:](first)
        pooled = features.mean((2, 3))
        regions = F.avg_pool2d(features, int(features.shape[-1]) // GRID)
        both = torch.cat([regions, pooled[:, :, None, None].expand_as(regions)], 1)
        return BlurEstimate(as_std(self.head(pooled)[:, 0]), as_std(self.region_head(both)[:, 0]),
                            F.softplus(self.error_head(pooled)[:, 0].float()) + 0.05)


def as_std(value: torch.Tensor) -> torch.Tensor:
    """-1 to 1 on the axis."""
    return (STD_MAX + STD_MIN) / 2 + (STD_MAX - STD_MIN) / 2 * value


class Estimator(nn.Module):
    """y [B, 3, S, S] in [0, 1] to (a `BlurEstimate`, TM(y) [B, 3, S, S])."""

    def __init__(self, channels: tuple[int, int, int, int] = (32, 64, 96, 128), blocks: tuple[int, int, int, int] = (0, 1, 2, 2)):
        super().__init__()
        self.tm = RestorationUNet(channels, blocks)
        self.sde = StandardDeviationEstimator()

    def forward(self, y: torch.Tensor) -> tuple[BlurEstimate, torch.Tensor]:
        blurred = self.tm(y)
        return self.sde(blurred, y - blurred), blurred
