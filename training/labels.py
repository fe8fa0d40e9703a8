"""Training labels std*(y) = min { std : ||k_std (*) RM(y) - k_std (*) x||^2 <= tol } (eq. 9/19), and the tolerance study.

    /usr/bin/python3 training/labels.py --count 5000 --tol 2e-3

writes `labels-x.npy`, `labels-lq.npy` (uint8), `labels-grid.npy` (float16) and `labels.json` into the cache. The error
per std comes from Parseval: sum H_std^2 |DCT(RM(y) - x)|^2 / (3 S^2), per-pixel MSE on [0, 1]. The same search in each
square of a GRID x GRID grid, over the mean of the squared error in a window of twice the square's side, gives std* per
region (ours).
"""
from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from degrade import SETTINGS, degraded_pair
from estimator import GRID, STD_MAX, STD_MIN, STD_STEP
from faces import Faces, validation_pairs
from loop import autocast
from pairs import to_pixels
from restoration import ARCHITECTURES
from spectral import dct2, idct2, transfer_1d

TELL_TALES = {'aligned': 'places.encode0', 'unet': 'encode1.0.conv1.weight', 'nafnet': 'encode1.0.gate.weight', 'swinir': 'groups.0.0.norm1.weight'}  # a layer of each, the first that fits
TOLERANCES = (4e-4, 1e-3, 2e-3, 3e-3, 4e-3)
REGION_AXIS = torch.tensor([0.1, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])  # pixels at 512


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


def regional_errors(restored: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """MSE of k_std (*) (RM(y) - x) around each square, for each std of REGION_AXIS: [B, 22, GRID, GRID].

    A blur of 4 pixels and more at 512 leaves nothing above half the frequencies: those are done at half the size.
    """
    size = x.shape[-1]
    spectrum = dct2(restored.float() - x)
    window = 2 * size // GRID

    def errors(std: float) -> torch.Tensor:
        part = size // 2 if std >= 4 else size
        h = transfer_1d(std * size / 512, size)[:part].to(x.device)
        blurred = idct2(spectrum[..., :part, :part] * torch.outer(h, h)) * (part / size)
        k = window * part // size
        return F.avg_pool2d(blurred.pow(2).mean(1, keepdim=True), k, k // 2, k // 4, count_include_pad=False)

    return torch.cat([errors(float(std)) for std in REGION_AXIS], 1)


def regional_std(errors: torch.Tensor, tol: float) -> torch.Tensor:
    """Eq. 9 in each square, errors [B, 22, GRID, GRID], linear between the axis's values: [B, GRID, GRID]."""
    enough = (errors <= tol)
    enough[:, -1] = True
    first = enough.float().argmax(1)
    before = (first - 1).clamp_min(0)
    high, low = errors.gather(1, before[:, None])[:, 0], errors.gather(1, first[:, None])[:, 0]
    share = ((high - tol) / (high - low).clamp_min(1e-12)).clamp(0, 1)
    axis = REGION_AXIS.to(errors.device)
    return torch.lerp(axis[before], axis[first], share)


def load_restoration(run: Path) -> torch.nn.Module:
    state = torch.load(run / 'checkpoint.pt', map_location='cpu')['ema']
    name = next(name for name, layer in TELL_TALES.items() if layer in state)
    model = ARCHITECTURES[name]().eval().requires_grad_(False)
    model.load_state_dict(state)
    return model.to(memory_format=torch.channels_last)


def error_of(model: torch.nn.Module, y: torch.Tensor, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """`blurred_errors` and `regional_errors` of RM(y)."""
    with torch.no_grad(), autocast(x.device.type):
        restored = model(y.contiguous(memory_format=torch.channels_last))
    return blurred_errors(restored.float(), x).cpu(), regional_errors(restored, x).cpu()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--cache', type=Path, default=Path('training/.cache'))
    parser.add_argument('--restoration', type=Path, default=Path('training/runs/restoration'))
    parser.add_argument('--count', type=int, default=5000)
    parser.add_argument('--tol', type=float, default=2e-3)
    parser.add_argument('--degradation', choices=SETTINGS, default='paper')
    parser.add_argument('--sources', default='', help='comma-separated; only pictures of these sources')
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--device', default='cpu')
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(13)
    model = load_restoration(a.restoration).to(a.device)
    faces = Faces(a.cache, 'train-256', 256, seed=11, sources=tuple(filter(None, a.sources.split(','))), device=a.device)
    random = np.random.default_rng(12)
    count = -(-a.count // 16) * 16
    xs, lqs = (np.lib.format.open_memmap(a.cache / f'labels-{k}.npy', 'w+', np.uint8, (count, 256, 256, 3)) for k in ('x', 'lq'))
    errors, regions = [], []
    for i in range(0, count, 16):
        x, y = degraded_pair(faces.batch(16), random, a.degradation)
        whole, squares = error_of(model, y, x)
        errors.append(whole)
        regions.append(regional_std(squares, a.tol))
        xs[i:i + 16], lqs[i:i + 16] = to_pixels(x), to_pixels(y)
        if i % 800 == 0:
            print(f'{i} of {count}', flush=True)
    errors = torch.cat(errors)
    np.save(a.cache / 'labels-grid.npy', torch.cat(regions).half().numpy())
    lq, hq = validation_pairs(a.cache)
    val = [error_of(model, y.to(a.device), x.to(a.device)) for y, x in zip(lq.split(16), hq.split(16))]
    val_errors, val_squares = (torch.cat(part) for part in zip(*val))
    study = {}
    for tol in TOLERANCES:
        std = smallest_std(errors, tol)
        study[str(tol)] = {'mean': float(std.mean()), 'share_at_end': float((std >= STD_MAX - 1e-3).float().mean()),
                           'share_at_start': float((std <= STD_MIN + 1e-3).float().mean()),
                           'histogram': np.histogram(std.numpy(), bins=15, range=(0, 15))[0].tolist()}
        print(tol, study[str(tol)], flush=True)
    (a.cache / 'labels.json').write_text(json.dumps({
        'tol': a.tol, 'std': smallest_std(errors, a.tol).tolist(), 'val_std': smallest_std(val_errors, a.tol).tolist(),
        'val_grid': regional_std(val_squares, a.tol).tolist(), 'study': study}))


if __name__ == '__main__':
    main()
