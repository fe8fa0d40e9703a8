"""The degradation of eq. 16/18, `y = upsample_s(JPEG_q(downsample_s(x (*) k_sigma) + n_delta))`.

The paper's ranges are for S = 512; sigma and s scale by S / 512, noise and JPEG quality do not.
"""
from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

TAPS_512 = 41


@dataclass
class Degradation:
    """One image's parameters, in 512-pixel units as `val.csv` gives them."""
    sigma: float    # standard deviation of the blur, pixels at 512, [0.1, 15]
    sigma2: float   # second axis; equal to sigma for an isotropic kernel
    theta: float    # radians
    scale: float    # downsampling factor at 512, [0.8, 32]
    noise: float    # standard deviation of 255, [0, 20]
    jpeg: int       # quality, [30, 100]
    grey: bool = False
    down: str = 'bicubic'   # the paper does not name the interpolations; training varies them
    up: str = 'bilinear'


def random_degradation(random: np.random.Generator) -> Degradation:
    """Eq. 16's distribution: isotropic or anisotropic with equal chance, 1 % grey."""
    sigma = random.uniform(0.1, 15)
    isotropic = random.random() < 0.5
    return Degradation(
        sigma=sigma,
        sigma2=sigma if isotropic else random.uniform(0.1, 15),
        theta=random.uniform(0, np.pi),
        scale=random.uniform(0.8, 32),
        noise=random.uniform(0, 20),
        jpeg=int(random.integers(30, 101)),
        grey=random.random() < 0.01,
        down=str(random.choice(['bilinear', 'bicubic'])),
        up=str(random.choice(['bilinear', 'bicubic'])),
    )


def gaussian_kernel(sigma: float, sigma2: float, theta: float, radius: int) -> torch.Tensor:
    """Anisotropic Gaussian, `2 radius + 1` taps a side, sum 1. Sigmas in pixels."""
    axis = torch.arange(-radius, radius + 1, dtype=torch.float32)
    y, x = torch.meshgrid(axis, axis, indexing='ij')
    c, s = np.cos(theta), np.sin(theta)
    u, v = c * x + s * y, -s * x + c * y
    kernel = torch.exp(-0.5 * ((u / max(sigma, 1e-3)) ** 2 + (v / max(sigma2, 1e-3)) ** 2))
    return kernel / kernel.sum()


def blur(x: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
    """`x (*) k` with a reflected border through the FFT; x [3, H, W]."""
    radius = kernel.shape[-1] // 2
    padded = F.pad(x[None], (radius,) * 4, mode='reflect')[0]
    size = padded.shape[-2:]
    product = torch.fft.rfft2(padded) * torch.fft.rfft2(kernel, s=size)
    out = torch.fft.irfft2(product, s=size)
    return out[:, 2 * radius:, 2 * radius:]


def jpeg(x: torch.Tensor, quality: int) -> torch.Tensor:
    """Encodes and decodes [3, H, W] in [0, 1] as a baseline JPEG of `quality`."""
    pixels = (x.clamp(0, 1) * 255).round().to(torch.uint8).permute(1, 2, 0).contiguous().numpy()
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, 'JPEG', quality=quality)
    return torch.from_numpy(np.array(Image.open(buffer))).permute(2, 0, 1).float().div_(255)


def degrade(x: torch.Tensor, d: Degradation, random: np.random.Generator) -> torch.Tensor:
    """Eq. 16 on one picture [3, S, S] in [0, 1]; the result has the same shape and range."""
    size = x.shape[-1]
    ratio = size / 512
    if d.grey:
        x = (x * x.new_tensor([0.299, 0.587, 0.114]).view(3, 1, 1)).sum(0, keepdim=True).expand(3, -1, -1)
    kernel = gaussian_kernel(d.sigma * ratio, d.sigma2 * ratio, d.theta, max(1, round(TAPS_512 * ratio) // 2))
    small = max(2, round(size / (d.scale * ratio)))
    y = F.interpolate(blur(x, kernel)[None], size=(small, small), mode=d.down, align_corners=False,
                      antialias=small < size)[0]
    noise = torch.from_numpy(random.standard_normal(y.shape, dtype=np.float32)) * (d.noise / 255)
    y = jpeg(y + noise, d.jpeg)
    return F.interpolate(y[None], size=(size, size), mode=d.up, align_corners=False, antialias=small > size)[0].clamp(0, 1)


def degrade_batch(x: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """Random eq. 16 per picture, [B, 3, S, S]."""
    return torch.stack([degrade(picture, random_degradation(random), random) for picture in x])
