"""The training loop that every network shares: bf16 autocast, EMA, cosine schedule, checkpoints, progress line."""
from __future__ import annotations

import argparse
import copy
import json
import math
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Callable

import torch
import torch.distributed as distributed
import torch.nn as nn

from memory import keep_memory
from muon import Muon
from precision import layout

OPTIMISERS = {'adamw': torch.optim.AdamW, 'muon': Muon}


@dataclass
class LoopConfig:
    """Options of one run; saved beside its checkpoint as `config.json`."""
    run: Path                    # folder of the checkpoint and the log
    minutes: float = 60.0        # wall-clock budget of the whole run, over all resumes
    batch: int = 16              # pictures a step
    lr: float = 4e-4             # peak learning rate of AdamW
    warmup: int = 200            # steps of linear warm-up
    weight_decay: float = 0.0
    clip: float = 1.0            # largest gradient norm
    ema: float = 0.999           # decay of the weights' moving average
    save_every: float = 120.0    # seconds between checkpoints
    evaluate_every: float = 300.0  # seconds between validations
    device: str = 'cpu'
    threads: int = 1
    stop_after: float = math.inf  # minutes after which this call stops, to be resumed later
    seed: int = 0
    optimiser: str = 'adamw'     # or 'muon'
    begin_with: Path | None = None  # a run whose EMA weights a fresh run begins with
    compile: bool = False        # torch.compile, for an accelerator


def add_loop_arguments(parser: argparse.ArgumentParser, *, minutes: float, batch: int, lr: float, run: Path | None = None, ema: float = 0.999) -> None:
    """The arguments of every training script; without a default `run` it must be named. `loop_config` reads them."""
    parser.add_argument('--cache', type=Path, default=Path('training/.cache'), help='prepared pictures')
    parser.add_argument('--run', type=Path, default=run, required=run is None, help='folder of the checkpoint and the log')
    parser.add_argument('--minutes', type=float, default=minutes, help='wall-clock budget over all resumes')
    parser.add_argument('--stop-after', type=float, default=math.inf, help='minutes after which this call stops')
    parser.add_argument('--batch', type=int, default=batch, help='pictures a step')
    parser.add_argument('--lr', type=float, default=lr, help='peak learning rate')
    parser.add_argument('--ema', type=float, default=ema, help="decay of the weights' average: 1 / (1 - decay) steps, of a fifth of the run at most")
    parser.add_argument('--device', default='cpu')
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--optimiser', choices=OPTIMISERS, default='adamw')
    parser.add_argument('--compile', action='store_true', help='torch.compile the network (PyTorch 2, an accelerator)')
    parser.add_argument('--begin-with', type=Path, help='a run whose EMA weights a fresh run begins with')


def loop_config(a: argparse.Namespace, **fixed: float) -> LoopConfig:
    """From the arguments of `add_loop_arguments` and what a script fixes for its network. Each of several processes gets
    its own `a.seed`, for its data."""
    a.seed += 1009 * int(os.environ.get('RANK', 0))
    return LoopConfig(run=a.run, minutes=a.minutes, batch=a.batch, lr=a.lr, device=a.device, threads=a.threads,
                      stop_after=a.stop_after, seed=a.seed, optimiser=a.optimiser, begin_with=a.begin_with,
                      compile=a.compile, ema=a.ema, **fixed)


def images_seen(run: Path) -> int:
    """Pictures that a run has trained on so far: a resumed run's data goes on with other ones."""
    checkpoint = run / 'checkpoint.pt'
    return int(torch.load(checkpoint, map_location='cpu')['images']) if checkpoint.exists() else 0


def learning_rate(config: LoopConfig, step: int, progress: float) -> float:
    """Linear warm-up, then half a cosine over the share of the time budget that is used."""
    return config.lr * min(1.0, (step + 1) / config.warmup) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, progress))))


@torch.no_grad()
def update_ema(ema: nn.Module, model: nn.Module, decay: float, step: int) -> None:
    decay = min(decay, (1 + step) / (10 + step))
    for target, source in zip(ema.parameters(), model.parameters()):
        target.lerp_(source, 1 - decay)
    for target, source in zip(ema.buffers(), model.buffers()):
        target.copy_(source)


def save_atomically(state: dict, path: Path) -> None:
    temporary = path.with_suffix('.tmp')
    torch.save(state, temporary)
    os.replace(temporary, path)


def begin_with(model: nn.Module, weights: dict[str, torch.Tensor]) -> None:
    """Loads what `model` has of a smaller network's weights; where it is wider, they fill the first channels of a layer,
    whose further inputs begin at zero and further outputs as they were initialised. Raises ValueError for a weight that
    does not fit."""
    state = model.state_dict()
    for name, value in weights.items():
        if name not in state or state[name].ndim != value.ndim or any(n < m for n, m in zip(state[name].shape, value.shape)):
            raise ValueError(f'{name} {list(value.shape)} does not fit into {type(model).__name__}')
        target = state[name]
        if target.ndim > 1:
            target[:value.shape[0]] = 0
        target[tuple(slice(n) for n in value.shape)] = value
    model.load_state_dict(state)


class Processes:
    """The processes started together with RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT set (CPU, gloo), or this one alone. Each draws
    its own batches; the gradients' mean keeps their weights alike, and the first one counts the time, saves and prints."""

    def __init__(self):
        self.rank, self.count = (int(os.environ.get(name, default)) for name, default in (('RANK', 0), ('WORLD_SIZE', 1)))
        if self.count > 1 and not distributed.is_initialized():
            distributed.init_process_group('gloo')

    def align(self, model: nn.Module) -> None:
        """Gives every process the first one's weights."""
        for tensor in model.state_dict().values() if self.count > 1 else ():
            distributed.broadcast(tensor, 0)

    def average(self, parameters: list[nn.Parameter], seconds: float) -> float:
        """Replaces every gradient by the processes' mean; returns the first process's `seconds`."""
        if self.count == 1:
            return seconds
        gradients = [p.grad for p in parameters if p.grad is not None]
        flat = torch.cat([*(g.flatten() for g in gradients), torch.tensor([0.0 if self.rank else seconds * self.count])]) / self.count
        distributed.all_reduce(flat)
        for gradient, mean in zip(gradients, flat.split([g.numel() for g in gradients] + [1])):
            gradient.copy_(mean.view_as(gradient))
        return float(flat[-1])


def train(model: nn.Module, config: LoopConfig, batch_of: Callable[[int], tuple[torch.Tensor, ...]],
          loss_of: Callable[..., torch.Tensor], validate: Callable[[nn.Module], dict[str, float]] | None = None) -> nn.Module:
    """Minimises `loss_of(model, *batch_of(batch size))` until the budget is spent; returns the EMA model.

    Resumes from `run/checkpoint.pt` when it exists. Every number printed also goes to `run/log.jsonl`; `data_share` is
    the part of the time that making the batches took.
    """
    processes = Processes()
    config.run.mkdir(parents=True, exist_ok=True)
    (config.run / 'config.json').write_text(json.dumps(asdict(config), default=str, indent=2))
    torch.manual_seed(config.seed)
    torch.set_num_threads(config.threads)
    keep_memory()
    checkpoint = config.run / 'checkpoint.pt'
    if config.begin_with and not checkpoint.exists():
        begin_with(model, torch.load(config.begin_with / 'checkpoint.pt', map_location='cpu')['ema'])
    model = model.to(config.device).to(memory_format=layout(config.device))
    processes.align(model)
    ema = copy.deepcopy(model).eval().requires_grad_(False)
    trainable = [p for p in model.parameters() if p.requires_grad]
    optimiser = OPTIMISERS[config.optimiser](trainable, lr=config.lr, betas=(0.9, 0.99), weight_decay=config.weight_decay)
    step, images, spent = 0, 0, 0.0
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=config.device)
        model.load_state_dict(state['model'])
        ema.load_state_dict(state['ema'])
        optimiser.load_state_dict(state['optimiser'])
        step, images, spent = state['step'], state['images'], state['seconds']
        print(f'resumed {checkpoint} at step {step}, {images} images, {spent / 60:.1f} minutes', flush=True)

    if config.device != 'cpu':
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    network = torch.compile(model) if config.compile else model

    def now_on_device() -> float:
        if config.device != 'cpu':
            torch.cuda.synchronize()
        return time.time()

    def log(**values) -> None:
        if processes.rank:
            return
        line = {'step': step, 'images': images, 'minutes': round(spent / 60, 2), **values}
        print(' '.join(f'{k} {v:.5g}' if isinstance(v, float) else f'{k} {v}' for k, v in line.items()), flush=True)
        with open(config.run / 'log.jsonl', 'a') as file:
            file.write(json.dumps(line) + '\n')

    def save() -> None:
        if processes.rank:
            return
        save_atomically({'model': model.state_dict(), 'ema': ema.state_dict(), 'optimiser': optimiser.state_dict(),
                         'step': step, 'images': images, 'seconds': spent}, checkpoint)

    begun = last = saved = evaluated = printed = time.time()
    since_images, since_loss, since_steps, since_data = 0, 0.0, 0, 0.0
    agreed = spent
    while agreed < config.minutes * 60:
        for group in optimiser.param_groups:
            group['lr'] = learning_rate(config, step, agreed / 60 / config.minutes)
        model.train()
        before = now_on_device()
        batch = batch_of(config.batch)
        since_data += now_on_device() - before
        loss = loss_of(network, *batch)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        agreed = processes.average(trainable, math.inf if time.time() - begun >= config.stop_after * 60 else spent)
        norm = nn.utils.clip_grad_norm_(trainable, config.clip)
        if torch.isfinite(norm):
            optimiser.step()
            update_ema(ema, model, config.ema, step)
        step, images = step + 1, images + config.batch * processes.count
        since_images, since_loss, since_steps = since_images + config.batch * processes.count, since_loss + float(loss), since_steps + 1
        now = time.time()
        spent, last = spent + now - last, now
        if now - printed > 20:
            log(loss=since_loss / since_steps, images_per_second=since_images / (now - printed), data_share=since_data / (now - printed),
                gradient_norm=float(norm))
            printed, since_images, since_loss, since_steps, since_data = now, 0, 0.0, 0, 0.0
        if now - saved > config.save_every:
            save()
            saved = now
        if validate and not processes.rank and now - evaluated > config.evaluate_every:
            with torch.no_grad():
                log(**validate(ema))
            evaluated = last = printed = time.time()
    save()
    if validate and not processes.rank:
        with torch.no_grad():
            log(**validate(ema))
    return ema


def psnr(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Per picture, [B], for values in [0, 1]."""
    return -10 * torch.log10((a.clamp(0, 1) - b).pow(2).flatten(1).mean(1).clamp_min(1e-10))
