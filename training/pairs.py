"""A pool of degraded pairs, made once by several processes, so that training never waits for a degradation.

    /usr/bin/python3 training/pairs.py --paper 20000 --family 5000 --coarse 20000 --workers 2     # 4 minutes, 15 GB

writes into the cache, uint8 [N, H, W, 3]: `pairs-fine-x.npy`, `pairs-fine-y.npy` (256-pixel pictures; `paper`, then
`family`), and `pairs-coarse-x.npy` (128-pixel pictures at 128), `pairs-coarse-y.npy` (at 256).

The 128-pixel pictures are JPEGs of quality 50: they are shrunk at least COARSE_SCALE times, where neither their
blocks nor what they lack can be seen in y, and a loss looks at their coarse frequencies only (`squared_error`).
"""
from __future__ import annotations

import argparse
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from degrade import degrade, degraded_pair, random_degradation
from faces import Faces
from memory import keep_memory
from precision import layout

COARSE_SCALE = 8.0  # of 512: y holds 64 pixels of the 256 at most
COARSE_POOL = 4     # a coarse picture's error is averaged over squares of this side
CHUNK = 48


def coarse_pair(faces: Faces, count: int, random: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    ds = [random_degradation(random) for _ in range(count)]
    for d in ds:
        d.scale = random.uniform(COARSE_SCALE, 32)
    x = faces.batch(count)
    return F.avg_pool2d(x, 2), degrade(x, ds)


def to_pixels(x: torch.Tensor) -> np.ndarray:
    return (x * 255).round().byte().permute(0, 2, 3, 1).cpu().numpy()


def to_picture(pixels: np.ndarray, device: str = 'cpu') -> torch.Tensor:
    return torch.from_numpy(np.require(pixels, requirements='W')).to(device).permute(0, 3, 1, 2).float().div_(255)


def fill(job: tuple[Path, str, str, float, tuple[str, ...], int, int, int]) -> None:
    """Writes rows `begin` to `end` of one kind of pairs."""
    cache, kind, setting, light, sources, seed, begin, end = job
    keep_memory()
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    xs, ys = (np.load(cache / f'pairs-{kind}-{part}.npy', mmap_mode='r+') for part in 'xy')
    faces = Faces(cache, 'train-256' if kind == 'fine' else 'train-128', 256, seed=seed + 1, sources=sources)
    for i in range(begin, end, CHUNK):
        count = min(CHUNK, end - i)
        x, y = degraded_pair(faces.batch(count), random, setting, light) if kind == 'fine' else coarse_pair(faces, count, random)
        xs[i:i + count], ys[i:i + count] = to_pixels(x), to_pixels(y)


class Pairs:
    """Random batches of the pool, half of them flipped: (x, y [B, 3, 256, 256] in [0, 1], fine [B] bool).

    x of a coarse picture is its 128 pixels doubled. Raises FileNotFoundError where the pool was not made.
    """

    def __init__(self, cache: Path, seed: int, coarse_share: float = 0.4, device: str = 'cpu'):
        self.pool = {kind: tuple(np.load(Path(cache) / f'pairs-{kind}-{part}.npy', mmap_mode='r') for part in 'xy') for kind in ('fine', 'coarse')}
        self.random, self.coarse_share, self.device = np.random.default_rng(seed), coarse_share, device

    def __len__(self) -> int:
        return sum(len(xs) for xs, _ in self.pool.values())

    def _take(self, kind: str, count: int) -> tuple[torch.Tensor, torch.Tensor]:
        chosen = np.sort(self.random.integers(0, len(self.pool[kind][0]), count))
        x, y = (to_picture(part[chosen], self.device) for part in self.pool[kind])
        return (x if kind == 'fine' else F.interpolate(x, scale_factor=2, mode='nearest')), y

    def batch(self, count: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        few = int(self.random.binomial(count, self.coarse_share))
        parts = [self._take(kind, n) for kind, n in (('fine', count - few), ('coarse', few)) if n]
        x, y = (torch.cat(part) for part in zip(*parts))
        flipped = torch.from_numpy(np.flatnonzero(self.random.random(count) < 0.5))
        x[flipped], y[flipped] = x[flipped].flip(-1), y[flipped].flip(-1)
        return x, y.contiguous(memory_format=layout(self.device)), torch.arange(count, device=x.device) < count - few


def squared_error(restored: torch.Tensor, x: torch.Tensor, fine: torch.Tensor) -> torch.Tensor:
    """MSE per picture [B]; of a coarse picture, that of squares of COARSE_POOL pixels."""
    error = restored.float() - x
    whole = error.pow(2).flatten(1).mean(1)
    return torch.where(fine, whole, F.avg_pool2d(error, COARSE_POOL).pow(2).flatten(1).mean(1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--cache', type=Path, default=Path('training/.cache'))
    parser.add_argument('--paper', type=int, default=20000, help='256-pixel pairs degraded as in the paper')
    parser.add_argument('--family', type=int, default=5000, help='256-pixel pairs degraded as old prints are')
    parser.add_argument('--coarse', type=int, default=20000, help='128-pixel pairs')
    parser.add_argument('--light', type=float, default=0.4, help='share of the 256-pixel pairs whose details are still there')
    parser.add_argument('--sources', default='', help='comma-separated; only pictures of these sources')
    parser.add_argument('--workers', type=int, default=2)
    parser.add_argument('--seed', type=int, default=100)
    a = parser.parse_args()
    fine = a.paper + a.family
    for kind, part, count, side in (('fine', 'x', fine, 256), ('fine', 'y', fine, 256), ('coarse', 'x', a.coarse, 128), ('coarse', 'y', a.coarse, 256)):
        np.lib.format.open_memmap(a.cache / f'pairs-{kind}-{part}.npy', 'w+', np.uint8, (count, side, side, 3))
    jobs, sources = [], tuple(filter(None, a.sources.split(',')))
    for kind, setting, begin, end in (('fine', 'paper', 0, a.paper), ('fine', 'family', a.paper, fine), ('coarse', 'paper', 0, a.coarse)):
        cuts = np.linspace(begin, end, 8 * a.workers + 1).astype(int)
        jobs += [(a.cache, kind, setting, a.light, sources, a.seed + 2 * (len(jobs) + i), int(b), int(e)) for i, (b, e) in enumerate(zip(cuts, cuts[1:])) if e > b]
    with get_context('spawn').Pool(a.workers) as pool:
        for i, _ in enumerate(pool.imap_unordered(fill, jobs)):
            print(f'{i + 1} of {len(jobs)}', flush=True)


if __name__ == '__main__':
    main()
