"""RM's gain on the validation pairs by kind of picture, for the model card.

    /usr/bin/python3 training/subgroups.py --faces ../shared/faces

Skin tone is the individual typology angle (Chardon et al. 1991) of two patches on the cheeks of the true picture; the
light of a snapshot moves it too. Nothing in the data says anybody's age.
"""
from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from faces import luma, validation_pairs, validation_parameters
from labels import load_restoration
from loop import autocast, psnr

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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--cache', type=Path, default=Path('training/.cache'))
    parser.add_argument('--faces', type=Path, default=Path('../shared/faces'))
    parser.add_argument('--restoration', type=Path, default=Path('training/runs/restoration'))
    a = parser.parse_args()
    lq, hq = validation_pairs(a.cache)
    names = json.loads((a.cache / 'names.json').read_text())['val-hq']
    model = load_restoration(a.restoration)
    before, after = psnr(lq, hq).numpy(), psnr(restored(model, lq), hq).numpy()
    angle = np.array([typology_angle(x) for x in hq.permute(0, 2, 3, 1).numpy()])
    scale = np.array([float(row['scale_512']) for row in validation_parameters(a.faces)])
    source = np.array([name.rsplit('-', 1)[0] for name in names])
    groups = {'all': angle > -360, **{f'source {s}': source == s for s in sorted(set(source))},
              'skin tone light (angle over 41)': angle > 41, 'skin tone between (10 to 41)': (angle > 10) & (angle <= 41),
              'skin tone dark (under 10)': angle <= 10, 'shrunk under 8 times': scale < 8,
              'shrunk 8 to 20 times': (scale >= 8) & (scale < 20), 'shrunk over 20 times': scale >= 20}
    print('| group | pairs | LQ, dB | RM, dB | made worse |\n|---|---|---|---|---|')
    for name, group in groups.items():
        print(f'| {name} | {group.sum()} | {before[group].mean():.2f} | {after[group].mean():.2f} | {(after < before)[group].sum()} |')
    grey_lq, grey_hq = (luma(x).expand_as(x) for x in (lq, hq))
    before, after = psnr(grey_lq, grey_hq), psnr(restored(model, grey_lq), grey_hq)
    print(f'| all, in monochrome | {len(lq)} | {before.mean():.2f} | {after.mean():.2f} | {int((after < before).sum())} |')


if __name__ == '__main__':
    main()
