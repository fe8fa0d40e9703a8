"""The detail network (ours): draws what the guides' blur took from a restored face, and nothing else.

The mean of all faces that a blurred one allows is smooth, and a sampler of few steps on a small prior stays near it. So a
network trained with an adversary adds, after the last step, what is finer: `x + strength (d - k (*) d)`, d its picture
and k the first guide's blur, WIDEST at most (`reach`, `highpass`). What k leaves of a face comes
from RM, and stays as it is: a split into range and null space, as in DDNM (Wang et al. 2023), with the measurement of
DBLM.
"""
from __future__ import annotations

import torch
import torch.nn as nn
import torch.nn.functional as F

from blocks import Down, ResBlock, Up, zero_init
from spectral import gaussian_blur

WIDEST = 3.0     # pixels at 512
STD_UNIT = 10.0  # pixels at 512: the std of a guide enters in these


def reach(std: torch.Tensor) -> torch.Tensor:
    """std of k for that of the first guide, pixels at 512. A wider one would leave it to the network how a much blurred
    face is built, which so small a one draws as blotches."""
    return std.clamp_max(WIDEST)


def highpass(x: torch.Tensor, std: torch.Tensor) -> torch.Tensor:
    """x [B, 3, S, S] less its blur by `reach(std)`; std [B], pixels at 512."""
    with torch.autocast(x.device.type, enabled=False):
        return x.float() - gaussian_blur(x.float(), reach(std.float()) * x.shape[-1] / 512)


class Detail(nn.Module):
    """x (the sampler's result) and RM's picture [B, 3, S, S] in [-1, 1], noise [B, 1, S, S] of std 1, the first guide's
    std [B] (pixels at 512) to [B, 3, S, S], of which `highpass` keeps its part. A U-Net on the grids S/2, S/4, S/8;
    begins at zero."""

    def __init__(self, channels: tuple[int, int, int] = (48, 96, 160), blocks: tuple[int, int, int] = (1, 2, 3), size: int = 256):
        super().__init__()
        c0, c1, c2 = channels
        stack = lambda i: nn.Sequential(*[ResBlock(channels[i]) for _ in range(blocks[i])])
        self.enter = nn.Conv2d(4 * 7 + 1, c0, 3, padding=1)
        self.encode0, self.down0 = stack(0), Down(c0, c1)
        self.encode1, self.down1 = stack(1), Down(c1, c2)
        self.places = nn.Parameter(torch.zeros(1, c2, size // 8, size // 8))
        self.middle = stack(2)
        self.up1, self.decode1 = Up(c2, c1), stack(1)
        self.up0, self.decode0 = Up(c1, c0), stack(0)
        self.leave = zero_init(nn.Conv2d(c0, 12, 3, padding=1))

    def forward(self, x: torch.Tensor, restored: torch.Tensor, noise: torch.Tensor, std: torch.Tensor) -> torch.Tensor:
        known = F.pixel_unshuffle(torch.cat([x, restored - x, noise], 1), 2)
        level = (std.to(x) / STD_UNIT).view(-1, 1, 1, 1).expand(-1, 1, *known.shape[-2:])
        x0 = self.encode0(self.enter(torch.cat([known, level], 1)))
        x1 = self.encode1(self.down0(x0))
        x2 = self.middle(self.down1(x1) + self.places)
        u1 = self.decode1(self.up1(x2) + x1)
        u0 = self.decode0(self.up0(u1) + x0)
        return F.pixel_shuffle(self.leave(F.relu(u0)), 2)


def with_detail(network: nn.Module, x: torch.Tensor, restored: torch.Tensor, noise: torch.Tensor, std: torch.Tensor, strength: float = 1.0) -> torch.Tensor:
    """x + strength highpass(network(...)), float32."""
    return x.float() + strength * highpass(network(x, restored, noise, std), std)
