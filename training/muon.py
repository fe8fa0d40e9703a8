"""Muon (Jordan et al. 2024): momentum, orthogonalised by Newton-Schulz, for weights that are matrices; AdamW for the rest."""
from __future__ import annotations

import torch

from precision import fast_dtype


def orthogonalise(g: torch.Tensor, steps: int = 5) -> torch.Tensor:
    """The nearest semi-orthogonal matrix to g [m, n], about: singular values in 0.7-1.2, by a quintic Newton-Schulz iteration."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = g.to(fast_dtype(g.device.type)) / (g.norm() + 1e-7)
    tall = x.shape[0] > x.shape[1]
    if tall:
        x = x.t()
    for _ in range(steps):
        s = x @ x.t()
        x = a * x + (b * s + c * s @ s) @ x
    return (x.t() if tall else x).to(g.dtype)


class Muon(torch.optim.Optimizer):
    """Groups with `matrix=True` take the orthogonalised Nesterov momentum, scaled to AdamW's size of update
    (0.2 sqrt(max(m, n)), Liu et al. 2025); others AdamW. One learning rate serves both."""

    def __init__(self, parameters: list[torch.nn.Parameter], lr: float, momentum: float = 0.95,
                 betas: tuple[float, float] = (0.9, 0.99), weight_decay: float = 0.0):
        matrices = [p for p in parameters if p.ndim >= 2 and min(p.shape[0], p[0].numel()) >= 16]
        ids = {id(p) for p in matrices}
        rest = [p for p in parameters if id(p) not in ids]
        super().__init__([{'params': matrices, 'matrix': True}, {'params': rest, 'matrix': False}],
                         dict(lr=lr, momentum=momentum, betas=betas, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self, closure=None) -> None:
        for group in self.param_groups:
            for p in group['params']:
                if p.grad is None:
                    continue
                p.mul_(1 - group['lr'] * group['weight_decay'])
                (self._matrix if group['matrix'] else self._adam)(p, self.state[p], group)

    def _matrix(self, p: torch.Tensor, state: dict, group: dict) -> None:
        m = state.setdefault('momentum', torch.zeros_like(p))
        m.lerp_(p.grad, 1 - group['momentum'])
        g = p.grad.lerp(m, group['momentum']).reshape(len(p), -1)
        p.add_(orthogonalise(g).view_as(p), alpha=-group['lr'] * 0.2 * max(g.shape) ** 0.5)

    def _adam(self, p: torch.Tensor, state: dict, group: dict) -> None:
        state['step'] = state.get('step', 0) + 1
        b1, b2 = group['betas']
        m, v = state.setdefault('exp_avg', torch.zeros_like(p)), state.setdefault('exp_avg_sq', torch.zeros_like(p))
        m.lerp_(p.grad, 1 - b1)
        v.mul_(b2).addcmul_(p.grad, p.grad, value=1 - b2)
        scale = group['lr'] / (1 - b1 ** state['step'])
        p.addcdiv_(m, (v / (1 - b2 ** state['step'])).sqrt_().add_(1e-8), value=-scale)
