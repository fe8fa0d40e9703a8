"""The 1000-step linear noise schedule (Ho et al. 2020): betas from 1e-4 to 0.02, t = 1..1000."""
from __future__ import annotations

import torch

STEPS, BETA_START, BETA_END = 1000, 1e-4, 0.02
NOISE_FLOOR = 0.03  # smallest 1 - abar_t that weighs the prior's loss, and so lambda_t: below it the prior was not trained to beat the data


def alpha_bars() -> torch.Tensor:
    """alpha_bar_t for t = 0..1000, [1001] float64; alpha_bar_0 = 1."""
    betas = torch.linspace(BETA_START, BETA_END, STEPS, dtype=torch.float64)
    return torch.cat([torch.ones(1, dtype=torch.float64), torch.cumprod(1 - betas, 0)])
