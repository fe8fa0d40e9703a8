"""The diffusion prior: a U-Net at S = 256 that predicts x0 (method page, "Ours 3").

Input x_t [B, 3, S, S] in diffusion range and t [B] (1-1000); output x0_hat [B, 3, S, S] in about [-1, 1].
Space-to-depth 4 and 8 at the entrance, attention at the two coarsest grids (S/16, S/32).
"""
from __future__ import annotations

import torch
import torch.nn as nn
import torch.nn.functional as F

from blocks import Attention, Down, GroupNorm, Up, timestep_embedding, zero_init


class TimeBlock(nn.Module):
    """Residual block with scale and shift from the timestep embedding after the second norm."""

    def __init__(self, channels: int, embedding: int):
        super().__init__()
        self.norm1, self.norm2 = GroupNorm(16, channels), GroupNorm(16, channels)
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = zero_init(nn.Conv2d(channels, channels, 3, padding=1))
        self.modulate = nn.Linear(embedding, 2 * channels)

    def forward(self, x: torch.Tensor, e: torch.Tensor) -> torch.Tensor:
        h = self.norm2(self.conv1(F.silu(self.norm1(x))))
        scale, shift = self.modulate(e)[:, :, None, None].chunk(2, 1)
        return x + self.conv2(F.silu(h * (1 + scale) + shift))


class Stage(nn.Module):
    """`blocks` time blocks on one grid, attention after the last where asked for."""

    def __init__(self, channels: int, blocks: int, embedding: int, attention: bool):
        super().__init__()
        self.blocks = nn.ModuleList(TimeBlock(channels, embedding) for _ in range(blocks))
        self.attention = Attention(channels) if attention else nn.Identity()

    def forward(self, x: torch.Tensor, e: torch.Tensor) -> torch.Tensor:
        for block in self.blocks:
            x = block(x, e)
        return self.attention(x)


class Denoiser(nn.Module):
    def __init__(self, channels: tuple[int, int, int, int] = (64, 128, 256, 320), blocks: tuple[int, int, int] = (2, 2, 2), embedding: int = 384):
        super().__init__()
        c0, c1, c2, c3 = channels
        self.embedding = nn.Sequential(nn.Linear(c2, embedding), nn.SiLU(), nn.Linear(embedding, embedding), nn.SiLU())
        self.embedding_channels = c2
        self.enter = nn.Conv2d(48, c0, 3, padding=1)
        self.down0 = Down(c0, c1)
        self.encode1, self.down1 = Stage(c1, blocks[0], embedding, False), Down(c1, c2)
        self.encode2, self.down2 = Stage(c2, blocks[1], embedding, True), Down(c2, c3)
        self.middle = Stage(c3, blocks[2], embedding, True)
        self.up2, self.decode2 = Up(c3, c2), Stage(c2, blocks[1], embedding, True)
        self.up1, self.decode1 = Up(c2, c1), Stage(c1, blocks[0], embedding, False)
        self.up0, self.decode0 = Up(c1, c0), TimeBlock(c0, embedding)
        self.leave = nn.Sequential(GroupNorm(16, c0), nn.SiLU(), nn.Conv2d(c0, 48, 3, padding=1))

    def embed(self, t: torch.Tensor) -> torch.Tensor:
        return self.embedding(timestep_embedding(t, self.embedding_channels))

    def encode(self, x: torch.Tensor, e: torch.Tensor) -> list[torch.Tensor]:
        """Features at S/4, S/8, S/16, S/32 (before the middle): DISTS runs on these where VGG is not to be had."""
        x0 = self.enter(F.pixel_unshuffle(x, 4))
        x1 = self.encode1(self.down0(x0), e)
        x2 = self.encode2(self.down1(x1), e)
        return [x0, x1, x2, self.down2(x2)]

    def forward(self, x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        e = self.embed(t)
        x0, x1, x2, x3 = self.encode(x, e)
        u2 = self.decode2(self.up2(self.middle(x3, e)) + x2, e)
        u1 = self.decode1(self.up1(u2) + x1, e)
        u0 = self.decode0(self.up0(u1) + x0, e)
        return F.pixel_shuffle(self.leave(u0), 4)
