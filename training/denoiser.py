"""The diffusion prior: a U-Net at S = 256 that predicts x0 (method page, "Ours 3").

Input x_t [B, 3, S, S] in diffusion range and t [B] (whole steps, 1-1000); output x0_hat [B, 3, S, S] in about [-1, 1].
Space-to-depth 4 at the entrance; grids S/4, S/8, S/16, with attention on the last. Each ring of frequencies of its
x0_hat is scaled by what it is worth (`SpectralGain`), and a stage on the grid S/2 adds what is finer (`Detail`).
"""
from __future__ import annotations

import torch
import torch.nn as nn
import torch.nn.functional as F

from blocks import Attention, Down, GroupNorm, Up, timestep_embedding, zero_init
from schedule import STEPS, alpha_bars
from spectral import dct2, idct2, rings

SKIP_STD = 0.12  # the noise, in standard deviations of x_t / sqrt(abar_t), at which x_t itself is half of the estimate
DATA_STD = 0.5   # of faces in [-1, 1]
DETAIL_TO, DETAIL_FADE = 400, 100  # the largest t at which the detail stage adds, and over how many it fades in


class TimeBlock(nn.Module):
    """x + conv(ReLU(conv(ReLU(x)) + shift)), the shift from the timestep embedding."""

    def __init__(self, channels: int, embedding: int):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = zero_init(nn.Conv2d(channels, channels, 3, padding=1))
        self.modulate = nn.Linear(embedding, channels)

    def forward(self, x: torch.Tensor, e: torch.Tensor) -> torch.Tensor:
        return x + self.conv2(F.relu(self.conv1(F.relu(x)) + self.modulate(e)[:, :, None, None]))


class NormTimeBlock(nn.Module):
    """The same with group norms, and a scale from the embedding beside the shift: for coarse grids, where it costs little."""

    def __init__(self, channels: int, embedding: int):
        super().__init__()
        self.norm1, self.norm2 = GroupNorm(16, channels), GroupNorm(16, channels)
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = zero_init(nn.Conv2d(channels, channels, 3, padding=1))
        self.modulate = nn.Linear(embedding, 2 * channels)

    def forward(self, x: torch.Tensor, e: torch.Tensor) -> torch.Tensor:
        h = self.norm2(self.conv1(F.relu(self.norm1(x))))
        scale, shift = self.modulate(e)[:, :, None, None].chunk(2, 1)
        return x + self.conv2(F.relu(h * (1 + scale) + shift))


class Stage(nn.Module):
    """`blocks` time blocks on one grid; a coarse grid's are normalised and followed by attention."""

    def __init__(self, channels: int, blocks: int, embedding: int, coarse: bool = False):
        super().__init__()
        self.blocks = nn.ModuleList((NormTimeBlock if coarse else TimeBlock)(channels, embedding) for _ in range(blocks))
        self.attention = Attention(channels) if coarse else nn.Identity()

    def forward(self, x: torch.Tensor, e: torch.Tensor) -> torch.Tensor:
        for block in self.blocks:
            x = block(x, e)
        return self.attention(x)


def skip_and_scale() -> tuple[torch.Tensor, torch.Tensor]:
    """c_skip and c_out of `x0_hat = c_skip x_t + c_out F(x_t, t)` for t = 0..1000 (after Karras et al. 2022, eq. 7).

    With much noise the network gives x0 itself, since a small one cannot carry the noise through and take it away again;
    with little noise x_t is nearly the answer, and a small one could not carry the face's finest detail.
    """
    abar = alpha_bars()
    variance = (1 - abar) / abar
    share = SKIP_STD ** 2 / (SKIP_STD ** 2 + variance)
    scale = ((1 - share) ** 2 * DATA_STD ** 2 + share ** 2 * variance).sqrt()
    return (share / abar.sqrt()).float(), scale.clamp_min(1e-3).float()


class SpectralGain(nn.Module):
    """x0_hat with each ring of its DCT-II frequencies scaled by g(t, ring) = <X0, X0_hat> / <X0_hat, X0_hat> (ours).

    That is the best linear use of an estimate: 1 where it is right, 0 where it holds nothing of the face. A small
    network leaves noise in its finest frequencies, several times what faces have there, which a sampler of few steps
    keeps as grain. `denoiser_gain.py` measures g on faces; until then it is 1.
    """

    def __init__(self, size: int):
        super().__init__()
        self.register_buffer('table', torch.ones(STEPS + 1, int(rings(size).max()) + 1))
        self.register_buffer('rings', rings(size).flatten(), persistent=False)

    def forward(self, x0_hat: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        size = x0_hat.shape[-1]
        gain = self.table.index_select(0, t.long()).index_select(1, self.rings).view(-1, 1, size, size)
        with torch.autocast(x0_hat.device.type, enabled=False):
            return idct2(gain * dct2(x0_hat.float()))


class Detail(nn.Module):
    """What a grid of 4 x 4 squares cannot draw (ours): time blocks on the grid S/2 that see x_t, x0_hat and the U-Net's
    last features [B, C, S/4, S/4], and add to x0_hat. For t up to DETAIL_TO only; begins at zero."""

    def __init__(self, features: int, channels: int, blocks: int, embedding: int):
        super().__init__()
        self.enter, self.up = nn.Conv2d(24, channels, 3, padding=1), Up(features, channels)
        self.stage = Stage(channels, blocks, embedding)
        self.leave = zero_init(nn.Conv2d(channels, 12, 3, padding=1))

    def forward(self, x: torch.Tensor, x0_hat: torch.Tensor, features: torch.Tensor, e: torch.Tensor) -> torch.Tensor:
        return F.pixel_shuffle(self.leave(self.stage(self.enter(F.pixel_unshuffle(torch.cat([x, x0_hat], 1), 2)) + self.up(features), e)), 2)


class Denoiser(nn.Module):
    """The U-Net, its gain and the detail stage (`detail`: channels, blocks); without the last where `detail` is None."""

    def __init__(self, channels: tuple[int, int, int] = (96, 128, 256), encode: tuple[int, int, int] = (1, 2, 3),
                 decode: tuple[int, int, int] = (2, 2, 3), embedding: int = 256, size: int = 256, detail: tuple[int, int] | None = (64, 3)):
        super().__init__()
        c0, c1, c2 = channels
        self.embedding = nn.Sequential(nn.Linear(128, embedding), nn.SiLU(), nn.Linear(embedding, embedding), nn.SiLU())
        self.enter = nn.Conv2d(48, c0, 3, padding=1)
        self.encode0, self.down0 = Stage(c0, encode[0], embedding), Down(c0, c1)
        self.encode1, self.down1 = Stage(c1, encode[1], embedding), Down(c1, c2)
        self.encode2 = Stage(c2, encode[2], embedding, coarse=True)
        self.decode2 = Stage(c2, decode[2], embedding, coarse=True)
        self.up1, self.decode1 = Up(c2, c1), Stage(c1, decode[1], embedding)
        self.up0, self.decode0 = Up(c1, c0), Stage(c0, decode[0], embedding)
        self.leave = nn.Conv2d(c0, 48, 3, padding=1)
        self.places = nn.ParameterList(nn.Parameter(torch.zeros(1, c, g, g)) for c, g in ((c1, size // 8), (c2, size // 16)))
        self.gain = SpectralGain(size)
        self.detail = Detail(c0, *detail, embedding) if detail else None
        for name, table in zip(('skip', 'scale'), skip_and_scale()):
            self.register_buffer(name, table, persistent=False)
        fade = ((DETAIL_TO - torch.arange(STEPS + 1)) / DETAIL_FADE).clamp(0, 1)
        self.register_buffer('detail_scale', self.scale * fade, persistent=False)

    def embed(self, t: torch.Tensor) -> torch.Tensor:
        return self.embedding(timestep_embedding(t, 128))

    def encode(self, x: torch.Tensor, e: torch.Tensor) -> list[torch.Tensor]:
        """Features at S/4, S/8, S/16 (after the entrance, each stage): DISTS runs on these where VGG is not to be had."""
        x0 = self.encode0(self.enter(F.pixel_unshuffle(x, 4)), e)
        x1 = self.encode1(self.down0(x0) + self.places[0], e)
        return [x0, x1, self.encode2(self.down1(x1) + self.places[1], e)]

    def forward(self, x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        e = self.embed(t)
        x0, x1, x2 = self.encode(x, e)
        u1 = self.decode1(self.up1(self.decode2(x2, e)) + x1, e)
        u0 = self.decode0(self.up0(u1) + x0, e)
        skip, scale, detail = (table.index_select(0, t.long()).view(-1, 1, 1, 1) for table in (self.skip, self.scale, self.detail_scale))
        x0_hat = self.gain(skip * x + scale * F.pixel_shuffle(self.leave(u0), 4).to(x.dtype), t)
        return x0_hat + detail * self.detail(x, x0_hat, u0, e).to(x.dtype) if self.detail else x0_hat
