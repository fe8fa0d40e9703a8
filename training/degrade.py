"""Degradations: the paper's (eq. 16/18) and `family`, which adds what old prints and their scans have.

`paper`:  y = upsample_s(JPEG_q(downsample_s(x (*) k_sigma) + n_delta)). Its ranges are for S = 512; sigma and s scale
by S / 512, noise and JPEG quality do not.
`family`: the same, and on a share of the pictures motion or defocus blur in place of the Gaussian, film grain,
halftone dots, dust and thin scratches on the print, a second JPEG; fading, colour cast and sepia change x and y
alike, since RM is to keep a photo's tone (the engine matches tone itself).

Everything works on batches [B, 3, S, S] in [0, 1] on the device of x. Parameters come from NumPy's generator, noise
from torch's.
"""
from __future__ import annotations

import io
import math
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from faces import luma
from jpeg import jpeg

SETTINGS = ('paper', 'family')
REACH = 2.7  # of the largest std: where a kernel ends. Cut sooner (41 taps at 512: 1.3), a wide blur is none of its std
SIGMA_MAX = 15.0
LIGHT_SCALE = 6.0
DOWNS, UPS = ('area', 'bilinear', 'bicubic'), ('bilinear', 'bicubic')
SEPIA = (1.07, 0.98, 0.80)


@dataclass
class Degradation:
    """One picture's parameters of eq. 16, in 512-pixel units as `val.csv` gives them."""
    sigma: float    # standard deviation of the blur, pixels at 512, [0.1, SIGMA_MAX]
    sigma2: float   # second axis; equal to sigma for an isotropic kernel
    theta: float    # radians
    scale: float    # downsampling factor at 512, [0.8, 32]
    noise: float    # standard deviation of 255, [0, 20]
    jpeg: int       # quality, [30, 100]
    grey: bool = False
    down: str = 'area'      # the paper does not name the interpolations; training varies them (DOWNS, UPS). Area and
    up: str = 'bicubic'     # bicubic come closest to the validation pairs (training/match_degradation.py)
    kernel: str = 'gaussian'  # or 'motion' (length 2 sigma), 'defocus' (disk of radius sigma)


def random_degradation(random: np.random.Generator, setting: str = 'paper') -> Degradation:
    """Eq. 16's distribution: isotropic or anisotropic with equal chance, 1 % grey. Other kernels in `family` only."""
    sigma = random.uniform(0.1, SIGMA_MAX)
    isotropic = random.random() < 0.5
    return Degradation(
        sigma=sigma,
        sigma2=sigma if isotropic else random.uniform(0.1, SIGMA_MAX),
        theta=random.uniform(0, np.pi),
        scale=random.uniform(0.8, 32),
        noise=random.uniform(0, 20),
        jpeg=int(random.integers(30, 101)),
        grey=random.random() < 0.01,
        down=str(random.choice(DOWNS, p=[0.5, 0.25, 0.25])),
        up=str(random.choice(UPS, p=[0.3, 0.7])),
        kernel=str(random.choice(['gaussian', 'motion', 'defocus'], p=[0.6, 0.2, 0.2])) if setting == 'family' else 'gaussian',
    )


def lighten(d: Degradation, random: np.random.Generator) -> None:
    """Makes `d` one of a picture whose details are still there: seldom in eq. 16's distribution, often in an album."""
    d.scale = random.uniform(0.8, LIGHT_SCALE)
    share = random.random()
    d.sigma, d.sigma2 = (max(0.1, share * sigma) for sigma in (d.sigma, d.sigma2))


def blur_kernel(d: Degradation, size: int) -> torch.Tensor:
    """The kernel of `d` for pictures of `size` pixels: a square with an odd side, sum 1."""
    ratio = size / 512
    radius = math.ceil(REACH * SIGMA_MAX * ratio)
    axis = torch.arange(-radius, radius + 1, dtype=torch.float32)
    y, x = torch.meshgrid(axis, axis, indexing='ij')
    c, s = math.cos(d.theta), math.sin(d.theta)
    u, v = c * x + s * y, -s * x + c * y
    sigma, sigma2 = max(d.sigma * ratio, 1e-3), max(d.sigma2 * ratio, 1e-3)
    if d.kernel == 'motion':
        kernel = (sigma + 0.5 - u.abs()).clamp(0, 1) * (1 - v.abs()).clamp(0, 1)
    elif d.kernel == 'defocus':
        kernel = (sigma + 0.5 - (x ** 2 + y ** 2).sqrt()).clamp(0, 1)
    else:
        kernel = torch.exp(-0.5 * ((u / sigma) ** 2 + (v / sigma2) ** 2))
    return kernel / kernel.sum()


def blur(x: torch.Tensor, kernels: torch.Tensor) -> torch.Tensor:
    """Each of x [B, 3, H, W] with its kernel [B, k, k], border reflected, through the FFT."""
    radius = kernels.shape[-1] // 2
    padded = F.pad(x, (radius,) * 4, mode='reflect')
    sides = [-(-side // 20) * 20 for side in padded.shape[-2:]]  # without large prime factors, in which an FFT is slow
    product = torch.fft.rfft2(padded, s=sides) * torch.fft.rfft2(kernels, s=sides)[:, None]
    height, width = padded.shape[-2:]
    return torch.fft.irfft2(product, s=sides)[..., 2 * radius:height, 2 * radius:width]


def compress(x: torch.Tensor, quality: list[int]) -> torch.Tensor:
    """Each of x as a JPEG of its quality: Pillow's where the CPU has the pictures (faster there), else `jpeg`."""
    if x.device.type != 'cpu':
        return jpeg(x, torch.tensor(quality, device=x.device))
    return torch.stack([pillow_jpeg(picture, q) for picture, q in zip(x, quality)])


def pillow_jpeg(x: torch.Tensor, quality: int) -> torch.Tensor:
    """Encodes and decodes [3, H, W] in [0, 1] as a baseline JPEG of `quality`."""
    pixels = (x.clamp(0, 1) * 255).round().to(torch.uint8).permute(1, 2, 0).contiguous().numpy()
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, 'JPEG', quality=quality)
    return torch.from_numpy(np.array(Image.open(buffer))).permute(2, 0, 1).float().div_(255)


def small_size(d: Degradation, size: int) -> int:
    """Side after the downsampling. Sizes over 64 go in steps of 8, so that pictures of a batch share one."""
    small = max(2, round(512 / d.scale))
    return small if small <= 64 else round(small / 8) * 8


def area_weights(size: int, small: int) -> torch.Tensor:
    """[small, size]: each row the mean over its own share of the pixels, parts of them too (OpenCV's INTER_AREA)."""
    edges = torch.arange(small + 1) * (size / small)
    pixel = torch.arange(size)
    return (torch.minimum(edges[1:, None], pixel + 1) - torch.maximum(edges[:-1, None], pixel)).clamp_min(0) * (small / size)


def shrink(x: torch.Tensor, small: int, down: str) -> torch.Tensor:
    size = x.shape[-1]
    if down == 'area' and small < size:
        weights = area_weights(size, small).to(x)
        return weights @ x @ weights.t()
    return F.interpolate(x, size=(small, small), mode='bilinear' if down == 'area' else down, align_corners=False, antialias=small < size)


def scan(x: torch.Tensor, ds: list[Degradation], small: int) -> torch.Tensor:
    """upsample(JPEG(downsample(x) + noise)) of pictures that share a small size; the first one's interpolations."""
    size = x.shape[-1]
    y = shrink(x, small, ds[0].down)
    noise = torch.tensor([d.noise / 255 for d in ds], device=x.device).view(-1, 1, 1, 1)
    y = compress(y + noise * torch.randn_like(y), [d.jpeg for d in ds])
    return F.interpolate(y, size=(size, size), mode=ds[0].up, align_corners=False, antialias=small > size).clamp(0, 1)


def degrade(x: torch.Tensor, ds: list[Degradation], print_of=lambda x: x) -> torch.Tensor:
    """Eq. 16 with each picture's own parameters; `print_of` changes the picture between the blur and the scan."""
    size = x.shape[-1]
    if any(d.grey for d in ds):
        x = torch.lerp(x, luma(x), torch.tensor([d.grey for d in ds], device=x.device).float().view(-1, 1, 1, 1))
    kernels = torch.stack([blur_kernel(d, size) for d in ds]).to(x.device)
    printed = print_of(blur(x, kernels))
    y = torch.empty_like(x)
    groups: dict[int, list[int]] = {}
    for i, d in enumerate(ds):
        groups.setdefault(small_size(d, size), []).append(i)
    for small, members in groups.items():
        y[members] = scan(printed[members], [ds[i] for i in members], small)
    return y


def degraded_pair(x: torch.Tensor, random: np.random.Generator, setting: str = 'paper', light: float = 0.0) -> tuple[torch.Tensor, torch.Tensor]:
    """(target, y) with random parameters, a share `light` of them lightened: the target is x itself, in `family` with a
    share of the tones changed."""
    ds = [random_degradation(random, setting) for _ in x]
    for d in ds:
        if random.random() < light:
            lighten(d, random)
    if setting == 'paper':
        return x, degrade(x, ds)
    x = toned(x, random)
    y = degrade(x, ds, lambda printed: worn(printed, random))
    twice = np.flatnonzero(random.random(len(x)) < 0.3).tolist()
    if twice:
        y[twice] = compress(y[twice], [int(q) for q in random.integers(40, 96, len(twice))])
    return x, y


def chosen(x: torch.Tensor, random: np.random.Generator, share: float) -> torch.Tensor:
    """1 for a random share of the batch, else 0: [B, 1, 1, 1]."""
    return torch.from_numpy((random.random(len(x)) < share)).to(x).view(-1, 1, 1, 1)


def uniform(x: torch.Tensor, random: np.random.Generator, low: float, high: float, channels: int = 1) -> torch.Tensor:
    return torch.from_numpy(random.uniform(low, high, (len(x), channels, 1, 1))).to(x)


def toned(x: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """Fading (less contrast, lifted blacks), a colour cast, sepia and monochrome, each on a share of the pictures."""
    faded = x * uniform(x, random, 0.5, 0.95) + uniform(x, random, 0.02, 0.25)
    x = torch.lerp(x, faded.clamp(0, 1), chosen(x, random, 0.25))
    cast = (x.clamp_min(1e-4) ** uniform(x, random, 0.8, 1.25, 3)) * uniform(x, random, 0.85, 1.0, 3)
    x = torch.lerp(x, cast, chosen(x, random, 0.25))
    mono = luma(x).expand_as(x)
    x = torch.lerp(x, mono, chosen(x, random, 0.2))
    tint = 1 + (x.new_tensor(SEPIA).view(1, 3, 1, 1) - 1) * uniform(x, random, 0.4, 1.2)
    return torch.lerp(x, (luma(x) * tint).clamp(0, 1), chosen(x, random, 0.15)).clamp(0, 1)


def worn(x: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """A print and its wear: film grain, halftone dots, dust and thin scratches, each on a share of the pictures."""
    x = x + grain(x, random) * chosen(x, random, 0.3)
    x = torch.lerp(x, halftone(x, random), 0.6 * chosen(x, random, 0.08))
    return scratched(x, random).clamp(0, 1)


def grain(x: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """Monochrome noise with grains of 1-3 pixels, strongest in the middle tones; [B, 1, S, S]."""
    size = x.shape[-1]
    coarse = max(8, round(size / random.uniform(1, 3)))
    noise = F.interpolate(torch.randn(len(x), 1, coarse, coarse, device=x.device), size=(size, size), mode='bicubic', align_corners=False)
    level = luma(x).clamp(0, 1)
    return noise * (level * (1 - level)).sqrt() * 2 * uniform(x, random, 0.02, 0.1)


def halftone(x: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """A dot screen of 3-6 pixels at a random angle, as newspapers and yearbooks have."""
    size = x.shape[-1]
    axis = torch.arange(size, device=x.device).float()
    v, u = torch.meshgrid(axis, axis, indexing='ij')
    angle, pitch = uniform(x, random, 0, math.pi / 2)[:, 0], uniform(x, random, 3, 6)[:, 0]
    a = (angle.cos() * u + angle.sin() * v) * 2 * math.pi / pitch
    b = (angle.cos() * v - angle.sin() * u) * 2 * math.pi / pitch
    screen = (a.cos() + b.cos())[:, None] / 4 + 0.5
    return torch.sigmoid((x - screen) * 8)


def scratched(x: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """Up to three thin scratches and up to eight specks of dust on a third of the pictures, light or dark."""
    size = x.shape[-1]
    axis = torch.arange(size, device=x.device).float()
    v, u = torch.meshgrid(axis, axis, indexing='ij')
    for i in np.flatnonzero(random.random(len(x)) < 0.33):
        mask = torch.zeros(size, size, device=x.device)
        for _ in range(random.integers(0, 4)):
            angle, offset, width = random.uniform(0, np.pi), random.uniform(-0.5, 0.5) * size, random.uniform(0.4, 1.2)
            along = math.sin(angle) * (u - size / 2) + math.cos(angle) * (v - size / 2)
            across = math.cos(angle) * (u - size / 2) - math.sin(angle) * (v - size / 2) - offset
            across = across + random.uniform(0, 3) * torch.sin(along / size * random.uniform(2, 12))
            mask = torch.maximum(mask, (width + 0.5 - across.abs()).clamp(0, 1))
        for _ in range(random.integers(0, 9)):
            cx, cy, radius = *random.uniform(0, size, 2), random.uniform(0.5, 2.5)
            mask = torch.maximum(mask, (radius + 0.5 - ((u - cx) ** 2 + (v - cy) ** 2).sqrt()).clamp(0, 1))
        x[i] = torch.lerp(x[i], torch.full_like(x[i], float(random.random() < 0.7)), mask * random.uniform(0.4, 1))
    return x
