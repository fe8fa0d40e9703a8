"""Golden values that pin the TypeScript engine to this code: tests/golden/parity.json.

    /usr/bin/python3 training/golden.py --pack resources/models/family-256 --runs training/runs

Everything starts from the pack's golden face and from noise that both sides make themselves (xoshiro128**,
engine/method/noise.ts). Large tensors are stored as every `STRIDE`-th value.
"""
from __future__ import annotations

import argparse
import base64
import json
import math
from pathlib import Path

import numpy as np
import torch

from denoiser import Denoiser
from export import export_graph, golden_face, guided_step, load_networks, register_symbolics, rounded, trace_guided
from face_power import equalise_face, equalise_guide
from sampler import make_guides, sample_exact, sample_spectral
from schedule import alpha_bars, timesteps
from spectral import dct2, gaussian_blur, transfer_1d

STRIDE = 97
SEED = 7


def xoshiro_normals(seed: int, face: int, length: int) -> np.ndarray:
    """engine/method/noise.ts, value for value: splitmix32 state, xoshiro128**, Box-Muller in float64, float32 out."""
    mask = 0xFFFFFFFF

    def splitmix(state: int):
        while True:
            state = (state + 0x9E3779B9) & mask
            z = state ^ (state >> 16)
            z = z * 0x21F0AAAD & mask
            z = (z ^ (z >> 15)) * 0x735A2D97 & mask
            yield z ^ (z >> 15)

    rotate = lambda v, k: ((v << k) | (v >> (32 - k))) & mask
    source = splitmix(next(splitmix(seed)) ^ face)
    a, b, c, d = next(source), next(source), next(source), next(source) or 1
    uniforms = np.empty(length + length % 2)
    for i in range(len(uniforms)):
        uniforms[i] = (rotate(b * 5 & mask, 7) * 9 & mask) + 0.5
        shifted = b << 9 & mask
        c ^= a
        d ^= b
        b ^= c
        a ^= d
        c ^= shifted
        d = rotate(d, 11)
    uniforms /= 2.0 ** 32
    radius, angle = np.sqrt(-2 * np.log(uniforms[0::2])), 2 * math.pi * uniforms[1::2]
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1).reshape(-1)[:length].astype(np.float32)


def rolled(base: torch.Tensor, k: int) -> torch.Tensor:
    """The k-th noise of a trajectory: the base noise turned by 1009 k places."""
    return torch.roll(base.flatten(), 1009 * k).reshape(base.shape)


def pack_floats(tensor: torch.Tensor) -> str:
    return base64.b64encode(tensor.detach().contiguous().numpy().astype('<f4').tobytes()).decode()


def pick(tensor: torch.Tensor) -> str:
    return pack_floats(tensor.flatten()[::STRIDE])


def write_small_guided(out: Path) -> None:
    """guided-32.onnx: the exact-gradient graph of a tiny random U-Net with every kind of layer, for the WebGPU test."""
    torch.manual_seed(SEED)
    denoiser = Denoiser((16, 16, 64), (1, 1, 1), (1, 1, 1), 32, size=32, detail=(16, 1)).eval().requires_grad_(False)
    for p in denoiser.parameters():
        if p.dim() > 1:
            torch.nn.init.normal_(p, std=0.05)
    torch.nn.init.uniform_(denoiser.gain.table, 0.2, 1)
    register_symbolics()
    graph, example = trace_guided(rounded(denoiser), 32)
    export_graph(graph, example, out / 'guided-32.onnx', ['x_t', 't', 'y', 'h', 'w'], ['x0_hat', 'grad', 'loss'], unused=('abar',))
    tensors = dict(zip(['x_t', 't', 'y', 'h', 'w', 'x0_hat', 'grad', 'loss'], [*example, *guided_step(denoiser)(*example)]))
    (out / 'guided-32.json').write_text(json.dumps(
        {name: {'shape': list(v.shape), 'data': pack_floats(v)} for name, v in tensors.items()}) + '\n')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--small', action='store_true', help='only write guided-32.onnx, which no training changes')
    parser.add_argument('--pack', type=Path, default=Path('resources/models/family-256'))
    parser.add_argument('--runs', type=Path, default=Path('training/runs'))
    parser.add_argument('--out', type=Path, default=Path('tests/golden/parity.json'))
    a = parser.parse_args()
    if a.small:
        write_small_guided(a.out.parent)
        return
    networks = load_networks(a.runs)
    exact = json.loads((a.pack / 'manifest.json').read_text())['exact']
    face = golden_face(256).half().float()  # as the pack stores it
    base = torch.from_numpy(xoshiro_normals(SEED, 0, 3 * 256 * 256)).reshape(3, 256, 256)
    abar = alpha_bars().float()
    with torch.no_grad():
        restored, disagreement = networks['restoration'].with_disagreement(face[None])
        std = float(networks['estimator'](face[None], restored, disagreement)[0].std)
        restored = restored[0]
    start, std_guides, rho, crispness = 600, 4.0, 0.01, 0.7
    table = json.loads((a.pack / 'face-power.json').read_text())
    guides = make_guides(restored * 2 - 1, std_guides, 3)
    x = abar[start].sqrt() * guides.y[0] + (1 - abar[start]).sqrt() * base
    t = torch.tensor([float(start)])
    padded = lambda v: torch.cat([v, torch.zeros(4 - len(v), *v.shape[1:])])
    step = guided_step(networks['denoiser'])
    h = padded(transfer_1d(guides.std / 2, 256))
    x0_hat, grad, loss = step(x[None], t, padded(guides.y), h, padded(guides.weights))

    @torch.no_grad()
    def denoiser(x_t: torch.Tensor, t: int) -> torch.Tensor:
        return networks['denoiser'](x_t[None], torch.tensor([float(t)]))[0]

    @torch.no_grad()
    def scale(y1: torch.Tensor, x0: torch.Tensor, t: int) -> torch.Tensor:
        return networks['dgsa'](y1[None], x0[None], torch.tensor([float(t)]))[0]

    def guided(x_t: torch.Tensor, t: int):
        return tuple(v[0] for v in step(x_t[None], torch.tensor([float(t)]), padded(guides.y), h, padded(guides.weights)))

    assert exact['normalise'] == 'residual-norm', exact
    fifty = timesteps(start, 50)
    noises = [rolled(base, k + 1) for k in range(50)]
    result = {
        'stride': STRIDE, 'seed': SEED, 'start': start, 'std': std_guides, 'rho': rho, 'crispness': crispness, 'exactScale': exact['scale'],
        'noise': pick(base), 'blurStd': 3.7, 'dct': pick(dct2(base)), 'blur': pick(gaussian_blur(base[None], 3.7)),
        'restoration': pick(restored), 'estimatorStd': std,
        'crispGuide': pick(equalise_guide(restored[None], table, crispness)),
        'crispFace': pick(equalise_face(guides.y[:1] / 2 + 0.5, restored[None], table, crispness)),
        'guides': [pick(y) for y in guides.y],
        'x0Hat': pick(x0_hat), 'gradient': pick(grad), 'loss': float(loss), 'dgsa': pick(scale(guides.y[0], x0_hat[0], start)),
        'ddim': pick(sample_spectral(denoiser, x, fifty, guides, rho, scale, 'ddim')),
        'dpmpp2m': pick(sample_spectral(denoiser, x, fifty, guides, rho, scale, 'dpmpp-2m')),
        'exact': pick(sample_exact(guided, x, fifty, guides, scale, exact['scale'], noises)),
    }
    a.out.parent.mkdir(parents=True, exist_ok=True)
    a.out.write_text(json.dumps(result) + '\n')
    print(f'{a.out}: {a.out.stat().st_size / 1e3:.0f} kB, std {std:.3f}, loss {float(loss):.3f}')


if __name__ == '__main__':
    main()
