"""Face pictures for training, read once from the tar shards into memory-mapped arrays.

    /usr/bin/python3 training/faces.py --faces ../shared/faces --cache training/.cache

writes `train-256.npy`, `train-128.npy`, `val-hq.npy`, `val-lq.npy` (uint8, [N, H, W, 3]) and
`names.json`. Pictures never enter the repository: the cache folder is ignored by git.
"""
from __future__ import annotations

import argparse
import csv
import io
import json
import tarfile
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image


def read_tar(path: Path):
    """Yields (name, RGB uint8 [H, W, 3]) in the shard's order. Raises ValueError naming shard and member."""
    with tarfile.open(path) as shard:
        for member in shard:
            if not member.isfile():
                continue
            try:
                data = shard.extractfile(member).read()
                picture = np.asarray(Image.open(io.BytesIO(data)).convert('RGB'))
            except Exception as error:
                raise ValueError(f'{path}: {member.name} is not a readable picture: {error}') from error
            yield Path(member.name).name, picture


def prepare(faces: Path, cache: Path) -> None:
    """Decodes every shard into `cache`. Safe to call again: what is there is kept."""
    cache.mkdir(parents=True, exist_ok=True)
    names: dict[str, list[str]] = {}
    for key, pattern in [('train-256', 'train-256-*.tar'), ('train-128', 'train-128-*.tar'),
                         ('val-hq', 'val-hq-*.tar'), ('val-lq', 'val-lq-*.tar')]:
        target = cache / f'{key}.npy'
        if target.exists() and (cache / 'names.json').exists():
            continue
        pairs = [pair for shard in sorted(faces.glob(pattern)) for pair in read_tar(shard)]
        if not pairs:
            raise ValueError(f'{faces}: no shard matches {pattern}')
        if key.startswith('val'):
            pairs.sort()
        names[key] = [name for name, _ in pairs]
        np.save(target, np.stack([picture for _, picture in pairs]))
        print(f'{key}: {len(pairs)} pictures', flush=True)
    if names:
        (cache / 'names.json').write_text(json.dumps(names))


class Faces:
    """Random training crops of one resolution.

    Values are float32 [B, 3, S, S] in [0, 1] on `device`, where an accelerator keeps all pictures in its memory
    (0.95 GB). Augmentation: flips, small affine (at most 4 degrees, 4 % scale, 2 % shift; bicubic) on a share of the
    pictures, and small brightness, contrast and colour gains. `sources`: only pictures of these sources of `index.csv`.
    """

    def __init__(self, cache: Path, key: str, size: int, seed: int, affine_share: float = 0.3,
                 sources: tuple[str, ...] = (), device: str = 'cpu'):
        self.pictures = np.load(Path(cache) / f'{key}.npy', mmap_mode='r')
        self.resident = None if device == 'cpu' else torch.from_numpy(np.array(self.pictures)).to(device)
        self.size = size
        self.affine_share = affine_share
        self.random = np.random.default_rng(seed)
        self.chosen = np.arange(len(self.pictures))
        if sources:  # a file's name starts with its source
            names = json.loads((Path(cache) / 'names.json').read_text())[key]
            self.chosen = np.array([i for i, name in enumerate(names) if name.rsplit('-', 1)[0] in sources])
            if not len(self.chosen):
                raise ValueError(f'{cache}: no picture of {key} is from {", ".join(sources)}')

    def __len__(self) -> int:
        return len(self.pictures)

    def batch(self, count: int) -> torch.Tensor:
        chosen = self.random.choice(self.chosen, count)
        pixels = torch.from_numpy(self.pictures[np.sort(chosen)]) if self.resident is None else self.resident[torch.from_numpy(chosen)]
        x = pixels.permute(0, 3, 1, 2).float().div_(255)
        if x.shape[-1] != self.size:
            x = F.interpolate(x, size=(self.size, self.size), mode='bicubic', align_corners=False, antialias=True)
        return self._augment(x)

    def _augment(self, x: torch.Tensor) -> torch.Tensor:
        r, count = self.random, len(x)
        flipped, moved = (torch.from_numpy(np.flatnonzero(r.random(count) < share)) for share in (0.5, self.affine_share))
        x[flipped] = x[flipped].flip(-1)
        if len(moved):
            x[moved] = self._affine(x[moved])
        on_device = lambda values: torch.from_numpy(values).float().to(x.device)
        gain = on_device(r.uniform(0.9, 1.1, (count, 1, 1, 1)) * r.uniform(0.97, 1.03, (count, 3, 1, 1)))
        shift = on_device(r.uniform(-0.04, 0.04, (count, 1, 1, 1)))
        grey = on_device(r.random((count, 1, 1, 1)) < 0.03)
        x = (x - 0.5) * gain + 0.5 + shift
        return torch.lerp(x, luma(x), grey).clamp_(0, 1)

    def _affine(self, x: torch.Tensor) -> torch.Tensor:
        r, count = self.random, len(x)
        angle, zoom = np.deg2rad(r.uniform(-4, 4, count)), r.uniform(0.96, 1.04, count)
        c, s = np.cos(angle) * zoom, np.sin(angle) * zoom
        across, down = r.uniform(-0.04, 0.04, (2, count))
        theta = torch.from_numpy(np.stack([c, -s, across, s, c, down], 1).reshape(count, 2, 3)).float().to(x.device)
        grid = F.affine_grid(theta, list(x.shape), align_corners=False)
        return F.grid_sample(x, grid, mode='bicubic', padding_mode='reflection', align_corners=False)


def luma(x: torch.Tensor) -> torch.Tensor:
    """Rec. 601 luma, [B, 3, H, W] -> [B, 1, H, W]."""
    return (x * x.new_tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1, keepdim=True)


def validation_pairs(cache: Path, limit: int | None = None) -> tuple[torch.Tensor, torch.Tensor]:
    """(LQ, HQ) of the validation set, float32 [N, 3, 256, 256] in [0, 1], sorted by name."""
    def load(key: str) -> torch.Tensor:
        return torch.from_numpy(np.load(Path(cache) / f'{key}.npy')[:limit]).permute(0, 3, 1, 2).float().div_(255)
    return load('val-lq'), load('val-hq')


def validation_parameters(faces: Path) -> list[dict[str, str]]:
    with open(Path(faces) / 'val.csv', newline='') as file:
        return sorted(csv.DictReader(file), key=lambda row: row['file'])


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--faces', type=Path, default=Path('../shared/faces'))
    parser.add_argument('--cache', type=Path, default=Path('training/.cache'))
    arguments = parser.parse_args()
    prepare(arguments.faces, arguments.cache)
