"""Layers that several networks share."""
from __future__ import annotations

import math

import torch
import torch.nn as nn
import torch.nn.functional as F


class GroupNorm(nn.GroupNorm):
    """Group norm computed in float32 under bf16 autocast.

    PyTorch 1.13 on CPU sums bf16 channels-last statistics in bf16: errors of 0.4 RMS on a 64 x 64 grid, to which a
    network adapts, so that it is 4 dB worse when it is run in float32.
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.group_norm(x.float(), self.num_groups, self.weight, self.bias, self.eps).to(x.dtype)


class LayerNorm(nn.LayerNorm):
    """Layer norm computed in float32, for the same reason."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.layer_norm(x.float(), self.normalized_shape, self.weight, self.bias, self.eps).to(x.dtype)


class ChannelNorm(nn.Module):
    """Layer norm over the channels of each position of [B, C, H, W], computed in float32."""

    def __init__(self, channels: int, eps: float = 1e-6):
        super().__init__()
        self.weight, self.bias, self.eps = nn.Parameter(torch.ones(1, channels, 1, 1)), nn.Parameter(torch.zeros(1, channels, 1, 1)), eps

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        wide = x.float()
        centred = wide - wide.mean(1, keepdim=True)
        return (centred * torch.rsqrt(centred.pow(2).mean(1, keepdim=True) + self.eps) * self.weight + self.bias).to(x.dtype)


class BatchNorm2d(nn.BatchNorm2d):
    """Batch norm computed in float32, for the same reason."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x.float()).to(x.dtype)


def zero_init(layer: nn.Module) -> nn.Module:
    """Zeroes a layer, so that its residual branch starts as the identity."""
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
    return layer


class ResBlock(nn.Module):
    """x + conv(ReLU(conv(ReLU(x)))), without normalisation, second convolution zeroed at the start."""

    def __init__(self, channels: int):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = zero_init(nn.Conv2d(channels, channels, 3, padding=1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.conv2(F.relu(self.conv1(F.relu(x))))


class Down(nn.Module):
    """Space-to-depth by `factor`, then a 1 x 1 convolution."""

    def __init__(self, channels: int, out: int, factor: int = 2):
        super().__init__()
        self.factor = factor
        self.conv = nn.Conv2d(channels * factor ** 2, out, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(F.pixel_unshuffle(x, self.factor))


class Up(nn.Module):
    """A 1 x 1 convolution, then depth-to-space by `factor`."""

    def __init__(self, channels: int, out: int, factor: int = 2):
        super().__init__()
        self.factor = factor
        self.conv = nn.Conv2d(channels, out * factor ** 2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.pixel_shuffle(self.conv(x), self.factor)


class Attention(nn.Module):
    """Residual multi-head self-attention over all positions; head size 64."""

    def __init__(self, channels: int):
        super().__init__()
        self.heads = max(1, channels // 64)
        self.norm = GroupNorm(8, channels)
        self.qkv = nn.Conv2d(channels, 3 * channels, 1)
        self.proj = zero_init(nn.Conv2d(channels, channels, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        b, c, h, w = x.shape
        tokens = self.qkv(self.norm(x)).permute(0, 2, 3, 1).reshape(b, h * w, 3, self.heads, c // self.heads)
        q, k, v = tokens.permute(2, 0, 3, 1, 4).unbind(0)
        weights = (q @ k.transpose(-1, -2) / math.sqrt(c // self.heads)).softmax(-1)
        out = (weights @ v).transpose(1, 2).reshape(b, h, w, c)
        return x + self.proj(out.permute(0, 3, 1, 2))


def timestep_embedding(t: torch.Tensor, channels: int) -> torch.Tensor:
    """Sinusoidal embedding of t [B] (1-1000), as in Ho et al. 2020: [B, channels]."""
    frequencies = torch.exp(-math.log(10000.0) * torch.arange(channels // 2, dtype=torch.float32, device=t.device) / (channels // 2))
    angles = t.float()[:, None] * frequencies
    return torch.cat([angles.cos(), angles.sin()], 1)
