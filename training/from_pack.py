"""A run's averaged weights out of a pack, so that training goes on on a machine that never saw the run.

    /usr/bin/python3 training/from_pack.py resources/models/family-256/restoration.onnx training/runs/last-pack

writes `RUN/checkpoint.pt` with `ema` alone, for `--begin-with`. Large convolutions of the denoiser lie in a pack as whole
numbers and a step for each channel (`_i8`, `_step`). The exporter keeps the names of all weights but two kinds. Linear
layers' are stored transposed under a number: their names come from the bias that is added to the product. Group norms'
(only the denoiser has them) are stored as [C, 1, 1] under numbers, equal ones once; they are used in the order of the
modules.
"""
from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from blocks import GroupNorm
from denoiser import Denoiser
from loop import save_atomically

SUFFIX = '_f16'
WRAPPERS = ('estimator.', 'restoration.', 'network.')  # modules that `export.py` puts around a run's, outermost first


def norm_names(count: int) -> list[str]:
    """The first `count` weights and biases of the denoiser's group norms, in the order in which it runs."""
    norms = [name for name, module in Denoiser().named_modules() if isinstance(module, GroupNorm)]
    return [f'{name}.{part}' for name in norms for part in ('weight', 'bias')][:count]


def weights_of(graph: Path) -> dict[str, torch.Tensor]:
    """{name: float32 weight}. Raises ValueError for a weight that cannot be named."""
    model = onnx.load(str(graph)).graph
    producers = {name: node for node in model.node for name in node.output}
    source = lambda name: producers[name].input[0] if name in producers and producers[name].op_type == 'Cast' else name
    names = {}
    for add in (node for node in model.node if node.op_type == 'Add'):
        for bias, product in (add.input, reversed(add.input)):
            if product in producers and producers[product].op_type == 'MatMul' and source(bias).removesuffix(SUFFIX).endswith('.bias'):
                names[source(producers[product].input[1])] = source(bias).removesuffix(SUFFIX)[:-len('bias')] + 'weight'
    used = [source(name) for node in model.node if node.op_type in ('Mul', 'Add') for name in node.input if re.match(r'onnx::(Mul|Add)_\d+', source(name))]
    folded = list(zip(used, norm_names(len(used))))
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.initializer}
    weights = {}
    for tensor in model.initializer:
        stem = tensor.name.removesuffix(SUFFIX).removesuffix('_i8')
        if tensor.name.endswith('_step'):
            continue
        value = torch.from_numpy(arrays[tensor.name].copy())
        if tensor.name.endswith('_i8'):
            value = torch.from_numpy(arrays[tensor.name] * arrays[stem + '_step'].astype(np.float32))
        if not value.is_floating_point() or tensor.name.startswith('/') or ('::' in tensor.name and value.dtype == torch.float32):  # constants: the DCT matrix, filters
            continue
        if norms := [name for stored, name in folded if stored == tensor.name]:
            weights |= {name: value.flatten().float() for name in norms}
            continue
        name = names.get(tensor.name, stem)
        for wrapper in WRAPPERS:
            name = name.removeprefix(wrapper)
        if '::' in name:
            raise ValueError(f'{graph}: weight {name} {list(value.shape)} has no name of its own')
        weights[name] = (value.t() if tensor.name in names else value).float().contiguous()
    return weights


if __name__ == '__main__':
    graph, run = Path(sys.argv[1]), Path(sys.argv[2])
    found = weights_of(graph)
    run.mkdir(parents=True, exist_ok=True)
    save_atomically({'ema': found, 'images': 0}, run / 'checkpoint.pt')
    print(f'{graph}: {len(found)} weights, {sum(w.numel() for w in found.values()) / 1e6:.2f} million numbers')
