"""DGSA: the Dynamic Guidance Scaling Adjuster, A_t = DGSA(y_1, x0_hat, t) in [0, 1] (eq. 13, table 5).

conv 6-64, ELU, conv 64-64, ELU, conv 64-3, clamp to [0, 1], the timestep embedding added to the features.
It runs on a space-to-depth 2 grid (24-64-64-12 channels): at full size its 64-64 convolution alone would
cost more than half of the denoiser at S = 256.
"""
from __future__ import annotations

import torch
import torch.nn as nn
import torch.nn.functional as F

from blocks import timestep_embedding


class Dgsa(nn.Module):
    """(y_1, x0_hat: [B, 3, S, S] in diffusion range, t [B]) to A_t [B, 3, S, S] in [0, 1]."""

    def __init__(self, channels: int = 64):
        super().__init__()
        self.channels = channels
        self.conv1 = nn.Conv2d(24, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv3 = nn.Conv2d(channels, 12, 3, padding=1)
        self.time = nn.Linear(channels, channels)
        nn.init.normal_(self.conv3.weight, std=1e-3)
        nn.init.constant_(self.conv3.bias, 0.9)  # near the constant scale 1, from which it learns where to let go

    def unclamped(self, y1: torch.Tensor, x0_hat: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        h = F.elu(self.conv1(F.pixel_unshuffle(torch.cat([y1, x0_hat], 1), 2)))
        h = h + self.time(timestep_embedding(t, self.channels))[:, :, None, None]
        return F.pixel_shuffle(self.conv3(F.elu(self.conv2(h))), 2)

    def forward(self, y1: torch.Tensor, x0_hat: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        return self.unclamped(y1, x0_hat, t).clamp(0, 1)
