"""Which numbers a device computes networks in."""
from __future__ import annotations

import re
from pathlib import Path

import torch


def cpu_has_bf16() -> bool:
    """Whether this CPU multiplies bf16 (AVX-512 BF16 or AMX). On others PyTorch emulates it, many times slower than float32."""
    flags = Path('/proc/cpuinfo')
    return flags.exists() and re.search(r'\b(avx512_bf16|amx_bf16)\b', flags.read_text()) is not None


BF16_ON_CPU = cpu_has_bf16()


def fast_dtype(device: str) -> torch.dtype:
    """bfloat16 where `device` ('cpu', 'cuda', 'cuda:0') multiplies it, else float32."""
    return torch.bfloat16 if device.startswith('cuda') or BF16_ON_CPU else torch.float32


def autocast(device: str) -> torch.autocast:
    """Automatic mixed precision with `fast_dtype`: none on a CPU without bf16."""
    return torch.autocast('cuda' if device.startswith('cuda') else 'cpu', torch.bfloat16, enabled=fast_dtype(device) == torch.bfloat16)


def layout(device: str) -> torch.memory_format:
    """The layout of pictures and weights that convolutions are fastest in: in float32 on a CPU it is NCHW."""
    return torch.channels_last if fast_dtype(device) == torch.bfloat16 else torch.contiguous_format
