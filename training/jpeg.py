"""Baseline JPEG on tensors, so that a degradation can run on the device that trains.

Does what libjpeg does with Pillow's defaults (ITU-T T.81 Annex K tables scaled by quality, 4:2:0 chroma, 8 x 8 DCT,
rounding to whole coefficients), but for entropy coding, which loses nothing.
"""
from __future__ import annotations

import functools
import math

import torch
import torch.nn.functional as F

LUMINANCE = torch.tensor([
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
    14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99]).float().view(8, 8)
CHROMINANCE = torch.full((8, 8), 99.0)
CHROMINANCE[:4, :4] = torch.tensor([[17, 18, 24, 47], [18, 21, 26, 66], [24, 26, 56, 99], [47, 66, 99, 99]]).float()
TO_YCC = torch.tensor([[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]])
TO_RGB = torch.tensor([[1, 0, 1.402], [1, -0.344136, -0.714136], [1, 1.772, 0]])


@functools.lru_cache(maxsize=None)
def dct8(device: torch.device) -> torch.Tensor:
    """The orthonormal 8-point DCT-II, [8, 8]."""
    k = torch.arange(8).float()
    basis = torch.cos(math.pi * (k[None, :] + 0.5) * k[:, None] / 8) * 0.5
    basis[0] /= math.sqrt(2)
    return basis.to(device)


def table(base: torch.Tensor, quality: torch.Tensor) -> torch.Tensor:
    """libjpeg's quantisation table for each quality 1-100: [B, 8, 8]."""
    q = quality.float()
    scale = torch.where(q < 50, (5000 / q).floor(), 200 - 2 * q)
    return ((base.to(quality.device) * scale[:, None, None] + 50) / 100).floor().clamp(1, 255)


def quantise(plane: torch.Tensor, steps: torch.Tensor) -> torch.Tensor:
    """Rounds the DCT coefficients of a plane [B, H, W] (H, W multiples of 8, values about 0) to `steps` [B, 8, 8]."""
    b, h, w = plane.shape
    d, steps = dct8(plane.device), steps[:, None, None]
    blocks = plane.view(b, h // 8, 8, w // 8, 8).transpose(2, 3)
    levels = (d @ blocks @ d.t() / steps).round()
    return (d.t() @ (levels * steps) @ d).transpose(2, 3).reshape(b, h, w)


def jpeg(x: torch.Tensor, quality: torch.Tensor) -> torch.Tensor:
    """Pictures [B, 3, H, W] in [0, 1] as JPEGs of `quality` [B] (1-100) show them; the same shape and range."""
    h, w = x.shape[-2:]
    pixels = (x.clamp(0, 1) * 255).round()
    padded = F.pad(pixels, (0, -w % 16, 0, -h % 16), mode='replicate')
    ycc = torch.einsum('ij,bjhw->bihw', TO_YCC.to(x), padded)
    luma = quantise((ycc[:, 0] - 128).round(), table(LUMINANCE, quality)) + 128
    small, chroma_table = F.avg_pool2d(ycc[:, 1:], 2).round(), table(CHROMINANCE, quality)
    chroma = torch.stack([quantise(small[:, i], chroma_table) for i in (0, 1)], 1).round().clamp(-128, 127)
    full = F.interpolate(chroma, scale_factor=2, mode='bilinear', align_corners=False)  # libjpeg's "fancy" upsampling
    rgb = torch.einsum('ij,bjhw->bihw', TO_RGB.to(x), torch.cat([luma.round().clamp(0, 255)[:, None], full], 1))
    return rgb[..., :h, :w].round().clamp(0, 255) / 255
