"""RM: restoration networks, y [B, 3, S, S] in [0, 1] to an estimate of x in about [0, 1] (eq. 8/17).

`RestorationUNet` is a plain convolutional U-Net with most of its cost at S / 8 and coarser; `AlignedUNet` knows in addition
where in an aligned face it is and what inverse filters make of y; `NafNet` is the U-Net of NAFNet blocks; `SwinIR` is the paper's choice in a size of the same cost (Liang et al. 2021).
"""
from __future__ import annotations

import torch
import torch.nn as nn
import torch.nn.functional as F

from blocks import ChannelNorm, Down, LayerNorm, ResBlock, Up, zero_init
from spectral import dct_matrix, transfer_1d


class RestorationUNet(nn.Module):
    """Space-to-depth 4 at the entrance; grids S/4, S/8, S/16, S/32; the output is added to y."""

    def __init__(self, channels: tuple[int, int, int, int] = (48, 96, 192, 256), blocks: tuple[int, int, int, int] = (0, 2, 2, 2),
                 block: type[nn.Module] = ResBlock):
        super().__init__()
        c0, c1, c2, c3 = channels
        stack = lambda c, n: nn.Sequential(*[block(c) for _ in range(n)])
        self.enter = nn.Conv2d(48, c0, 3, padding=1)
        self.encode0, self.down0 = stack(c0, blocks[0]), Down(c0, c1)
        self.encode1, self.down1 = stack(c1, blocks[1]), Down(c1, c2)
        self.encode2, self.down2 = stack(c2, blocks[2]), Down(c2, c3)
        self.middle = stack(c3, blocks[3])
        self.up2, self.decode2 = Up(c3, c2), stack(c2, blocks[2])
        self.up1, self.decode1 = Up(c2, c1), stack(c1, blocks[1])
        self.up0, self.decode0 = Up(c1, c0), stack(c0, blocks[0])
        self.leave = nn.Conv2d(c0, 48, 3, padding=1)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def entrance(self, y: torch.Tensor) -> torch.Tensor:
        """y [B, 3, S, S] in [0, 1] as features [B, channels[0], S/4, S/4]."""
        return self.enter(F.pixel_unshuffle(y - 0.5, 4))

    def stage(self, name: str, x: torch.Tensor) -> torch.Tensor:
        return getattr(self, name)(x)

    def forward(self, y: torch.Tensor) -> torch.Tensor:
        x0 = self.stage('encode0', self.entrance(y))
        x1 = self.stage('encode1', self.down0(x0))
        x2 = self.stage('encode2', self.down1(x1))
        x3 = self.stage('middle', self.down2(x2))
        u2 = self.stage('decode2', self.up2(x3) + x2)
        u1 = self.stage('decode1', self.up1(u2) + x1)
        u0 = self.stage('decode0', self.up0(u1) + x0)
        return self.exit(y, u0)

    def exit(self, y: torch.Tensor, u0: torch.Tensor) -> torch.Tensor:
        """y restored by the features u0 [B, channels[0], S/4, S/4]."""
        return y + F.pixel_shuffle(self.leave(F.relu(u0)), 4).to(y.dtype)


class WienerBank(nn.Module):
    """y [B, 3, S, S] at S / 2 through fixed Wiener filters of Gaussian blurs, less y itself: [B, 3 n, S / 2, S / 2].

    Filter of blur std (pixels at S / 2) and noise power N: `H P / (H^2 P + N) - 1` in the DCT-II basis (orthonormal, [0, 1]),
    with the mean power of faces `P = 500 / (k + 1)^2.5`, k the radial index. An inverse filter is as wide as the blur,
    which a stack of 3 x 3 convolutions learns slowly; choosing among a few of them is easy.
    """

    def __init__(self, size: int, stds: tuple[float, ...] = (1.0, 2.0, 3.0), noise: float = 0.01):
        super().__init__()
        half = size // 2
        k = torch.arange(half, dtype=torch.float32)
        power = 500 * ((k[:, None] ** 2 + k ** 2).sqrt() + 1) ** -2.5
        filters = [h * power / (h ** 2 * power + noise) - 1
                   for std in stds for h in [torch.outer(*[transfer_1d(std, half)] * 2)]]
        self.register_buffer('filters', torch.stack(filters).half().float(), persistent=False)  # small in a float16 pack
        self.register_buffer('dct', dct_matrix(half), persistent=False)

    @property
    def channels(self) -> int:
        return 3 * len(self.filters)

    def forward(self, y: torch.Tensor) -> torch.Tensor:
        with torch.autocast(y.device.type, enabled=False):
            spectrum = self.dct @ F.avg_pool2d(y.float(), 2) @ self.dct.t()
            return (self.dct.t() @ (spectrum[:, None] * self.filters[:, None]) @ self.dct).flatten(1, 2)


class TokenMixer(nn.Module):
    """x plus a two-layer perceptron over the positions, the same for every channel (Tolstikhin et al. 2021); one fixed grid."""

    def __init__(self, channels: int, grid: int):
        super().__init__()
        self.norm = ChannelNorm(channels)
        self.mix, self.leave = nn.Linear(grid ** 2, grid ** 2), zero_init(nn.Linear(grid ** 2, grid ** 2))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.leave(F.relu(self.mix(self.norm(x).flatten(2)))).reshape(x.shape)


class FineStage(nn.Module):
    """A picture [B, 3, S, S] in about [0, 1] with what is finer than the grid S/4 restored: residual blocks on the grid
    S/2 see it, y, and the U-Net's features [B, features, S/4, S/4].

    Space-to-depth 4 and 64 channels keep most of a sharp picture's noise: without this stage RM left the grain on
    pictures whose details are still there (docs/models.md).
    """

    def __init__(self, features: int, channels: int = 48, blocks: int = 3):
        super().__init__()
        self.enter, self.up = nn.Conv2d(24, channels, 3, padding=1), Up(features, channels)
        self.blocks = nn.Sequential(*[ResBlock(channels) for _ in range(blocks)])
        self.leave = zero_init(nn.Conv2d(channels, 12, 3, padding=1))

    def forward(self, restored: torch.Tensor, y: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
        x = self.enter(F.pixel_unshuffle(torch.cat([restored, y], 1) - 0.5, 2)) + self.up(F.relu(features))
        return restored + F.pixel_shuffle(self.leave(F.relu(self.blocks(x))), 2).to(restored.dtype)


class AlignedUNet(RestorationUNet):
    """The U-Net for faces that are aligned and blurred: what a place means is learned, and inverse filters are given.

    Stages on the grids S/16 and S/32 end by mixing positions. One block on the grid S/4, wider than the patches'
    48 values, and the fine stage behind it are there for pictures with more noise than blur, which a plain
    `RestorationUNet` hardly improves.
    """

    def __init__(self, channels: tuple[int, int, int, int] = (64, 128, 192, 256), blocks: tuple[int, int, int, int] = (1, 4, 2, 2), size: int = 256):
        super().__init__(channels, blocks)
        self.bank = WienerBank(size)
        self.enter_bank = zero_init(nn.Conv2d(4 * self.bank.channels, channels[0], 1))
        grids = [size // 4 // 2 ** i for i in range(4)]
        self.places = nn.ParameterDict({name: nn.Parameter(torch.zeros(1, channels[i], grids[i], grids[i]))
                                        for i, name in enumerate(('encode0', 'encode1', 'encode2', 'middle'))})
        self.mixers = nn.ModuleDict({name: TokenMixer(channels[i], grids[i]) for name, i in (('encode2', 2), ('middle', 3), ('decode2', 2))})
        self.fine = FineStage(channels[0])

    def entrance(self, y: torch.Tensor) -> torch.Tensor:
        return super().entrance(y) + self.enter_bank(F.pixel_unshuffle(self.bank(y), 2))

    def exit(self, y: torch.Tensor, u0: torch.Tensor) -> torch.Tensor:
        return self.fine(super().exit(y, u0), y, u0)

    def stage(self, name: str, x: torch.Tensor) -> torch.Tensor:
        if name in self.places:
            x = x + self.places[name]
        x = super().stage(name, x)
        return self.mixers[name](x) if name in self.mixers else x


class NafBlock(nn.Module):
    """NAFNet's block (Chen et al. 2022): gated depthwise convolution with channel attention, then a gated pointwise pair."""

    def __init__(self, channels: int):
        super().__init__()
        self.norm1, self.norm2 = ChannelNorm(channels), ChannelNorm(channels)
        self.gate, self.depthwise = nn.Conv2d(channels, 2 * channels, 1), nn.Conv2d(2 * channels, 2 * channels, 3, padding=1, groups=2 * channels)
        self.attend, self.leave = nn.Conv2d(channels, channels, 1), zero_init(nn.Conv2d(channels, channels, 1))
        self.widen, self.narrow = nn.Conv2d(channels, 2 * channels, 1), zero_init(nn.Conv2d(channels, channels, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        a, b = self.depthwise(self.gate(self.norm1(x))).chunk(2, 1)
        gated = a * b
        x = x + self.leave(gated * self.attend(gated.mean((2, 3), keepdim=True)))
        a, b = self.widen(self.norm2(x)).chunk(2, 1)
        return x + self.narrow(a * b)


class NafNet(RestorationUNet):
    """The same U-Net of NAFNet blocks."""

    def __init__(self, channels: tuple[int, int, int, int] = (48, 96, 192, 320), blocks: tuple[int, int, int, int] = (1, 3, 6, 6)):
        super().__init__(channels, blocks, NafBlock)


class WindowAttention(nn.Module):
    """Multi-head attention inside 8 x 8 windows with a learned relative position bias; tokens [N, 64, C]."""

    def __init__(self, channels: int, heads: int, window: int = 8):
        super().__init__()
        self.heads, self.window = heads, window
        self.qkv, self.proj = nn.Linear(channels, 3 * channels), nn.Linear(channels, channels)
        self.bias = nn.Parameter(torch.zeros((2 * window - 1) ** 2, heads))
        y, x = torch.meshgrid(torch.arange(window), torch.arange(window), indexing='ij')
        p = torch.stack([y.flatten(), x.flatten()])
        r = p[:, :, None] - p[:, None, :] + window - 1
        self.register_buffer('index', r[0] * (2 * window - 1) + r[1], persistent=False)

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        n, tokens, c = x.shape
        q, k, v = self.qkv(x).reshape(n, tokens, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        scores = (q @ k.transpose(-1, -2)).float() * (c // self.heads) ** -0.5
        scores = scores + self.bias[self.index.reshape(-1)].reshape(tokens, tokens, self.heads).permute(2, 0, 1)
        if mask is not None:
            windows = mask.shape[0]
            scores = (scores.reshape(n // windows, windows, self.heads, tokens, tokens) + mask[None, :, None]).reshape(n, self.heads, tokens, tokens)
        out = scores.softmax(-1).to(v.dtype) @ v
        return self.proj(out.transpose(1, 2).reshape(n, tokens, c))


class SwinLayer(nn.Module):
    """One Swin transformer layer on a square grid, windows shifted by `shift`."""

    def __init__(self, channels: int, heads: int, grid: int, shift: int, window: int = 8):
        super().__init__()
        self.window, self.shift = window, shift
        self.norm1, self.norm2 = LayerNorm(channels), LayerNorm(channels)
        self.attention = WindowAttention(channels, heads, window)
        self.mlp = nn.Sequential(nn.Linear(channels, 2 * channels), nn.GELU(), nn.Linear(2 * channels, channels))
        self.register_buffer('mask', self._mask(grid) if shift else None, persistent=False)

    def _mask(self, grid: int) -> torch.Tensor:
        label = torch.zeros(1, grid, grid, 1)
        cuts = [slice(0, -self.window), slice(-self.window, -self.shift), slice(-self.shift, None)]
        for i, rows in enumerate(cuts):
            for j, columns in enumerate(cuts):
                label[:, rows, columns] = 3 * i + j
        windows = self._split(label).squeeze(-1)
        return (windows[:, None, :] != windows[:, :, None]).float() * -100

    def _split(self, x: torch.Tensor) -> torch.Tensor:
        b, h, w, c = x.shape
        k = self.window
        return x.reshape(b, h // k, k, w // k, k, c).permute(0, 1, 3, 2, 4, 5).reshape(-1, k * k, c)

    def _join(self, windows: torch.Tensor, b: int, h: int, w: int) -> torch.Tensor:
        k = self.window
        return windows.reshape(b, h // k, w // k, k, k, -1).permute(0, 1, 3, 2, 4, 5).reshape(b, h, w, -1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        b, h, w, _ = x.shape
        shifted = torch.roll(x, (-self.shift, -self.shift), (1, 2)) if self.shift else x
        windows = self.attention(self._split(self.norm1(shifted)), self.mask)
        out = self._join(windows, b, h, w)
        x = x + (torch.roll(out, (self.shift, self.shift), (1, 2)) if self.shift else out)
        return x + self.mlp(self.norm2(x))


class SwinIR(nn.Module):
    """SwinIR on a space-to-depth 8 grid: shallow convolution, residual Swin groups, convolution, added to y."""

    def __init__(self, channels: int = 120, groups: int = 2, depth: int = 3, heads: int = 6, size: int = 256, residual: bool = True):
        super().__init__()
        grid = size // 8
        self.residual = residual
        self.enter = nn.Conv2d(192, channels, 3, padding=1)
        self.groups = nn.ModuleList(
            nn.Sequential(*[SwinLayer(channels, heads, grid, 0 if i % 2 == 0 else 4) for i in range(depth)]) for _ in range(groups))
        self.convs = nn.ModuleList(nn.Conv2d(channels, channels, 3, padding=1) for _ in range(groups))
        self.leave = nn.Conv2d(channels, 192, 3, padding=1)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(self, y: torch.Tensor) -> torch.Tensor:
        x = entrance = self.enter(F.pixel_unshuffle(y - 0.5, 8))
        for group, conv in zip(self.groups, self.convs):
            x = x + conv(group(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2))
        out = F.pixel_shuffle(self.leave(x + entrance), 8).to(y.dtype)
        return y + out if self.residual else out


class MirrorMean(nn.Module):
    """Mean of the restorations of y and of its mirror image (self-ensemble, Timofte et al. 2016), and half of what one
    says more than the other: where they disagree, RM is likely to be wrong."""

    def __init__(self, network: nn.Module, size: int = 256):
        super().__init__()
        self.network = network
        self.register_buffer('mirror', torch.arange(size - 1, -1, -1), persistent=False)

    def forward(self, y: torch.Tensor) -> torch.Tensor:
        return self.with_disagreement(y)[0]

    def with_disagreement(self, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """RM(y) and the disagreement, whose mirror image is that of y's mirror image with the other sign; both [B, 3, S, S]."""
        count = y.shape[0]
        both = self.network(torch.cat([y, y.index_select(3, self.mirror)]))
        one, other = both[:count], both[count:].index_select(3, self.mirror)
        return (one + other) / 2, (one - other) / 2


ARCHITECTURES = {'unet': RestorationUNet, 'aligned': AlignedUNet, 'nafnet': NafNet, 'swinir': SwinIR}
