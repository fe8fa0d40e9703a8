"""How near `degrade` comes to the validation pairs: their faces degraded anew with the parameters of val.csv.

    /usr/bin/python3 training/match_degradation.py --faces ../shared/faces

prints, for each pair of interpolations and for kernels cut at several shares of their std, the mean square of the difference
to the given LQ on pairs with little noise (the noise itself cannot be had again).
"""
from __future__ import annotations

import argparse
from dataclasses import replace
from itertools import product
from pathlib import Path

import torch

import degrade
from faces import validation_pairs, validation_parameters


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--faces', type=Path, default=Path('../shared/faces'))
    parser.add_argument('--cache', type=Path, default=Path('training/.cache'))
    parser.add_argument('--noise', type=float, default=4, help='only pairs with at most this noise, of 255')
    a = parser.parse_args()
    lq, hq = validation_pairs(a.cache)
    given = [degrade.Degradation(float(p['sigma_512']), float(p['sigma2_512']), float(p['theta']), float(p['scale_512']), float(p['noise']), int(p['jpeg']))
             for p in validation_parameters(a.faces)]
    chosen = [i for i, d in enumerate(given) if d.noise <= a.noise]
    print(f'{len(chosen)} pairs with noise of at most {a.noise:g}; mean square of the difference to LQ, geometric mean over pairs, 1e-4')
    reach = degrade.REACH
    for cut, down, up in [(reach, *modes) for modes in product(degrade.DOWNS, degrade.UPS)] + [(cut, 'area', 'bicubic') for cut in (1.33, 2.0, 4.0)]:
        degrade.REACH = cut
        again = torch.cat([degrade.degrade(hq[i:i + 1], [replace(given[i], noise=0, down=down, up=up)]) for i in chosen])
        off = (again - lq[chosen]).pow(2).flatten(1).mean(1)
        print(f'{down:9} {up:9} kernel to {cut:g} std: {1e4 * float(off.log().mean().exp()):.3f}', flush=True)


if __name__ == '__main__':
    main()
