"""The 1000-step linear noise schedule (Ho et al. 2020): betas from 1e-4 to 0.02, t = 1..1000."""
from __future__ import annotations

from functools import lru_cache

import torch

from precision import layout

STEPS, BETA_START, BETA_END = 1000, 1e-4, 0.02
NOISE_FLOOR = 0.03  # smallest 1 - abar_t that weighs the prior's loss, and so lambda_t: below it the prior was not trained to beat the data


def alpha_bars() -> torch.Tensor:
    """alpha_bar_t for t = 0..1000, [1001] float64; alpha_bar_0 = 1."""
    betas = torch.linspace(BETA_START, BETA_END, STEPS, dtype=torch.float64)
    return torch.cat([torch.ones(1, dtype=torch.float64), torch.cumprod(1 - betas, 0)])


@lru_cache(maxsize=4)
def _on_device(device: torch.device) -> torch.Tensor:
    return alpha_bars().float().to(device)


def abar_of(t: torch.Tensor) -> torch.Tensor:
    """alpha_bar of t [B], on its device, as [B, 1, 1, 1] float32."""
    return _on_device(t.device)[t].view(-1, 1, 1, 1)


def noised(x: torch.Tensor, t: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """x_t of x [B, 3, S, S] in [-1, 1] at t [B] (the forward process, Ho et al. 2020)."""
    at = abar_of(t)
    x_t = at.sqrt() * x + (1 - at).sqrt() * torch.randn(x.shape, generator=generator, device=x.device)
    return x_t.contiguous(memory_format=layout(x.device.type))


def prior_weight(t: torch.Tensor, rho: torch.Tensor | float) -> torch.Tensor:
    """lambda_t = rho abar / max(1 - abar, NOISE_FLOOR) of t [B], as the engine's: [B]."""
    at = abar_of(t).flatten()
    return rho * at / (1 - at).clamp_min(NOISE_FLOOR)


def ddim_step(x_t: torch.Tensor, x0: torch.Tensor, t: torch.Tensor, later: torch.Tensor,
              eta: float = 0.0, generator: torch.Generator | None = None) -> torch.Tensor:
    """From t to `later` < t, both [B], towards x0 (DDIM, Song et al. 2021, eq. 12 and 16): without new noise where eta is 0,
    with as much as the ancestral step's where it is 1."""
    at, al = abar_of(t), abar_of(later)
    fresh = eta * ((1 - al) / (1 - at) * (1 - at / al)).clamp_min(0).sqrt()
    x = al.sqrt() * x0 + (1 - al - fresh ** 2).clamp_min(0).sqrt() * (x_t - at.sqrt() * x0) / (1 - at).sqrt()
    if eta:
        x = x + fresh * torch.randn(x.shape, generator=generator, device=x.device)
    return x.contiguous(memory_format=layout(x.device.type))


def ancestral_step(x_t: torch.Tensor, x0: torch.Tensor, t: int, later: int, noise: torch.Tensor) -> torch.Tensor:
    """From t to `later` < t: the mean of the posterior of x_later given x_t and x0, and its spread times `noise` (Ho et al. 2020, eq. 7)."""
    abar = alpha_bars()
    ratio = abar[t] / abar[later]
    beta = 1 - ratio
    mean = float(abar[later].sqrt() * beta / (1 - abar[t])) * x0 + float(ratio.sqrt() * (1 - abar[later]) / (1 - abar[t])) * x_t
    return mean + float(beta * (1 - abar[later]) / (1 - abar[t])) ** 0.5 * noise


def timesteps(start: int, steps: int, power: int = 1, last: int = 0) -> list[int]:
    """`steps` + 1 values from start down to 0, evenly spaced in the `power`-th root of t; with `last` those before the 0
    end there, evenly in the root of what is above it, and repeat themselves where start lies under it or close."""
    if not last or steps == 1:
        return [round(start * (1 - i / steps) ** power) for i in range(steps + 1)]
    last = min(start, last)
    return [*(round(last + (start - last) * (1 - i / (steps - 1)) ** power) for i in range(steps)), 0]


def under_floor() -> int:
    """The largest t with 1 - abar_t <= NOISE_FLOOR, where the prior ends: the last that the samplers ask it for."""
    return int((1 - alpha_bars() <= NOISE_FLOOR).nonzero()[-1])


def spectral_timesteps(start: int, steps: int) -> list[int]:
    """Those of the spectral sampler: evenly in the square root of what is above the floor, where it ends."""
    return timesteps(start, steps, 2, under_floor())
