"""The exact sampler with every step beside the spectral one, on validation pairs, as pictures to be evaluated.

    /usr/bin/python3 training/compare_samplers.py --out /tmp/compare --count 48 --rho 0.001,0.003,0.01,0.03
    npx heirloom evaluate --lq /tmp/compare/exact --hq /tmp/compare/truth --tables DIR --rows lq

writes `OUT/exact`, `OUT/spectral-RHO` and `OUT/truth`, a PNG for each pair, and prints PSNR and sharpness of each folder as
it stands. All of them begin with the same noise for a face, have a constant scale of 1, three guides, Balanced's least blur
and SE's std. The networks run in batches and, where the CPU has it, in bf16, in less than half of the engine's CPU time; the
samplers are those of `sampler.py`, which the parity tests hold the engine's to. A face that is there already is not made again; `--part 0/2` and `--part 1/2` share the work between two processes.
"""
from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from denoiser import Denoiser
from estimator import STD_MAX, Estimator
from export import guidance_loss
from faces import validation_pairs
from labels import load_restoration
from loop import psnr
from losses import gradient_energy
from pairs import to_picture, to_pixels
from precision import autocast
from schedule import ancestral_step, prior_weight, under_floor
from train_dgsa import Sampling, guided_estimate, load_ema


def exact(denoiser: torch.nn.Module, state: dict[str, torch.Tensor], weights: torch.Tensor, *, rho: float, scale: float, noise: torch.Generator) -> torch.Tensor:
    """x0 [B, 3, S, S] of states at their start, by the paper's sampler with every step (eq. 5-7, 12; `sampler.sample_exact`),
    which ends with the closed form at the first t whose noise is under the prior's floor, as the engine's does."""
    under = under_floor()
    x, starts = state['x_t'], state['times'][:, 0]
    for t in range(int(starts.max()), under - 1, -1):
        going = starts >= t  # a face with a later start waits
        steps = torch.full((int(going.sum()),), t)
        at = x[going].detach().requires_grad_(True)
        with torch.enable_grad():
            with autocast(x.device.type):
                x0_hat = denoiser(at, steps).float()
            loss = torch.cat([guidance_loss(x0_hat[i:i + 1], y, h, weights) for i, (y, h) in enumerate(zip(state['guides'][going], state['transfers'][going]))])
            gradient, = torch.autograd.grad(loss.sum(), at)
        x0_hat = x0_hat.detach()
        if t == under:
            return guided_estimate(x0_hat, state['guides'], state['transfers'], weights, prior_weight(steps, rho))
        ancestral = ancestral_step(at.detach(), x0_hat, t, t - 1, torch.randn(at.shape, generator=noise))
        x[going] = ancestral - scale * gradient / loss.detach().sqrt().view(-1, 1, 1, 1)
    raise ValueError(f'a start of {int(starts.max())} lies under the floor, t = {under}')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--cache', type=Path, default=Path('training/.cache'))
    parser.add_argument('--runs', type=Path, default=Path('training/runs'))
    parser.add_argument('--pack', type=Path, default=Path('resources/models/family-256'))
    parser.add_argument('--out', type=Path, required=True)
    parser.add_argument('--count', type=int, default=48, help='the first validation pairs')
    parser.add_argument('--batch', type=int, default=4)
    parser.add_argument('--part', default='0/1', help='I/N: every N-th batch from the I-th')
    parser.add_argument('--rho', default='0.001,0.003,0.01,0.03', help="the spectral sampler's")
    parser.add_argument('--skip-exact', action='store_true')
    parser.add_argument('--least', type=float, default=3.0)
    parser.add_argument('--threads', type=int, default=1)
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    manifest = json.loads((a.pack / 'manifest.json').read_text())
    table = json.loads((a.pack / 'dsst.json').read_text())['t']
    closing = next(p['rho'] for p in manifest['presets'] if p['id'] == 'balanced')
    denoiser, estimator, restoration = load_ema(Denoiser(), a.runs / 'detail'), load_ema(Estimator(), a.runs / 'estimator'), load_restoration(a.runs / 'restoration')
    lq, hq = validation_pairs(a.cache, a.count)
    one = lambda *_: torch.ones(())
    mine, parts = map(int, a.part.split('/'))

    @torch.no_grad()
    def made(folder: str, numbers: list[int]) -> None:
        y = lq[numbers]
        restored, disagreement = restoration.with_disagreement(y)
        std = estimator(y, restored, disagreement)[0].std.clamp(a.least, STD_MAX)
        rho = closing if folder == 'exact' else float(folder.removeprefix('spectral-'))
        sampling = Sampling(denoiser, table, rho=rho, least=a.least, steps=15, device='cpu')
        state = sampling.begin(restored * 2 - 1, std, torch.Generator().manual_seed(numbers[0]))
        if folder == 'exact':
            x0 = exact(denoiser, state, sampling.weights, rho=rho, scale=manifest['exact']['scale'], noise=torch.Generator().manual_seed(1000 + numbers[0]))
        else:
            x0 = sampling.sample(one, state)
        for number, picture in zip(numbers, to_pixels((x0 / 2 + 0.5).clamp(0, 1))):
            Image.fromarray(picture).save(a.out / folder / f'{number:03}.png')

    folders = [f'spectral-{rho}' for rho in a.rho.split(',')] + ([] if a.skip_exact else ['exact'])
    for folder in ('truth', *folders):
        (a.out / folder).mkdir(parents=True, exist_ok=True)
    for number, picture in enumerate(to_pixels(hq)):
        Image.fromarray(picture).save(a.out / 'truth' / f'{number:03}.png')
    batches = [list(range(i, min(i + a.batch, a.count))) for i in range(0, a.count, a.batch)][mine::parts]
    for folder in folders:
        for numbers in batches:
            if all((a.out / folder / f'{n:03}.png').exists() for n in numbers):
                continue
            begun = time.time()
            made(folder, numbers)
            print(f'{folder} {numbers[0]}-{numbers[-1]}: {(time.time() - begun) / len(numbers):.1f} s a face', flush=True)
    for folder in folders:
        there = sorted(int(p.stem) for p in (a.out / folder).glob('*.png') if int(p.stem) < a.count)
        pictures = to_picture(np.stack([np.array(Image.open(a.out / folder / f'{n:03}.png')) for n in there]))
        print(f'{folder}: {len(there)} faces, {psnr(pictures, hq[there]).mean():.3f} dB, sharpness {gradient_energy(pictures).sum() / gradient_energy(hq[there]).sum():.3f}')


if __name__ == '__main__':
    main()
