"""Validation pairs that have RM's picture in some frequencies and the truth in the others, as pictures to be evaluated: what
a measure of restored faces hangs on.

    /usr/bin/python3 training/mix_bands.py --out /tmp/bands --count 80
    npx heirloom evaluate --lq /tmp/bands/rm-below-32 --hq /tmp/bands/truth --tables DIR --rows lq

writes `OUT/truth`, `OUT/rm` and for each of --cuts, in cycles across the picture, `rm-below-CUT` (the truth above it), `rm-above-CUT`
(the truth below it) and `truth-below-CUT` (nothing above it).
"""
from __future__ import annotations

import argparse
from pathlib import Path

import torch
from PIL import Image

from face_power import cycles
from faces import validation_pairs
from labels import load_restoration
from pairs import to_pixels
from precision import autocast
from spectral import dct2, idct2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--cache', type=Path, default=Path('training/.cache'))
    parser.add_argument('--restoration', type=Path, default=Path('training/runs/restoration'))
    parser.add_argument('--out', type=Path, required=True)
    parser.add_argument('--count', type=int, default=80)
    parser.add_argument('--cuts', default='16,32,64,128')
    parser.add_argument('--threads', type=int, default=2)
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    lq, hq = validation_pairs(a.cache, a.count)
    restoration = load_restoration(a.restoration)
    with torch.no_grad(), autocast('cpu'):
        rm = torch.cat([restoration.with_disagreement(y)[0].float() for y in lq.split(8)])
    seen, truth, radius = dct2(rm), dct2(hq), cycles(hq.shape[-1])
    folders = {'truth': hq, 'rm': rm}
    for cut in map(float, a.cuts.split(',')):
        below = (radius < cut).float()
        folders |= {f'rm-below-{cut:g}': idct2(below * seen + (1 - below) * truth), f'rm-above-{cut:g}': idct2((1 - below) * seen + below * truth),
                    f'truth-below-{cut:g}': idct2(below * truth)}
    for name, pictures in folders.items():
        folder = a.out / name
        folder.mkdir(parents=True, exist_ok=True)
        for number, picture in enumerate(to_pixels(pictures.clamp(0, 1))):
            Image.fromarray(picture).save(folder / f'{number:03}.png')


if __name__ == '__main__':
    main()
