"""Writes tests/fixtures/restorers: networks that a person might want as RM, good and bad, as formulas.

    /usr/bin/python3 training/make_tiny_restorers.py

Needs numpy and onnx (Debian: python3-onnx), no PyTorch.
"""
from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OUT = Path(__file__).resolve().parent.parent / 'tests/fixtures/restorers'


def save(name: str, nodes: list, inputs: dict[str, list], outputs: dict[str, list], **constants: float) -> None:
    value = lambda k, shape: helper.make_tensor_value_info(k, TensorProto.FLOAT, shape)
    graph = helper.make_graph(nodes, name, [value(*i) for i in inputs.items()], [value(*o) for o in outputs.items()],
                              [numpy_helper.from_array(np.float32(v), k) for k, v in constants.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, str(OUT / f'{name}.onnx'))


def node(op: str, inputs: list[str], *outputs: str, **attributes) -> onnx.NodeProto:
    return helper.make_node(op, inputs, list(outputs), **attributes)


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    picture = lambda size: [1, 3, size, size]
    # An S-curve about 0, so at home in [-1, 1]; its first output is no picture, as GFP-GAN's exports may have.
    save('symmetric-64', [node('ReduceMean', ['input'], 'mean', axes=[1, 2, 3], keepdims=0), node('Mul', ['input', 'two'], 'twice'),
                          node('Tanh', ['twice'], 'output')],
         {'input': picture(64)}, {'mean': [1], 'output': picture(64)}, two=2)
    # Sizes left open, values clipped to [0, 1].
    save('open-size', [node('AveragePool', ['x'], 'mean', kernel_shape=[3, 3], pads=[1, 1, 1, 1]), node('Clip', ['mean', 'zero', 'one'], 'y')],
         {'x': ['batch', 3, 'height', 'width']}, {'y': ['batch', 3, 'height', 'width']}, zero=0, one=1)
    save('two-inputs', [node('Mul', ['x', 'w'], 'y')], {'x': picture(64), 'w': [1]}, {'y': picture(64)})
    # No restorer: the mean absolute difference of two pictures, as LPIPS networks have their ports.
    save('distance', [node('Sub', ['a', 'b'], 'difference'), node('Abs', ['difference'], 'absolute'),
                      node('ReduceMean', ['absolute'], 'distance', keepdims=0)],
         {'a': [1, 3, 'height', 'width'], 'b': [1, 3, 'height', 'width']}, {'distance': []})
    save('monochrome', [node('Identity', ['x'], 'y')], {'x': [1, 1, 64, 64]}, {'y': [1, 1, 64, 64]})
    save('size-48', [node('Identity', ['x'], 'y')], {'x': picture(48)}, {'y': picture(48)})
    save('enlarges', [node('Concat', ['x', 'x'], 'y', axis=2)], {'x': picture(64)}, {'y': [1, 3, 128, 64]})
    save('black', [node('Mul', ['x', 'zero'], 'y')], {'x': picture(64)}, {'y': picture(64)}, zero=0)
    save('not-a-number', [node('Sub', ['x', 'x'], 'nothing'), node('Div', ['nothing', 'nothing'], 'y')], {'x': picture(64)}, {'y': picture(64)})


if __name__ == '__main__':
    main()
