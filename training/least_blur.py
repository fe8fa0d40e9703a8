"""How much of a preset's least blur a face needs, and the rho that goes with it: `engine/method/least-blur.ts` in Python."""
from __future__ import annotations

import numpy as np
import torch

from estimator import KNOTS
from spectral import dct2, transfer_1d


def needed_blur(restored: torch.Tensor, curve: torch.Tensor, least: float) -> float:
    """The largest std up to `least`, pixels at 512, at which a blur takes more error than detail from RM's picture: E(0) -
    E(std) >= P(0) - P(std), E the error by SE's curve, P the picture's power; KNOTS[0] where none does.

    restored [3, S, S] in [0, 1], curve [K] of log10 errors at KNOTS."""
    if least <= KNOTS[0]:
        return least
    size = restored.shape[-1]
    power = dct2(restored).double().pow(2).mean(0) / size ** 2

    def excess(std: float) -> float:
        h2 = transfer_1d(std * size / 512, size).double().flatten() ** 2
        taken = float((power * (1 - h2[:, None] * h2[None])).sum())
        error = 10 ** np.interp([KNOTS[0], std], KNOTS, curve.double().numpy())
        return error[0] - error[1] - taken

    above = None
    for std in [least, *(knot for knot in reversed(KNOTS[1:]) if knot < least)]:
        here = excess(std)
        if here >= 0:
            return std if above is None else std + (above[0] - std) * here / (here - above[1])
        above = std, here
    return KNOTS[0]


def needed_rho(rho: float, needed: torch.Tensor, least: float) -> torch.Tensor:
    """rho of faces that need a blur of `needed` [B] of a preset's least blur, pixels at 512: it falls with the square of the needed part."""
    return rho * (needed / max(least, KNOTS[0])) ** 2
