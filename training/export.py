"""Writes a pack: ONNX graphs, golden input, dsst.json's hash and manifest.json.

    /usr/bin/python3 training/export.py --pack resources/models/family-256 --runs training/runs
    /usr/bin/python3 training/export.py --restorer candidate.onnx --restoration training/runs/candidate

The second form writes one RM alone, for `heirloom packs add-restorer`: that is how candidates are compared.
Weights are stored as float16, the denoiser's largest as int8 with a step for each channel, and cast to float32 in the
graph; inputs and outputs are float32. The exact-gradient graph holds the gradient of the guidance loss through the U-Net as ordinary operators (method page, "Ours 1").
"""
from __future__ import annotations

import argparse
import hashlib
import io
import json
from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn as nn
from onnx import helper, numpy_helper
from torch.fx.experimental.proxy_tensor import make_fx
from torch.onnx import register_custom_op_symbolic, symbolic_helper

from denoiser import Denoiser
from dgsa import Dgsa
from estimator import KNOTS, TOLERANCE, Estimator
from labels import load_restoration
from restoration import MirrorMean
from spectral import dct_matrix
from train_dgsa import load_ema

OPSET = 17
SMALLER = {onnx.TensorProto.FLOAT: (np.float16, '_f16'), onnx.TensorProto.INT64: (np.uint8, '_u8')}
GUIDES = 4
LARGE = 500_000  # numbers of a convolution's weight from which on the denoiser's is stored as int8
PACK_FILES = {'restoration': 'restoration.onnx', 'estimator': 'estimator.onnx', 'denoiser': 'denoiser.onnx',
              'denoiserGuided': 'denoiser-guided.onnx', 'denoiserWeights': 'denoiser.weights',
              'dgsa': 'dgsa.onnx', 'dsst': 'dsst.json', 'facePower': 'face-power.json',
              'goldenInput': 'golden-y.bin', 'goldenRestoration': 'golden-restoration.bin', 'golden': 'golden.json'}


def guidance_loss(x0_hat: torch.Tensor, y: torch.Tensor, h: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    """L = sum_i w_i || y_i - k_i (*) x0_hat ||^2; x0_hat [1, 3, S, S], y [n, 3, S, S], h [n, S], w [n]: [1]."""
    c = dct_matrix(x0_hat.shape[-1]).to(x0_hat)
    transfer = (h[:, :, None] * h[:, None, :])[:, None]
    blurred = c.t() @ (transfer * (c @ x0_hat @ c.t())) @ c
    return (w * (y - blurred).pow(2).sum((1, 2, 3))).sum().reshape(1)


def guided_step(denoiser: nn.Module):
    """f(x_t, t, y, h, w) -> (x0_hat, dL/dx_t, L) with the gradient by autograd: what is traced, and the parity reference."""
    def step(x_t, t, y, h, w):
        with torch.enable_grad():
            x = x_t.detach().requires_grad_(True)
            x0_hat = denoiser(x, t)
            loss = guidance_loss(x0_hat, y, h, w)
            grad, = torch.autograd.grad(loss.sum(), x)
        return x0_hat.detach(), grad, loss.detach()
    return step


def decompositions() -> dict:
    """Backward operators written as forward ones that ONNX has."""
    aten = torch.ops.aten

    def convolution_backward(grad, x, weight, bias_sizes, stride, padding, dilation, transposed, output_padding, groups, mask):
        assert not transposed and groups == 1
        size = [x.shape[i + 2] - ((grad.shape[i + 2] - 1) * stride[i] - 2 * padding[i] + dilation[i] * (weight.shape[i + 2] - 1) + 1) for i in (0, 1)]
        return aten.convolution(grad, weight, None, stride, padding, dilation, True, size, 1), None, None

    def native_group_norm(x, weight, bias, n, c, hw, groups, eps):
        grouped = x.reshape(n, groups, -1)
        mean = grouped.mean(-1, keepdim=True)
        rstd = torch.rsqrt((grouped - mean).pow(2).mean(-1, keepdim=True) + eps)
        out = ((grouped - mean) * rstd).reshape(x.shape) * weight.reshape(1, c, 1, 1) + bias.reshape(1, c, 1, 1)
        return out, mean.reshape(n, groups), rstd.reshape(n, groups)

    def native_group_norm_backward(grad, x, mean, rstd, weight, n, c, hw, groups, mask):
        normal = (x.reshape(n, groups, -1) - mean.reshape(n, groups, 1)) * rstd.reshape(n, groups, 1)
        g = (grad * weight.reshape(1, c, 1, 1)).reshape(n, groups, -1)
        out = (g - g.mean(-1, keepdim=True) - normal * (g * normal).mean(-1, keepdim=True)) * rstd.reshape(n, groups, 1)
        return out.reshape(x.shape), None, None

    def silu_backward(grad, x):
        s = torch.sigmoid(x)
        return grad * s * (1 + x * (1 - s))

    def threshold_backward(grad, out, threshold):
        return grad * (out > threshold).to(grad.dtype)

    def softmax_backward(grad, out, dim, dtype):
        return (grad - (grad * out).sum(dim, keepdim=True)) * out

    def pixel_unshuffle(x, factor):
        n, c, h, w = x.shape
        return x.reshape(n, c, h // factor, factor, w // factor, factor).permute(0, 1, 3, 5, 2, 4).reshape(n, c * factor ** 2, h // factor, w // factor)

    def pixel_shuffle(x, factor):
        n, c, h, w = x.shape
        return x.reshape(n, c // factor ** 2, factor, factor, h, w).permute(0, 1, 4, 2, 5, 3).reshape(n, c // factor ** 2, h * factor, w * factor)

    return {
        aten.convolution_backward.default: convolution_backward,
        aten.native_group_norm.default: native_group_norm,
        aten.native_group_norm_backward.default: native_group_norm_backward,
        aten.silu_backward.default: silu_backward,
        aten.threshold_backward.default: threshold_backward,
        aten._softmax_backward_data.default: softmax_backward,
        aten.pixel_unshuffle.default: pixel_unshuffle,
        aten.pixel_shuffle.default: pixel_shuffle,
    }


def register_symbolics() -> None:
    """Operators that `make_fx` emits and PyTorch 1.13's exporter does not know."""
    from torch.onnx import symbolic_opset9 as s9
    from torch.onnx._type_utils import JitScalarType

    def to_copy(g, x, dtype, *_):
        kind = symbolic_helper._get_const(dtype, 'i', 'dtype')
        return x if kind is None else g.op('Cast', x, to_i=JitScalarType(kind).onnx_type())

    register_custom_op_symbolic('aten::_to_copy', to_copy, OPSET)
    register_custom_op_symbolic('aten::_unsafe_view', lambda g, x, shape: s9.reshape(g, x, shape), OPSET)
    register_custom_op_symbolic('aten::_reshape_alias', lambda g, x, shape, stride: s9.reshape(g, x, shape), OPSET)
    register_custom_op_symbolic('aten::_softmax', lambda g, x, dim, half: g.op('Softmax', x, axis_i=symbolic_helper._get_const(dim, 'i', 'dim')), OPSET)


def trace_guided(denoiser: nn.Module, size: int) -> tuple[nn.Module, tuple[torch.Tensor, ...]]:
    """The step as a graph module of forward operators only, and example inputs."""
    dct_matrix(size)  # cached before tracing, so that the graph holds it as a constant
    example = (torch.randn(1, 3, size, size), torch.full((1,), 500.0), torch.randn(GUIDES, 3, size, size),
               torch.rand(GUIDES, size), torch.rand(GUIDES))
    graph = make_fx(guided_step(denoiser), decomposition_table=decompositions())(*example)
    for node in list(graph.graph.nodes):  # detach and alias do nothing here, and the exporter may not know them
        if node.op == 'call_function' and node.target in (torch.ops.aten.detach.default, torch.ops.aten.alias.default):
            node.replace_all_uses_with(node.args[0])
            graph.graph.erase_node(node)
    graph.graph.eliminate_dead_code()
    graph.recompile()
    return graph, example


class SharedWeights:
    """What several graphs keep in one file beside them (ONNX external data): each tensor of `LEAST` bytes or more, once."""

    LEAST = 1024

    def __init__(self, path: Path):
        self.path = path
        self.data = bytearray()
        self.offsets: dict[bytes, int] = {}

    def take_from(self, model: onnx.ModelProto) -> None:
        for tensor in model.graph.initializer:
            raw = numpy_helper.to_array(tensor).tobytes()
            if len(raw) < self.LEAST:
                continue
            if raw not in self.offsets:
                self.offsets[raw] = len(self.data)
                self.data += raw + bytes(-len(raw) % 64)
            tensor.ClearField('raw_data')
            tensor.data_location = onnx.TensorProto.EXTERNAL
            del tensor.external_data[:]
            for key, value in (('location', self.path.name), ('offset', self.offsets[raw]), ('length', len(raw))):
                tensor.external_data.add(key=key, value=str(value))

    def write(self) -> None:
        self.path.write_bytes(self.data)
        print(f'{self.path.name}: {len(self.data) / 1e6:.2f} MB', flush=True)


def export_graph(model: nn.Module, example: tuple, path: Path, inputs: list[str], outputs: list[str],
                 unused: tuple[str, ...] = (), weights: SharedWeights | None = None) -> None:
    buffer = io.BytesIO()
    with torch.no_grad():
        torch.onnx.export(model, example, buffer, input_names=inputs, output_names=outputs, opset_version=OPSET, do_constant_folding=True)
    graph = onnx.load_from_string(buffer.getvalue())
    for name in unused:
        graph.graph.input.append(helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1]))
    store_small(graph)
    onnx.checker.check_model(graph)
    if weights:
        weights.take_from(graph)
    path.write_bytes(graph.SerializeToString())
    print(f'{path.name}: {path.stat().st_size / 1e6:.2f} MB, {len(graph.graph.node)} nodes', flush=True)


def store_small(model: onnx.ModelProto, smallest: int = 64) -> None:
    """Replaces float32 initialisers that float16 holds exactly (see `rounded`) by float16 ones and a Cast each, those
    that int8 with a step for each channel holds by both and a Mul, and whole numbers from 0 to 255 by bytes likewise.

    Constants that are no weights, such as the DCT matrix, do not fit and stay float32, each once: a
    transpose of another is computed from it.
    """
    for node in [node for node in model.graph.node if node.op_type == 'Constant' and np.prod(node.attribute[0].t.dims) >= smallest]:
        initializer = model.graph.initializer.add()
        initializer.CopyFrom(node.attribute[0].t)
        initializer.name = node.output[0]
        model.graph.node.remove(node)
    added, firsts, again = [], {}, {}
    for initializer in list(model.graph.initializer):
        values, kind = numpy_helper.to_array(initializer), initializer.data_type
        small, suffix = SMALLER.get(kind, (None, ''))
        if small is None or values.size < smallest:
            continue
        if kind == onnx.TensorProto.FLOAT and (levels := as_levels(values)):
            name = initializer.name
            initializer.CopyFrom(numpy_helper.from_array(levels[0], name + '_i8'))
            model.graph.initializer.append(numpy_helper.from_array(levels[1], name + '_step'))
            added += [helper.make_node('Cast', [name + '_i8'], [name + '_levels'], to=kind, name=name + '_cast'),
                      helper.make_node('Cast', [name + '_step'], [name + '_steps'], to=kind, name=name + '_cast_step'),
                      helper.make_node('Mul', [name + '_levels', name + '_steps'], [name], name=name + '_scale')]
            continue
        if (values.astype(small) != values).any():
            key = (values.shape, values.tobytes())
            if key not in firsts:
                firsts[key] = name = initializer.name
                if values.ndim == 2:
                    firsts[values.shape[::-1], values.T.tobytes()] = name + '_t'
                    added.append(helper.make_node('Transpose', [name], [name + '_t'], perm=[1, 0], name=name + '_transpose'))
            else:
                again[initializer.name] = firsts[key]
                model.graph.initializer.remove(initializer)
            continue
        name = initializer.name
        initializer.CopyFrom(numpy_helper.from_array(values.astype(small), name + suffix))
        added.append(helper.make_node('Cast', [name + suffix], [name], to=kind, name=name + '_cast'))
    for node in model.graph.node:
        for i, name in enumerate(node.input):
            node.input[i] = again.get(name, name)
    used = {name for node in [*model.graph.node, *added] for name in node.input}
    for i, node in enumerate(node for node in added if node.output[0] in used):
        model.graph.node.insert(i, node)


def nearest_levels(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A convolution's weight [O, I, H, W] as whole numbers (int8) of a step for each channel (float16 [O, 1, 1, 1]), which
    its largest weight sets."""
    steps = (np.abs(values).max((1, 2, 3), keepdims=True) / 127).astype(np.float16)
    return np.round(values / np.maximum(steps.astype(np.float32), 1e-12)).clip(-127, 127).astype(np.int8), steps


def as_levels(values: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """The `nearest_levels` of a large weight that they hold exactly, as `rounded(levels=True)` leaves it; None for any other."""
    if values.ndim != 4 or values.size < LARGE:
        return None
    levels, steps = nearest_levels(values)
    return (levels, steps) if (levels * steps.astype(np.float32) == values).all() else None


def as_stored(tensor: torch.Tensor, levels: bool) -> torch.Tensor:
    """A float32 weight as the pack holds it: float16, or with `levels`, from LARGE numbers on, its `nearest_levels`."""
    if not (levels and tensor.dim() == 4 and tensor.numel() >= LARGE):
        return tensor.half().float()
    whole, steps = nearest_levels(tensor.numpy())
    return torch.from_numpy(whole * steps.astype(np.float32))


def rounded(model: nn.Module, levels: bool = False) -> nn.Module:
    """The same network with its weights `as_stored`: the parity reference."""
    with torch.no_grad():
        for tensor in model.state_dict().values():
            if tensor.dtype == torch.float32:
                tensor.copy_(as_stored(tensor, levels))
    return model


def load_networks(runs: Path) -> dict[str, nn.Module]:
    return {
        'restoration': rounded(load_restoration(runs / 'restoration')),
        'estimator': rounded(load_ema(Estimator(), runs / 'estimator')),
        'denoiser': rounded(load_ema(Denoiser(), runs / 'detail'), levels=True),
        'dgsa': rounded(load_ema(Dgsa(), runs / 'dgsa')),
    }


class RestorationGraph(nn.Module):
    """RM with both its outputs: x and the disagreement, [1, 3, S, S]."""

    def __init__(self, restoration: MirrorMean):
        super().__init__()
        self.restoration = restoration

    def forward(self, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return self.restoration.with_disagreement(y)


class EstimatorGraph(nn.Module):
    """SE with its outputs in a row: std [1], TM(y), grid [1, GRID, GRID], error [1], curve [1, K]."""

    def __init__(self, estimator: nn.Module):
        super().__init__()
        self.estimator = estimator

    def forward(self, y: torch.Tensor, restored: torch.Tensor, disagreement: torch.Tensor) -> tuple[torch.Tensor, ...]:
        estimate, blurred = self.estimator(y, restored, disagreement)
        return estimate.std, blurred, estimate.grid, estimate.error, estimate.curve


def golden_face(size: int) -> torch.Tensor:
    """A synthetic crop [3, S, S] in [0, 1]: an oval with eyes and a mouth, no person's picture."""
    axis = (torch.arange(size) + 0.5) / size
    v, u = torch.meshgrid(axis, axis, indexing='ij')
    def blob(cx: float, cy: float, rx: float, ry: float) -> torch.Tensor:
        return torch.sigmoid((1 - ((u - cx) / rx) ** 2 - ((v - cy) / ry) ** 2) * 6)
    face, dark = blob(0.5, 0.52, 0.3, 0.4), blob(0.37, 0.45, 0.05, 0.03) + blob(0.63, 0.45, 0.05, 0.03) + blob(0.5, 0.72, 0.1, 0.025)
    tint = torch.tensor([0.8, 0.62, 0.52]).view(3, 1, 1)
    back = torch.tensor([0.25, 0.3, 0.38]).view(3, 1, 1) * (0.6 + 0.4 * v)
    return (back * (1 - face) + tint * face * (1 - 0.7 * dark.clamp(0, 1))).clamp(0, 1)


def export_pack(networks: dict[str, nn.Module], pack: Path, size: int) -> dict[str, str]:
    """Writes the graphs and golden files; returns {role: file name}."""
    pack.mkdir(parents=True, exist_ok=True)
    register_symbolics()
    dct_matrix(size)  # cached before tracing, so that the graphs hold it as a constant
    image, t = torch.rand(1, 3, size, size), torch.full((1,), 500.0)
    networks = {name: network.to(memory_format=torch.contiguous_format) for name, network in networks.items()}
    weights = SharedWeights(pack / PACK_FILES['denoiserWeights'])
    export_graph(RestorationGraph(networks['restoration']).eval(), (image,), pack / 'restoration.onnx', ['y'], ['x', 'disagreement'])
    export_graph(EstimatorGraph(networks['estimator']).eval(), (image, image.flip(-1), image / 8), pack / 'estimator.onnx', ['y', 'restored', 'disagreement'], ['std', 'tm', 'grid', 'error', 'curve'])
    export_graph(networks['denoiser'], (image, t), pack / 'denoiser.onnx', ['x_t', 't'], ['x0_hat'], weights=weights)
    export_graph(networks['dgsa'], (image, image, t), pack / 'dgsa.onnx', ['y1', 'x0_hat', 't'], ['a'])
    graph, example = trace_guided(networks['denoiser'], size)
    export_graph(graph, example, pack / 'denoiser-guided.onnx', ['x_t', 't', 'y', 'h', 'w'], ['x0_hat', 'grad', 'loss'],
                 unused=('abar',), weights=weights)  # a pack that predicts epsilon needs it; one contract for both
    weights.write()
    y = golden_face(size).half().float()
    with torch.no_grad():
        restored, disagreement = networks['restoration'].with_disagreement(y[None])
        std = networks['estimator'](y[None], restored, disagreement)[0].std
    (pack / 'golden-y.bin').write_bytes(y.numpy().astype('<f2').tobytes())
    (pack / 'golden-restoration.bin').write_bytes(restored[0].numpy().astype('<f2').tobytes())
    (pack / 'golden.json').write_text(json.dumps({'std': float(std)}) + '\n')
    return PACK_FILES


def write_manifest(pack: Path, settings: Path, files: dict[str, str], provenance: dict) -> None:
    """manifest.json: the hand-kept settings (presets, lambda, tolerances) plus the files' hashes and the runs' figures."""
    manifest = json.loads(settings.read_text())
    manifest['tol']['std'] = TOLERANCE
    manifest['stdKnots'] = list(KNOTS)
    manifest['tol']['dsst'] = json.loads((pack / 'dsst.json').read_text())['tol']
    manifest['provenance'] = provenance
    manifest['files'] = {
        role: {'name': name, 'sha256': hashlib.sha256((pack / name).read_bytes()).hexdigest(), 'bytes': (pack / name).stat().st_size}
        for role, name in files.items()}
    (pack / 'manifest.json').write_text(json.dumps(manifest, indent=2) + '\n')


RUNS = ('restoration', 'sde', 'estimator', 'denoiser', 'detail-1', 'detail-2', 'detail', 'dgsa-1', 'dgsa')


def training_figures(runs: Path, pack: Path) -> dict:
    """Images seen, minutes and the last validation figures of each run; of one whose log is elsewhere (`from_pack.py`),
    those that the pack's manifest has."""
    manifest = pack / 'manifest.json'
    known = json.loads(manifest.read_text())['provenance']['runs'] if manifest.exists() else {}
    figures = {name: known[name] for name in RUNS if name in known}
    for name in RUNS:
        log = runs / name / 'log.jsonl'
        lines = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        if lines:
            last = next((line for line in reversed(lines) if 'loss' not in line), {})
            figures[name] = {'images': lines[-1]['images'], 'minutes': lines[-1]['minutes'],
                             **{k: round(v, 3) for k, v in last.items() if k not in ('step', 'images', 'minutes')}}
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--pack', type=Path, default=Path('resources/models/family-256'))
    parser.add_argument('--runs', type=Path, default=Path('training/runs'))
    parser.add_argument('--settings', type=Path, default=Path(__file__).with_name('family-256.json'))
    parser.add_argument('--restorer', type=Path, help='write only an RM, as this file')
    parser.add_argument('--restoration', type=Path, default=Path('training/runs/restoration'), help="the run of --restorer's RM")
    parser.add_argument('--manifest-only', action='store_true', help='keep the graphs, write manifest.json again')
    a = parser.parse_args()
    if a.restorer:
        export_graph(rounded(load_restoration(a.restoration)), (torch.rand(1, 3, 256, 256),), a.restorer, ['y'], ['x'])
        return
    files = PACK_FILES if a.manifest_only else export_pack(load_networks(a.runs), a.pack, 256)
    provenance = {'machine': 'two CPU cores, no GPU', 'torch': torch.__version__, 'runs': training_figures(a.runs, a.pack)}
    if a.manifest_only:
        provenance = json.loads((a.pack / 'manifest.json').read_text())['provenance']
    write_manifest(a.pack, a.settings, files, provenance)


if __name__ == '__main__':
    main()
