"""Gaussian blur defined by its transfer function in the orthonormal DCT-II basis (method page, "Ours 2").

`k_std (*) x = C^T (H . (C x C^T)) C` with `H(u, v) = exp(-std^2 (w_u^2 + w_v^2) / 2)`, `w_u = pi u / S`:
a reflecting border, no taps to truncate, and the same numbers in Python and TypeScript.
Every std here is in pixels at S unless its name ends in `_512`.
"""
from __future__ import annotations

import functools
import math

import torch


@functools.lru_cache(maxsize=8)
def dct_matrix(size: int) -> torch.Tensor:
    """Orthonormal DCT-II matrix C, [S, S] float32: `C @ x` transforms the columns."""
    n = torch.arange(size, dtype=torch.float64)
    matrix = torch.cos(math.pi * (n[None, :] + 0.5) * n[:, None] / size) * math.sqrt(2 / size)
    matrix[0] /= math.sqrt(2)
    return matrix.float()


def dct2(x: torch.Tensor) -> torch.Tensor:
    c = dct_matrix(x.shape[-1]).to(x)
    return c @ x @ c.t()


def idct2(spectrum: torch.Tensor) -> torch.Tensor:
    c = dct_matrix(spectrum.shape[-1]).to(spectrum)
    return c.t() @ spectrum @ c


def rings(size: int, count: int = 32) -> torch.Tensor:
    """The ring sqrt(u^2 + v^2) count / S of each DCT-II frequency, whole numbers from 0, int64 [S, S]."""
    k = torch.arange(size, dtype=torch.float64)
    return ((k[:, None] ** 2 + k[None] ** 2).sqrt() * count / size).long()


def transfer_1d(std: torch.Tensor | float, size: int) -> torch.Tensor:
    """h[u] = exp(-std^2 w_u^2 / 2); std of shape [...] gives [..., S]. `H(u, v) = h[u] h[v]`."""
    w = math.pi * torch.arange(size, dtype=torch.float32) / size
    std = torch.as_tensor(std, dtype=torch.float32)
    return torch.exp(-0.5 * std[..., None] ** 2 * w.to(std.device) ** 2)


def gaussian_blur(x: torch.Tensor, std: torch.Tensor | float) -> torch.Tensor:
    """x [B, C, S, S], std a number or [B]."""
    h = transfer_1d(std, x.shape[-1]).to(x)
    h2 = h[..., :, None] * h[..., None, :]
    return idct2(dct2(x) * (h2[:, None] if h2.dim() == 3 else h2))
