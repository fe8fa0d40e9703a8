"""RM's gain on the validation pairs by kind of picture, for the model card, and on the same faces degraded lightly, as most
photos of an album are: the paper's distribution has few of these.

    /usr/bin/python3 training/subgroups.py --faces ../shared/faces
    /usr/bin/python3 training/subgroups.py --write-light FOLDER      # these as FOLDER/lq-paper, hq-paper, lq-family, ..., for `heirloom evaluate`

Skin tone is the individual typology angle (Chardon et al. 1991) of two patches on the cheeks of the true picture; the
light of a snapshot moves it too. Nothing in the data says anybody's age.
"""
from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from degrade import SETTINGS, degraded_pair
from faces import luma, validation_pairs, validation_parameters
from labels import load_restoration
from loop import psnr
from precision import autocast
from pairs import to_pixels

CHEEKS = ((slice(150, 172), slice(78, 100)), (slice(150, 172), slice(156, 178)))  # rows, columns of a 256-pixel crop
TO_XYZ = np.array([[.4124564, .3575761, .1804375], [.2126729, .7151522, .0721750], [.0193339, .1191920, .9503041]])
WHITE_D65 = np.array([.95047, 1, 1.08883])


def lab(rgb: np.ndarray) -> tuple[float, float]:
    """L* and b* of one sRGB colour in [0, 1]."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ linear / WHITE_D65
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return float(116 * f[1] - 16), float(200 * (f[1] - f[2]))


def typology_angle(picture: np.ndarray) -> float:
    """Degrees, of [256, 256, 3] in [0, 1]: above 41 light, below 10 dark."""
    cheeks = np.concatenate([picture[rows, columns].reshape(-1, 3) for rows, columns in CHEEKS])
    lightness, yellow = lab(np.median(cheeks, 0))
    return float(np.degrees(np.arctan2(lightness - 50, yellow)))


def restored(model: torch.nn.Module, y: torch.Tensor) -> torch.Tensor:
    with torch.no_grad(), autocast('cpu'):
        return torch.cat([model(picture[None]).float() for picture in y])


def lightly_degraded(hq: torch.Tensor, setting: str) -> tuple[torch.Tensor, torch.Tensor]:
    """(target, y) of every face, whose details are still there; always the same ones."""
    torch.manual_seed(0)
    random = np.random.default_rng(0)
    pairs = [degraded_pair(x.clone(), random, setting, light=1.0) for x in hq.split(32)]
    return tuple(torch.cat(part) for part in zip(*pairs))


def write_pictures(folder: Path, names: list[str], pictures: torch.Tensor) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, pixels in zip(names, to_pixels(pictures)):
        Image.fromarray(pixels).save(folder / Path(name).with_suffix('.png'))


def row(name: str, before: torch.Tensor, after: torch.Tensor) -> str:
    return f'| {name} | {len(before)} | {before.mean():.2f} | {after.mean():.2f} | {int((after < before).sum())} |'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--cache', type=Path, default=Path('training/.cache'))
    parser.add_argument('--faces', type=Path, default=Path('../shared/faces'))
    parser.add_argument('--restoration', type=Path, default=Path('training/runs/restoration'))
    parser.add_argument('--write-light', type=Path, help='writes the lightly degraded pairs into this folder, and measures nothing')
    a = parser.parse_args()
    lq, hq = validation_pairs(a.cache)
    names = json.loads((a.cache / 'names.json').read_text())['val-hq']
    if a.write_light:
        for setting in SETTINGS:
            for side, pictures in zip(('hq', 'lq'), lightly_degraded(hq, setting)):
                write_pictures(a.write_light / f'{side}-{setting}', names, pictures)
        return
    model = load_restoration(a.restoration)
    before, after = psnr(lq, hq), psnr(restored(model, lq), hq)
    angle = np.array([typology_angle(x) for x in hq.permute(0, 2, 3, 1).numpy()])
    scale = np.array([float(row['scale_512']) for row in validation_parameters(a.faces)])
    source = np.array([name.rsplit('-', 1)[0] for name in names])
    groups = {'all': angle > -360, **{f'source {s}': source == s for s in sorted(set(source))},
              'skin tone light (angle over 41)': angle > 41, 'skin tone between (10 to 41)': (angle > 10) & (angle <= 41),
              'skin tone dark (under 10)': angle <= 10, 'shrunk under 8 times': scale < 8,
              'shrunk 8 to 20 times': (scale >= 8) & (scale < 20), 'shrunk over 20 times': scale >= 20}
    print('| group | pairs | LQ, dB | RM, dB | made worse |\n|---|---|---|---|---|')
    for name, group in groups.items():
        print(row(name, before[group], after[group]))
    grey_lq, grey_hq = (luma(x).expand_as(x) for x in (lq, hq))
    others = {'all, in monochrome': (grey_hq, grey_lq),
              **{f'all, degraded lightly ({setting})': lightly_degraded(hq, setting) for setting in SETTINGS}}
    for name, (x, y) in others.items():
        print(row(name, psnr(y, x), psnr(restored(model, y), x)))


if __name__ == '__main__':
    main()
