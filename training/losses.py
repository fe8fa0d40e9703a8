"""DGSA's losses: one-level Haar stationary wavelet transform and DISTS (eq. 14/24)."""
from __future__ import annotations

import torch
import torch.nn as nn

from faces import luma

GAMMA = {'LL': 0.00, 'LH': 0.01, 'HL': 0.01, 'HH': 0.05}


def swt_haar(x: torch.Tensor) -> dict[str, torch.Tensor]:
    """One-level undecimated Haar transform with periodic border; four bands of x's shape [B, C, H, W]."""
    right = torch.roll(x, -1, -1)
    low, high = (x + right) / 2, (x - right) / 2
    def rows(band: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        below = torch.roll(band, -1, -2)
        return (band + below) / 2, (band - below) / 2
    ll, lh = rows(low)
    hl, hh = rows(high)
    return {'LL': ll, 'LH': lh, 'HL': hl, 'HH': hh}


def swt_loss(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    bands_a, bands_b = swt_haar(a), swt_haar(b)
    return sum(g * (bands_a[k] - bands_b[k]).abs().mean() for k, g in GAMMA.items() if g)


def dists(features_a: list[torch.Tensor], features_b: list[torch.Tensor]) -> torch.Tensor:
    """1 - mean structure and texture similarity (Ding et al. 2020), equal weights over channels and stages.

    VGG weights are not to be had here, so the features come from the frozen denoiser's encoder.
    """
    c1 = c2 = 1e-6
    similarity = []
    for a, b in zip(features_a, features_b):
        a, b = a.float().flatten(2), b.float().flatten(2)
        mean_a, mean_b = a.mean(-1), b.mean(-1)
        var_a, var_b = a.var(-1, unbiased=False), b.var(-1, unbiased=False)
        cov = (a * b).mean(-1) - mean_a * mean_b
        texture = (2 * mean_a * mean_b + c1) / (mean_a ** 2 + mean_b ** 2 + c1)
        structure = (2 * cov + c2) / (var_a + var_b + c2)
        similarity.append((texture + structure).mean() / 2)
    return 1 - torch.stack(similarity).mean()


class EncoderFeatures(nn.Module):
    """The input and the denoiser's encoder stages at a small t, as DISTS features of x [B, 3, S, S] in [-1, 1]."""

    def __init__(self, denoiser: nn.Module, t: int = 20):
        super().__init__()
        self.denoiser, self.t = denoiser, t

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        e = self.denoiser.embed(torch.full((len(x),), self.t, device=x.device))
        return [x, *self.denoiser.encode(x, e)]


def gradient_energy(x: torch.Tensor) -> torch.Tensor:
    """Mean squared luma gradient per picture, [B]; x [B, 3, S, S] in [0, 1]."""
    y = luma(x)
    return (y[..., 1:] - y[..., :-1]).pow(2).flatten(1).mean(1) + (y[..., 1:, :] - y[..., :-1, :]).pow(2).flatten(1).mean(1)
