"""Training labels std*(y) = min { std : ||k_std (*) RM(y) - k_std (*) x||^2 <= tol } (eq. 9/19), and the tolerance study.

    /usr/bin/python3 training/labels.py --count 5000 --tol 2e-3

writes `labels-x.npy`, `labels-lq.npy` (uint8) and `labels.json` (the curve-derived std* for several tols) into
the cache. The error per std comes from Parseval: sum H_std^2 |DCT(RM(y) - x)|^2 / (3 S^2), per-pixel MSE on [0, 1].
"""
from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from degrade import SETTINGS, degraded_pair
from estimator import STD_MAX, STD_MIN, STD_STEP
from faces import Faces, validation_pairs
from loop import autocast
from restoration import ARCHITECTURES
from spectral import dct2, transfer_1d

TELL_TALES = {'unet': 'encode1.0.conv1.weight', 'nafnet': 'encode1.0.gate.weight', 'swinir': 'groups.0.0.norm1.weight'}  # a layer of each
TOLERANCES = (4e-4, 1e-3, 2e-3, 3e-3, 4e-3)


def std_axis() -> torch.Tensor:
    """The 150 values 0.1, 0.2, ..., 15.0, pixels at S = 512."""
    return torch.arange(1, round(STD_MAX / STD_STEP) + 1) * STD_STEP


def blurred_errors(restored: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Per-pixel MSE of k_std (*) (RM(y) - x) for each std of the axis: [B, 150]."""
    size = x.shape[-1]
    energy = dct2(restored.float() - x).pow(2).sum(1)
    h2 = transfer_1d(std_axis() * size / 512, size).pow(2).to(x.device)
    return torch.einsum('ku,buv,kv->bk', h2, energy, h2) / (3 * size * size)


def smallest_std(errors: torch.Tensor, tol: float) -> torch.Tensor:
    """Eq. 9: the smallest std of the axis with an error of at most tol; its end where there is none. [B]."""
    enough = errors <= tol
    first = torch.where(enough.any(1), enough.float().argmax(1), torch.full((len(errors),), errors.shape[1] - 1))
    return std_axis()[first]


def load_restoration(run: Path) -> torch.nn.Module:
    state = torch.load(run / 'checkpoint.pt', map_location='cpu')['ema']
    name = next(name for name, layer in TELL_TALES.items() if layer in state)
    model = ARCHITECTURES[name]().eval().requires_grad_(False)
    model.load_state_dict(state)
    return model.to(memory_format=torch.channels_last)


def curves(model: torch.nn.Module, y: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    with torch.no_grad(), autocast(x.device.type):
        restored = model(y.contiguous(memory_format=torch.channels_last))
    return blurred_errors(restored.float(), x).cpu()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--cache', type=Path, default=Path('training/.cache'))
    parser.add_argument('--restoration', type=Path, default=Path('training/runs/restoration'))
    parser.add_argument('--count', type=int, default=5000)
    parser.add_argument('--tol', type=float, default=2e-3)
    parser.add_argument('--degradation', choices=SETTINGS, default='paper')
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--device', default='cpu')
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(13)
    model = load_restoration(a.restoration).to(a.device)
    faces, random = Faces(a.cache, 'train-256', 256, seed=11, device=a.device), np.random.default_rng(12)
    xs, lqs, errors = [], [], []
    for _ in range(0, a.count, 16):
        x = faces.batch(16)
        x, y = degraded_pair(x, random, a.degradation)
        errors.append(curves(model, y, x))
        xs.append((x * 255).round().byte().permute(0, 2, 3, 1).cpu().numpy())
        lqs.append((y * 255).round().byte().permute(0, 2, 3, 1).cpu().numpy())
    errors = torch.cat(errors)
    lq, hq = validation_pairs(a.cache)
    val = torch.cat([curves(model, y.to(a.device), x.to(a.device)) for y, x in zip(lq.split(16), hq.split(16))])
    np.save(a.cache / 'labels-x.npy', np.concatenate(xs))
    np.save(a.cache / 'labels-lq.npy', np.concatenate(lqs))
    study = {}
    for tol in TOLERANCES:
        std = smallest_std(errors, tol)
        study[str(tol)] = {'mean': float(std.mean()), 'share_at_end': float((std >= STD_MAX - 1e-3).float().mean()),
                           'share_at_start': float((std <= STD_MIN + 1e-3).float().mean()),
                           'histogram': np.histogram(std.numpy(), bins=15, range=(0, 15))[0].tolist()}
        print(tol, study[str(tol)], flush=True)
    (a.cache / 'labels.json').write_text(json.dumps({
        'tol': a.tol, 'std': smallest_std(errors, a.tol).tolist(), 'val_std': smallest_std(val, a.tol).tolist(), 'study': study}))


if __name__ == '__main__':
    main()
