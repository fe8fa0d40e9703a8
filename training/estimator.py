"""SE(y) = SDE(TM(y)): the blur level of a degraded face (eq. 10/22, figure 8, table 4).

TM is a small SwinIR that predicts the Gaussian-blurred target. SDE follows table 4 (three stages of two
3 x 3 convolutions with BatchNorm and LeakyReLU, average pool, three linear layers) at half its width on a
space-to-depth 2 entrance: at S = 256 this keeps it near 1.3 GFLOP, where table 4 as printed costs 20.
"""
from __future__ import annotations

import torch
import torch.nn as nn
import torch.nn.functional as F

from blocks import BatchNorm2d
from restoration import SwinIR

STD_MIN, STD_MAX, STD_STEP = 0.1, 15.0, 0.1  # pixels at S = 512 (eq. 9/19)


class StandardDeviationEstimator(nn.Module):
    """Image [B, 3, S, S] in [0, 1] to the standard deviation of its Gaussian blur, [B], pixels at S = 512."""

    def __init__(self, width: int = 32):
        super().__init__()
        def layer(i: int, o: int, stride: int) -> list[nn.Module]:
            return [nn.Conv2d(i, o, 3, stride, 1), BatchNorm2d(o), nn.LeakyReLU(0.2)]
        self.features = nn.Sequential(
            *layer(12, width, 1), *layer(width, width, 1),
            *layer(width, 2 * width, 2), *layer(2 * width, 2 * width, 1),
            *layer(2 * width, 4 * width, 2), *layer(4 * width, 4 * width, 1))
        self.head = nn.Sequential(nn.Linear(4 * width, 256), nn.LeakyReLU(0.2), nn.Linear(256, 256), nn.Linear(256, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        pooled = self.features(F.pixel_unshuffle(x - 0.5, 2)).mean((2, 3))
        return (STD_MAX + STD_MIN) / 2 + (STD_MAX - STD_MIN) / 2 * self.head(pooled)[:, 0]


class Estimator(nn.Module):
    """y [B, 3, S, S] in [0, 1] to (std_hat [B] in pixels at 512, TM(y) [B, 3, S, S])."""

    def __init__(self, size: int = 256, channels: int = 96):
        super().__init__()
        self.tm = SwinIR(channels=channels, groups=1, depth=4, heads=6, size=size)
        self.sde = StandardDeviationEstimator()

    def forward(self, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        blurred = self.tm(y)
        return self.sde(blurred), blurred
