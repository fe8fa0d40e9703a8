"""SE(y) = SDE(TM(y)): the blur level of a degraded face (eq. 10/22, figure 8, table 4).

TM predicts the Gaussian-blurred target; the paper's is a small SwinIR, ours a small U-Net (better at equal training
cost, docs/models.md). SDE follows table 4 (three stages of two 3 x 3 convolutions with BatchNorm and LeakyReLU, then
linear layers) on a space-to-depth 4 entrance: table 4 as printed costs 20 GFLOP at S = 256.

Ours: SDE does not guess std* itself but the curve that defines it (eq. 9/19): log10 of the error
`||k_std (*) RM(y) - k_std (*) x||^2` at the stds of KNOTS, which always falls. std is where the curve meets the
tolerance. A pair so teaches 22 numbers instead of one, and the tolerance can be chosen after the training. SDE also
sees what TM took away, y - TM(y), which shows noise and blocks, what RM changed, RM(y) - y: where RM does not know,
it draws smoothly, and where RM and its mirror image disagree (`MirrorMean`). It gives the curve on a grid of GRID x GRID squares
too, since real photos are not blurred alike everywhere (the paper's figure 19); and it says how far off its one number
is to be expected.
"""
from __future__ import annotations

import math
from typing import NamedTuple

import torch
import torch.nn as nn
import torch.nn.functional as F

from blocks import BatchNorm2d
from restoration import RestorationUNet

STD_MIN, STD_MAX, STD_STEP = 0.1, 15.0, 0.1  # pixels at S = 512 (eq. 9/19)
KNOTS = (0.1, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)  # pixels at 512
TOLERANCE = 4e-3  # per-pixel MSE on [0, 1] (eq. 9/19; the study in docs/models.md)
OPTIMISM = 0.02  # log10 by which RM's error on the faces of its training lies below that on others (docs/models.md); added to labels

GRID = 8  # squares of the per-region estimate, a side


class BlurEstimate(NamedTuple):
    """Standard deviations in pixels at S = 512."""
    std: torch.Tensor         # [B]
    grid: torch.Tensor        # [B, GRID, GRID], rows first
    error: torch.Tensor       # [B]: expected |std - std*|, above 0
    curve: torch.Tensor       # [B, K]: log10 of the error at KNOTS
    grid_curve: torch.Tensor  # [B, K, GRID, GRID]


def crossing(curve: torch.Tensor, tolerance: float | torch.Tensor) -> torch.Tensor:
    """Eq. 9 on a falling curve [B, K, ...] of log10 errors: the std at which it meets `tolerance`, linear between the
    knots, an end of the axis where it does not: [B, ...]."""
    level = math.log10(tolerance) if isinstance(tolerance, float) else tolerance.log10()
    high, low = curve[:, :-1], curve[:, 1:]
    share = ((high - level) / (high - low).clamp_min(1e-4)).clamp(0, 1)
    widths = torch.tensor([b - a for a, b in zip(KNOTS, KNOTS[1:])], device=curve.device).view(1, -1, *[1] * (curve.dim() - 2))
    return STD_MIN + (share * widths).sum(1)


def falling(values: torch.Tensor) -> torch.Tensor:
    """Free values [B, K, ...] as a falling curve: the first about 10^-2.5, each other a positive step below the last."""
    steps = F.softplus(values[:, 1:].float() - 2)
    return torch.cat([values[:, :1].float() - 2.5, values[:, :1].float() - 2.5 - steps.cumsum(1)], 1)


class StandardDeviationEstimator(nn.Module):
    """TM(y) [B, 3, S, S] in [0, 1], what TM took away, what RM changed, and where it disagrees with itself (None: nothing),
    to a `BlurEstimate`."""

    def __init__(self, widths: tuple[int, int, int] = (64, 96, 160), size: int = 256):
        super().__init__()
        def layer(i: int, o: int, stride: int) -> list[nn.Module]:
            return [nn.Conv2d(i, o, 3, stride, 1), BatchNorm2d(o), nn.LeakyReLU(0.2)]
        a, b, c = widths
        self.features = nn.Sequential(*layer(192, a, 1), *layer(a, a, 1), *layer(a, b, 2), *layer(b, b, 1), *layer(b, c, 2), *layer(c, c, 1))
        self.places = nn.Parameter(torch.zeros(1, c, size // 16, size // 16))  # an aligned face's
        self.head = nn.Sequential(nn.Linear(2 * c, 256), nn.LeakyReLU(0.2), nn.Linear(256, 256), nn.LeakyReLU(0.2), nn.Linear(256, len(KNOTS)))
        self.region_head = nn.Sequential(nn.Conv2d(2 * c, c, 1), nn.LeakyReLU(0.2), nn.Conv2d(c, len(KNOTS), 1))
        self.error_head = nn.Sequential(nn.Linear(2 * c + len(KNOTS), 64), nn.LeakyReLU(0.2), nn.Linear(64, 1))
        self.tolerance = TOLERANCE

    def forward(self, x: torch.Tensor, removed: torch.Tensor | None = None, changed: torch.Tensor | None = None,
                disagreement: torch.Tensor | None = None) -> BlurEstimate:
        removed, changed, disagreement = (torch.zeros_like(x) if part is None else part for part in (removed, changed, disagreement))
        features = self.features(F.pixel_unshuffle(torch.cat([x - 0.5, 4 * removed, 4 * changed, 16 * disagreement.abs()], 1), 4))
        placed = features + self.places * features.mean(1, keepdim=True)
        pooled = torch.cat([features.mean((2, 3)), placed.mean((2, 3))], 1)
        regions = F.avg_pool2d(features, int(features.shape[-1]) // GRID)
        around = features.mean((2, 3), keepdim=True).expand_as(regions)
        curve = falling(self.head(pooled))
        grid_curve = falling(self.region_head(torch.cat([regions, around], 1)))
        error = F.softplus(self.error_head(torch.cat([pooled, curve.detach().to(pooled.dtype)], 1))[:, 0].float()) + 0.05
        return BlurEstimate(crossing(curve, self.tolerance), crossing(grid_curve, self.tolerance), error, curve, grid_curve)


class Estimator(nn.Module):
    """y [B, 3, S, S] in [0, 1], RM(y) and its `MirrorMean.with_disagreement` (or y and zeros, where RM is another one), to
    (a `BlurEstimate`, TM(y) [B, 3, S, S])."""

    def __init__(self, channels: tuple[int, int, int, int] = (32, 64, 96, 128), blocks: tuple[int, int, int, int] = (0, 1, 2, 2), size: int = 256):
        super().__init__()
        self.tm = RestorationUNet(channels, blocks)
        self.sde = StandardDeviationEstimator(size=size)

    def forward(self, y: torch.Tensor, restored: torch.Tensor, disagreement: torch.Tensor) -> tuple[BlurEstimate, torch.Tensor]:
        blurred = self.tm(y)
        return self.sde(blurred, y - blurred, restored - y, disagreement), blurred
