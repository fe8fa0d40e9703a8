"""Training labels std*(y) = min { std : ||k_std (*) RM(y) - k_std (*) x||^2 <= tol } (eq. 9/19), and the tolerance study.

    /usr/bin/python3 training/labels.py --count 20000

takes pairs of `pairs.py`'s pool, evenly from its first to its last, and writes into the cache: `labels-pairs.npy` [N],
which ones; `labels-errors.npy` [N, 150], the error at every std of the axis; `labels-grid.npy` [N, K, GRID, GRID]
float16, its log10 at KNOTS in each square of a grid, over the mean
of the squared error in a window of twice the square's side (ours); the same of the validation pairs as
`labels-val-errors.npy` and `labels-val-grid.npy`; what SE sees of RM, its pictures, `labels-restored.npy` and
`labels-val-restored.npy`, and how far it disagrees with itself, `labels-disagreement.npy` and
`labels-val-disagreement.npy` (uint8 [N, H, W, 3], the latter 1 / DISAGREEMENT of a pixel's range); and the study in
`labels.json`. The error comes from Parseval:
sum H_std^2 |DCT(RM(y) - x)|^2 / (3 S^2), per-pixel MSE on [0, 1]. std* of any tolerance follows from it.
"""
from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from estimator import GRID, KNOTS, STD_MAX, STD_MIN, STD_STEP
from faces import validation_pairs
from memory import keep_memory
from pairs import to_picture, to_pixels
from precision import autocast, layout
from restoration import ARCHITECTURES, MirrorMean
from spectral import dct2, idct2, transfer_1d

TELL_TALES = {'aligned': 'places.encode0', 'unet': 'encode1.0.conv1.weight', 'nafnet': 'encode1.0.gate.weight', 'swinir': 'groups.0.0.norm1.weight'}  # a layer of each, the first that fits
DISAGREEMENT = 8  # times enlarged before it is stored in bytes
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


def regional_errors(restored: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """MSE of k_std (*) (RM(y) - x) around each square, for each std of KNOTS: [B, K, GRID, GRID].

    A blur of 3 pixels and more at 512 leaves next to nothing above half the frequencies, one of 7 above a quarter: those
    are done at half and a quarter of the size.
    """
    size = x.shape[-1]
    spectrum = dct2(restored.float() - x)
    window = 2 * size // GRID

    def errors(std: float) -> torch.Tensor:
        part = size // (4 if std >= 7 else 2 if std >= 3 else 1)
        h = transfer_1d(std * size / 512, size)[:part].to(x.device)
        blurred = idct2(spectrum[..., :part, :part] * torch.outer(h, h)) * (part / size)
        k = window * part // size
        return F.avg_pool2d(blurred.pow(2).mean(1, keepdim=True), k, k // 2, k // 4, count_include_pad=False)

    return torch.cat([errors(std) for std in KNOTS], 1)


def log_errors(errors: torch.Tensor) -> torch.Tensor:
    """log10, of no less than 1e-8."""
    return errors.clamp_min(1e-8).log10()


def at_knots(errors: torch.Tensor) -> torch.Tensor:
    """log10 of `blurred_errors` [B, 150] at KNOTS: [B, K]."""
    return log_errors(errors[:, [round(std / STD_STEP) - 1 for std in KNOTS]])


def load_restoration(run: Path) -> MirrorMean:
    """RM as a pack has it: the mean with its mirror image's restoration. One from before 0.7.0 has no fine
    stage: it gets one as it begins, the identity."""
    state = torch.load(run / 'checkpoint.pt', map_location='cpu')['ema']
    name = next(name for name, layer in TELL_TALES.items() if layer in state)
    model = ARCHITECTURES[name]().eval().requires_grad_(False)
    model.load_state_dict({**{name: value for name, value in model.state_dict().items() if name.startswith('fine.')}, **state})
    return MirrorMean(model.to(memory_format=layout('cpu')))


def error_of(model: MirrorMean, y: torch.Tensor, x: torch.Tensor) -> dict[str, np.ndarray]:
    """What is written of each pair: `blurred_errors` and the log of the `regional_errors` of RM(y), RM(y) and its disagreement in pixels."""
    with torch.no_grad(), autocast(x.device.type):
        restored, disagreement = (part.float() for part in model.with_disagreement(y.contiguous(memory_format=layout(x.device.type))))
    return {'errors': blurred_errors(restored, x).cpu().numpy(), 'grid': log_errors(regional_errors(restored, x)).cpu().numpy().astype(np.float16),
            'restored': to_pixels(restored.clamp(0, 1)), 'disagreement': to_pixels((disagreement.abs() * DISAGREEMENT).clamp(0, 1))}


def to_disagreement(pixels: np.ndarray, device: str = 'cpu') -> torch.Tensor:
    """[B, 3, H, W] of what `error_of` gives as `disagreement`, without signs."""
    return to_picture(pixels, device) / DISAGREEMENT


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--cache', type=Path, default=Path('training/.cache'))
    parser.add_argument('--restoration', type=Path, default=Path('training/runs/restoration'))
    parser.add_argument('--count', type=int, default=20000, help='pairs of the pool')
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--device', default='cpu')
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    keep_memory()
    model = load_restoration(a.restoration).to(a.device)
    xs, ys = (np.load(a.cache / f'pairs-fine-{part}.npy', mmap_mode='r') for part in 'xy')
    chosen = np.unique(np.linspace(0, len(xs) - 1, a.count).round().astype(int))
    np.save(a.cache / 'labels-pairs.npy', chosen)
    lq, hq = validation_pairs(a.cache)
    sets = {'labels-val-': (len(hq), lambda part: (lq[part], hq[part])),
            'labels-': (len(chosen), lambda part: (to_picture(ys[chosen[part]]), to_picture(xs[chosen[part]])))}
    for prefix, (count, pair) in sets.items():
        files: dict[str, np.ndarray] = {}
        for i in range(0, count, 16):
            for name, values in error_of(model, *(picture.to(a.device) for picture in pair(slice(i, i + 16)))).items():
                if not i:
                    files[name] = np.lib.format.open_memmap(a.cache / f'{prefix}{name}.npy', 'w+', values.dtype, (count, *values.shape[1:]))
                files[name][i:i + 16] = values
            if i % 1600 == 0:
                print(f'{prefix} {i} of {count}', flush=True)
    errors = torch.from_numpy(np.array(files['errors']))
    study = {}
    for tol in TOLERANCES:
        std = smallest_std(errors, tol)
        study[str(tol)] = {'mean': float(std.mean()), 'share_at_end': float((std >= STD_MAX - 1e-3).float().mean()),
                           'share_at_start': float((std <= STD_MIN + 1e-3).float().mean()),
                           'histogram': np.histogram(std.numpy(), bins=15, range=(0, 15))[0].tolist()}
        print(tol, study[str(tol)], flush=True)
    (a.cache / 'labels.json').write_text(json.dumps({'pairs': len(errors), 'study': study}))


if __name__ == '__main__':
    main()
