"""Writes tests/fixtures/tiny-pack: a pack of size 32 whose networks are formulas, for tests without trained models.

    /usr/bin/python3 training/make_tiny_pack.py

Needs numpy and onnx (Debian: python3-onnx), no PyTorch. The same formulas stand in tests/fixtures/tiny-pack.ts:
- restoration: mean of the 3 x 3 neighbourhood, edge-clamped;
- estimator: std = 1 + 8 mean(y), grid the same of each square of 8 x 8, tm = restoration(y);
- denoiser: x0_hat = c x_t with c = 1 - t / 2000;
- denoiser-guided: L = sum_i w_i || y_i - k_i (*) x0_hat ||^2 and grad = 2 c sum_i w_i k_i (*) (k_i (*) x0_hat - y_i);
- dgsa: a = clip(0.4 + 0.25 (y_1 - x0_hat) + t / 10000, 0, 1);
- face power: in each ring four times that of RM's picture, so that crispness 1 doubles what is finer, a half of which guides.
"""
from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIZE, GUIDES, GRID = 32, 4, 8
OUT = Path(__file__).resolve().parent.parent / "tests/fixtures/tiny-pack"
PICTURE = [1, 3, SIZE, SIZE]


def save(name: str, nodes: list, inputs: dict, outputs: dict, constants: dict) -> None:
    """Writes a float32 graph; inputs and outputs are names with shapes."""
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info(k, TensorProto.FLOAT, v) for k, v in inputs.items()],
        [helper.make_tensor_value_info(k, TensorProto.FLOAT, v) for k, v in outputs.items()],
        [numpy_helper.from_array(np.asarray(v), k) for k, v in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, str(OUT / f"{name}.onnx"))


def node(op: str, inputs: list[str], output: str, **attributes) -> onnx.NodeProto:
    return helper.make_node(op, inputs, [output], **attributes)


def float32(value) -> np.ndarray:
    return np.asarray(value, np.float32)


def mean_nodes(output: str) -> list:
    return [
        node("Pad", ["y", "pads"], "padded", mode="edge"),
        node("Conv", ["padded", "mean_kernel"], output, group=3),
    ]


MEAN_CONSTANTS = {
    "pads": np.array([0, 0, 1, 1, 0, 0, 1, 1], np.int64),
    "mean_kernel": np.full((3, 1, 3, 3), 1 / 9, np.float32),
}


def save_restoration() -> None:
    save("restoration", mean_nodes("x"), {"y": PICTURE}, {"x": PICTURE}, MEAN_CONSTANTS)


def save_estimator() -> None:
    nodes = [
        *mean_nodes("tm"),
        node("ReduceMean", ["y"], "mean", keepdims=0),
        node("Reshape", ["mean", "one"], "mean1"),
        node("Mul", ["mean1", "gain"], "scaled"),
        node("Add", ["scaled", "offset"], "std"),
        node("AveragePool", ["y"], "squares", kernel_shape=[SIZE // GRID] * 2, strides=[SIZE // GRID] * 2),
        node("ReduceMean", ["squares"], "grey", axes=[1], keepdims=0),
        node("Mul", ["grey", "gain"], "scaled_squares"),
        node("Add", ["scaled_squares", "offset"], "grid"),
    ]
    constants = {**MEAN_CONSTANTS, "one": np.array([1], np.int64), "gain": float32([8]), "offset": float32([1])}
    save("estimator", nodes, {"y": PICTURE}, {"std": [1], "tm": PICTURE, "grid": [1, GRID, GRID]}, constants)


DENOISER_NODES = [
    node("Mul", ["t", "slope"], "fall"),
    node("Sub", ["unit", "fall"], "c"),
    node("Mul", ["x_t", "c"], "x0_hat"),
]
DENOISER_CONSTANTS = {"slope": float32([1 / 2000]), "unit": float32([1])}


def save_denoiser() -> None:
    save("denoiser", DENOISER_NODES, {"x_t": PICTURE, "t": [1]}, {"x0_hat": PICTURE}, DENOISER_CONSTANTS)


def dct_matrix() -> np.ndarray:
    n = np.arange(SIZE)
    matrix = np.cos(math.pi * (n[None, :] + 0.5) * n[:, None] / SIZE) * math.sqrt(2 / SIZE)
    matrix[0] /= math.sqrt(2)
    return float32(matrix)


def transform(source: str, left: str, right: str, output: str) -> list:
    return [node("MatMul", [left, source], f"{output}_half"), node("MatMul", [f"{output}_half", right], output)]


def save_guided() -> None:
    nodes = [
        *DENOISER_NODES,
        node("Reshape", ["h", "rows"], "h_rows"),
        node("Reshape", ["h", "columns"], "h_columns"),
        node("Mul", ["h_rows", "h_columns"], "H"),
        node("Reshape", ["w", "weights"], "w4"),
        *transform("x0_hat", "C", "Ct", "X"),
        *transform("y", "C", "Ct", "Y"),
        node("Mul", ["X", "H"], "HX"),
        node("Sub", ["HX", "Y"], "R"),
        node("Mul", ["R", "R"], "R2"),
        node("Mul", ["R2", "w4"], "wR2"),
        node("ReduceSum", ["wR2"], "sum", keepdims=0),
        node("Reshape", ["sum", "one"], "loss"),
        node("Mul", ["R", "H"], "HR"),
        node("Mul", ["HR", "w4"], "wHR"),
        node("ReduceSum", ["wHR", "axis0"], "G", keepdims=1),
        *transform("G", "Ct", "C", "g"),
        node("Mul", ["g", "c"], "cg"),
        node("Mul", ["cg", "two"], "grad"),
    ]
    constants = {
        **DENOISER_CONSTANTS,
        "C": dct_matrix(),
        "Ct": dct_matrix().T.copy(),
        "rows": np.array([GUIDES, 1, SIZE, 1], np.int64),
        "columns": np.array([GUIDES, 1, 1, SIZE], np.int64),
        "weights": np.array([GUIDES, 1, 1, 1], np.int64),
        "one": np.array([1], np.int64),
        "axis0": np.array([0], np.int64),
        "two": float32([2]),
    }
    inputs = {"x_t": PICTURE, "t": [1], "abar": [1], "y": [GUIDES, 3, SIZE, SIZE], "h": [GUIDES, SIZE], "w": [GUIDES]}
    save("denoiser-guided", nodes, inputs, {"x0_hat": PICTURE, "grad": PICTURE, "loss": [1]}, constants)


def save_dgsa() -> None:
    kernel = float32(np.concatenate([0.25 * np.eye(3), -0.25 * np.eye(3)], axis=1))[:, :, None, None]
    nodes = [
        node("Concat", ["y1", "x0_hat"], "both", axis=1),
        node("Conv", ["both", "kernel", "bias"], "features"),
        node("Mul", ["t", "slope"], "embedding"),
        node("Add", ["features", "embedding"], "sum"),
        node("Clip", ["sum", "low", "high"], "a"),
    ]
    constants = {"kernel": kernel, "bias": float32([0.4] * 3), "slope": float32([1e-4]), "low": float32(0), "high": float32(1)}
    save("dgsa", nodes, {"y1": PICTURE, "x0_hat": PICTURE, "t": [1]}, {"a": PICTURE}, constants)


def save_dsst() -> None:
    """The method's table (eq. 11/23) for a power spectrum that falls with the square of the frequency."""
    frequency = np.arange(SIZE) * math.pi / SIZE
    power = 40 / (1 + 60 * frequency**2)
    alpha_bar = np.cumprod(1 - np.linspace(1e-4, 0.02, 1000))[:, None]
    sharp = alpha_bar * power + 1 - alpha_bar
    stds, tol = [round(0.1 * i, 1) for i in range(1, 151)], 0.02
    table = []
    for std in stds:
        blurred = alpha_bar * power * np.exp(-((std * SIZE / 512) ** 2) * frequency**2) + 1 - alpha_bar
        close = np.max(np.log(sharp) - np.log(blurred), axis=1) <= tol
        table.append(int(np.argmax(close)) + 1)
    (OUT / "dsst.json").write_text(
        json.dumps({"std": stds, "t": table, "tol": tol, "resolution": SIZE, "power": [round(float(p), 5) for p in power]})
    )


def save_face_power() -> None:
    edges = [1, 2, 4, 8, 16, 24]
    rings = len(edges) - 1
    weights = [[round(math.log(4), 6), *row] for row in np.eye(rings, dtype=int).tolist()]
    (OUT / "face-power.json").write_text(json.dumps({"edges": edges, "weights": weights, "resolution": SIZE, "guides": 0.5, "raisedFrom": 4}))


def save_golden() -> None:
    grid = np.arange(SIZE) / (SIZE - 1)
    planes = [0.5 + 0.3 * np.sin(6 * grid[:, None] + k) * np.cos(5 * grid[None, :] - k) for k in range(3)]
    y = float32(planes)
    padded = np.pad(y, ((0, 0), (1, 1), (1, 1)), mode="edge")
    restored = sum(padded[:, i : i + SIZE, j : j + SIZE] for i in range(3) for j in range(3)) / 9
    y.astype("<f4").tofile(OUT / "golden-y.bin")
    restored.astype("<f2").tofile(OUT / "golden-restoration.bin")
    golden = {"input": "golden-y.bin", "restoration": "golden-restoration.bin", "std": round(1 + 8 * float(y.mean()), 6)}
    (OUT / "golden.json").write_text(json.dumps(golden))


FILES = {
    "restoration": "restoration.onnx",
    "estimator": "estimator.onnx",
    "denoiser": "denoiser.onnx",
    "denoiserGuided": "denoiser-guided.onnx",
    "dgsa": "dgsa.onnx",
    "dsst": "dsst.json",
    "facePower": "face-power.json",
    "golden": "golden.json",
    "goldenInput": "golden-y.bin",
    "goldenRestoration": "golden-restoration.bin",
}
SPEEDS = {
    "draft": {"sampler": "spectral", "solver": "dpmpp-2m", "steps": 4},
    "normal": {"sampler": "spectral", "solver": "dpmpp-2m", "steps": 6},
    "exact": {"sampler": "exact"},
}
PRESETS = [
    {"id": "faithful", "name": "Faithful", "description": "Keeps most of the photo.", "guides": 3, "dgsa": False, "guidanceScale": 1, "rho": 0.01, "speeds": SPEEDS},
    {"id": "balanced", "name": "Balanced", "description": "Between the two.", "guides": 3, "dgsa": True, "guidanceScale": 1, "rho": 0.1, "speeds": SPEEDS},
    {"id": "detailed", "name": "Detailed", "description": "Most detail.", "guides": 1, "dgsa": True, "guidanceScale": 1, "rho": 1, "speeds": SPEEDS},
]


def save_manifest() -> None:
    files = {}
    for key, name in FILES.items():
        data = (OUT / name).read_bytes()
        files[key] = {"name": name, "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    manifest = {
        "formatVersion": 1,
        "id": "tiny-32",
        "name": "Tiny",
        "version": "1",
        "resolution": SIZE,
        "schedule": {"kind": "linear", "betaStart": 1e-4, "betaEnd": 0.02, "steps": 1000},
        "prediction": "x0",
        "stdAxis": {"min": 0.1, "max": 15, "step": 0.1, "unit": "pixels at 512"},
        "tol": {"std": 0.002, "dsst": 0.02},
        "spectral": {"lambda": 1, "timestepSpacing": "uniform-t"},
        "exact": {"scale": 0.5, "normalise": "residual-norm"},
        "refinement": {"step": 0.1},
        "presets": PRESETS,
        "files": files,
        "licence": "MIT",
        "provenance": "Formulas, nothing trained: training/make_tiny_pack.py",
    }
    (OUT / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    for save_file in (save_restoration, save_estimator, save_denoiser, save_guided, save_dgsa, save_dsst, save_face_power, save_golden):
        save_file()
    save_manifest()
    print(f"{OUT}: {sum(file.stat().st_size for file in OUT.iterdir())} bytes")


if __name__ == "__main__":
    main()
