"""Cuts a file into pieces and joins them again, for machines that send only small files back.

    python3 training/pieces.py cut runs/restoration/checkpoint.pt $OUT        # checkpoint.pt.0, .1, ... of 15 MiB
    python3 training/pieces.py join checkpoint.pt.0 training/runs/restoration/checkpoint.pt
    python3 training/pieces.py ema runs/restoration/checkpoint.pt $OUT/restoration.pt   # weights alone, to be shown at once
"""
from __future__ import annotations

import hashlib
import sys
from pathlib import Path

PIECE = 15 * 2 ** 20  # bytes


def cut(file: Path, folder: Path, piece: int = PIECE) -> list[Path]:
    """Writes `<name>.0`, `<name>.1` ... and `<name>.sha256` into folder."""
    data = file.read_bytes()
    pieces = [folder / f'{file.name}.{i}' for i in range(-(-len(data) // piece))]
    for i, path in enumerate(pieces):
        path.write_bytes(data[i * piece:(i + 1) * piece])
    (folder / f'{file.name}.sha256').write_text(hashlib.sha256(data).hexdigest())
    return pieces


def join(first: Path, file: Path) -> None:
    """Joins `<name>.0` and what follows it. Raises ValueError where the hash is not the one that `cut` wrote."""
    name, i, data = first.name.removesuffix('.0'), 0, b''
    while (piece := first.with_name(f'{name}.{i}')).exists():
        data, i = data + piece.read_bytes(), i + 1
    expected = first.with_name(f'{name}.sha256').read_text()
    if hashlib.sha256(data).hexdigest() != expected:
        raise ValueError(f'{first}: {i} pieces, {len(data)} bytes, do not have the hash {expected}')
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def ema(checkpoint: Path, file: Path) -> None:
    """A checkpoint of the averaged weights alone, as float16: what `export.py` reads, an eighth of the size."""
    import torch
    state = torch.load(checkpoint, map_location='cpu')
    half = {k: v.half() if v.is_floating_point() else v for k, v in state['ema'].items()}
    torch.save({'ema': half, 'step': state['step'], 'images': state['images'], 'seconds': state['seconds']}, file)


if __name__ == '__main__':
    {'cut': cut, 'join': join, 'ema': ema}[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
