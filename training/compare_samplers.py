"""Validation pairs restored with several choices of the spectral sampler's constants, and by the exact sampler, as pictures to be
evaluated: what the presets were chosen with.

    /usr/bin/python3 training/compare_samplers.py --out /tmp/compare --first 80 --count 48 --spectral 0.01:1:6,0.05:3:4
    npx heirloom evaluate --lq /tmp/compare/spectral-0.05-3-4 --hq /tmp/compare/truth --tables DIR --rows lq

writes `OUT/spectral-RHO-LEAST-MOST`, with --exact `OUT/exact`, and `OUT/truth`, a PNG for each pair, and prints PSNR and sharpness
of each folder as it stands. All of them begin with the same noise for a face and have a constant scale of 1, three guides and
SE's std between the least blur, as far as the face needs it (`least_blur.py`), and the most; --crispness is how far the
guides and what is made are raised to the power of a face (`face_power.py`). The networks run in batches and,
where the CPU has it, in bf16, in less than half of the engine's CPU time; the samplers are those of `sampler.py`, which the
parity tests hold the engine's to. A face that is there already is not made again; `--part 0/2` and `--part 1/2` share the work
between two processes.
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
from estimator import Estimator
from export import guidance_loss
from face_power import equalise_face, equalise_guide
from faces import validation_pairs
from labels import load_restoration
from least_blur import needed_blur, needed_rho
from loop import psnr
from losses import gradient_energy
from pairs import to_picture, to_pixels
from precision import autocast
from schedule import ancestral_step, prior_weight, under_floor
from train_dgsa import Sampling, guided_estimate, load_ema


def exact(denoiser: torch.nn.Module, state: dict[str, torch.Tensor], weights: torch.Tensor, *, rho: torch.Tensor | float, scale: float, noise: torch.Generator) -> torch.Tensor:
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
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--cache', type=Path, default=Path('training/.cache'))
    parser.add_argument('--runs', type=Path, default=Path('training/runs'))
    parser.add_argument('--denoiser', default='detail', help='name of its run')
    parser.add_argument('--pack', type=Path, default=Path('resources/models/family-256'))
    parser.add_argument('--out', type=Path, required=True)
    parser.add_argument('--first', type=int, default=0, help='the first validation pair')
    parser.add_argument('--count', type=int, default=48)
    parser.add_argument('--batch', type=int, default=4)
    parser.add_argument('--part', default='0/1', help='I/N: every N-th batch from the I-th')
    parser.add_argument('--spectral', default='0.05:3:4', help='RHO:LEAST:MOST,...: rho and the range of std, pixels at 512')
    parser.add_argument('--eta', type=float, default=1.0, help='noise anew at each step of the spectral sampler')
    parser.add_argument('--crispness', type=float, default=0.0)
    parser.add_argument('--steps', type=int, default=15, help="the spectral sampler's")
    parser.add_argument('--exact', help='RHO:LEAST:MOST of the exact sampler, whose rho is that of its last step')
    parser.add_argument('--threads', type=int, default=1)
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    manifest = json.loads((a.pack / 'manifest.json').read_text())
    table = json.loads((a.pack / 'dsst.json').read_text())['t']
    powers = json.loads((a.pack / 'face-power.json').read_text())
    denoiser, estimator, restoration = load_ema(Denoiser(), a.runs / a.denoiser), load_ema(Estimator(), a.runs / 'estimator'), load_restoration(a.runs / 'restoration')
    lq, hq = (part[a.first:] for part in validation_pairs(a.cache, a.first + a.count))
    one = lambda *_: torch.ones(())
    mine, parts = map(int, a.part.split('/'))
    choices = {f'spectral-{choice.replace(":", "-")}': choice for choice in a.spectral.split(',') if choice}
    if a.exact:
        choices['exact'] = a.exact

    @torch.no_grad()
    def made(folder: str, numbers: list[int]) -> None:
        rho, least, most = map(float, choices[folder].split(':'))
        y = lq[numbers]
        restored, disagreement = restoration.with_disagreement(y)
        estimate = estimator(y, restored, disagreement)[0]
        needed = torch.tensor([needed_blur(r.float(), c.float(), least) for r, c in zip(restored, estimate.curve)]).float()
        sampling = Sampling(denoiser, table, rho=rho, least=least, steps=a.steps, device='cpu', eta=a.eta)
        rhos = needed_rho(rho, needed, least)
        state = sampling.begin(equalise_guide(restored.float(), powers, a.crispness) * 2 - 1, estimate.std.float().maximum(needed).clamp_max(most), torch.Generator().manual_seed(numbers[0]), rho=rhos, least=needed)
        torch.manual_seed(numbers[0])
        if folder == 'exact':
            x0 = exact(denoiser, state, sampling.weights, rho=rhos, scale=manifest['exact']['scale'], noise=torch.Generator().manual_seed(1000 + numbers[0]))
        else:
            x0 = sampling.sample(one, state)
        crisp = equalise_face(x0 / 2 + 0.5, restored.float(), powers, a.crispness)
        for number, picture in zip(numbers, to_pixels(crisp.clamp(0, 1))):
            Image.fromarray(picture).save(a.out / folder / name_of(number))

    def name_of(number: int) -> str:
        return f'{a.first + number:03}.png'

    for folder in ('truth', *choices):
        (a.out / folder).mkdir(parents=True, exist_ok=True)
    for number, picture in enumerate(to_pixels(hq)):
        Image.fromarray(picture).save(a.out / 'truth' / name_of(number))
    batches = [list(range(i, min(i + a.batch, a.count))) for i in range(0, a.count, a.batch)][mine::parts]
    for folder in choices:
        for numbers in batches:
            if all((a.out / folder / name_of(n)).exists() for n in numbers):
                continue
            begun = time.time()
            made(folder, numbers)
            print(f'{folder} {numbers[0]}-{numbers[-1]}: {(time.time() - begun) / len(numbers):.1f} s a face', flush=True)
    for folder in choices:
        there = [n for n in range(a.count) if (a.out / folder / name_of(n)).exists()]
        pictures = to_picture(np.stack([np.array(Image.open(a.out / folder / name_of(n))) for n in there]))
        print(f'{folder}: {len(there)} faces, {psnr(pictures, hq[there]).mean():.3f} dB, sharpness {gradient_energy(pictures).sum() / gradient_energy(hq[there]).sum():.3f}')


if __name__ == '__main__':
    main()
