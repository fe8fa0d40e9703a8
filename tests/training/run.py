"""Unit tests of training/ and a smoke test that trains, resumes and exports every network for a few seconds.

    /usr/bin/python3 tests/training/run.py

Needs PyTorch, NumPy, Pillow and onnx from Debian (python3-torch python3-numpy python3-pil python3-onnx). Makes its
own pictures; neither the network nor `../shared` is used. Closes with `N passed, N failed`.
"""
from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
import tempfile
import unittest
from pathlib import Path

import numpy as np
import onnx
import torch
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'training'))

import compare_samplers  # noqa: E402
import degrade  # noqa: E402
import denoiser_gain  # noqa: E402
import dsst  # noqa: E402
import faces  # noqa: E402
import labels  # noqa: E402
import losses  # noqa: E402
import pieces  # noqa: E402
import sampler  # noqa: E402
import schedule  # noqa: E402
import subgroups  # noqa: E402
import train_dgsa  # noqa: E402
from denoiser import DETAIL_TO, Denoiser, SpectralGain  # noqa: E402
from dgsa import Dgsa  # noqa: E402
from estimator import GRID, KNOTS, Estimator, crossing  # noqa: E402
from export import LARGE, as_levels, as_stored, golden_face, guided_step, rounded, trace_guided  # noqa: E402
from from_pack import weights_of  # noqa: E402
from jpeg import jpeg  # noqa: E402
from face_power import LARGEST_GAIN, equalise_face, equalise_guide, log_powers  # noqa: E402
from least_blur import needed_blur  # noqa: E402
from loop import begin_with, psnr  # noqa: E402
from muon import Muon, orthogonalise  # noqa: E402
from restoration import AlignedUNet, MirrorMean, NafNet, RestorationUNet, SwinIR, WienerBank  # noqa: E402
from schedule import alpha_bars  # noqa: E402
from spectral import dct2, gaussian_blur, idct2, rings, transfer_1d  # noqa: E402
from train_detail import Adversary  # noqa: E402
from train_estimator import rank_correlation  # noqa: E402

torch.set_num_threads(2)


def picture(seed: int, size: int) -> torch.Tensor:
    """The golden face with seeded colour and noise, [3, S, S] in [0, 1]."""
    r = np.random.default_rng(seed)
    gain = torch.from_numpy(r.uniform(0.6, 1.2, (3, 1, 1))).float()
    return (golden_face(size) * gain + torch.from_numpy(r.normal(0, 0.02, (3, size, size))).float()).clamp(0, 1)


def write_shards(folder: Path) -> None:
    for shard, size, count in [('train-256-00', 256, 6), ('train-128-00', 128, 4), ('val-hq-00', 256, 3), ('val-lq-00', 256, 3)]:
        with tarfile.open(folder / f'{shard}.tar', 'w') as tar:
            for i in range(count):
                x = picture(i, size)
                if shard.startswith('val-lq'):
                    x = gaussian_blur(x[None], 3.0)[0].clamp(0, 1)
                buffer = io.BytesIO()
                Image.fromarray((x * 255).byte().permute(1, 2, 0).numpy()).save(buffer, 'PNG')
                info = tarfile.TarInfo(f'made-{i:03d}.png')
                info.size = buffer.tell()
                buffer.seek(0)
                tar.addfile(info, buffer)
    (folder / 'val.csv').write_text('file,scale_512\n' + ''.join(f'made-{i:03d}.png,{4 + 8 * i}\n' for i in range(3)))


class Spectral(unittest.TestCase):
    def test_dct_is_orthonormal(self) -> None:
        x = torch.randn(2, 3, 64, 64)
        torch.testing.assert_close(idct2(dct2(x)), x, atol=1e-5, rtol=0)
        self.assertAlmostEqual(float(dct2(x).pow(2).sum() / x.pow(2).sum()), 1, places=5)

    def test_blur_of_a_cosine_is_its_transfer(self) -> None:
        size, u, std = 64, 5, 2.0
        wave = torch.cos(torch.pi * (torch.arange(size) + 0.5) * u / size).expand(1, 1, size, size)
        expected = float(np.exp(-0.5 * (std * np.pi * u / size) ** 2))
        torch.testing.assert_close(gaussian_blur(wave, std), wave * expected, atol=1e-5, rtol=0)

    def test_blurs_add_in_quadrature(self) -> None:
        x = torch.rand(1, 3, 32, 32)
        torch.testing.assert_close(gaussian_blur(gaussian_blur(x, 1.2), 1.6), gaussian_blur(x, 2.0), atol=1e-5, rtol=0)


class Degradation(unittest.TestCase):
    def test_mild_parameters_change_little_and_strong_ones_much(self) -> None:
        x = picture(0, 256).expand(2, -1, -1, -1)
        y = degrade.degrade(x, [degrade.Degradation(0.1, 0.1, 0, 2.0, 0, 100), degrade.Degradation(15, 15, 0, 32.0, 20, 30)])
        mild, strong = psnr(y, x).tolist()
        self.assertGreater(mild, 30)
        self.assertLess(strong, 25)
        self.assertEqual(y.shape, x.shape)

    def test_a_picture_is_degraded_alike_alone_and_in_a_batch(self) -> None:
        x = torch.stack([picture(i, 64) for i in range(3)])
        ds = [degrade.Degradation(4, 2, 0.3, scale, 0, 80) for scale in (3.0, 9.0, 3.0)]
        alone = torch.cat([degrade.degrade(x[i:i + 1], ds[i:i + 1]) for i in range(3)])
        torch.testing.assert_close(degrade.degrade(x, ds), alone, atol=1e-4, rtol=0)

    def test_family_changes_every_picture_and_stays_in_range(self) -> None:
        x = torch.stack([picture(i, 64) for i in range(24)])
        torch.manual_seed(0)
        target, y = degrade.degraded_pair(x.clone(), np.random.default_rng(0), 'family')
        self.assertTrue(0 <= float(y.min()) <= float(y.max()) <= 1 and 0 <= float(target.min()) <= float(target.max()) <= 1)
        self.assertTrue(bool(((y - target).abs().mean((1, 2, 3)) > 1e-3).all()))
        retoned = (target - x).abs().mean((1, 2, 3)) > 1e-3
        self.assertTrue(4 <= int(retoned.sum()) <= 22, 'a share of the tones changes, not all')

    def test_a_lightened_degradation_leaves_the_details(self) -> None:
        random = np.random.default_rng(0)
        for _ in range(50):
            d = degrade.random_degradation(random)
            before = (d.sigma, d.sigma2)
            degrade.lighten(d, random)
            self.assertTrue(0.8 <= d.scale <= degrade.LIGHT_SCALE)
            self.assertTrue(all(0.1 <= now <= then for now, then in zip((d.sigma, d.sigma2), before)))
        x = torch.stack([picture(i, 64) for i in range(24)])
        heavy, light = (psnr(*degrade.degraded_pair(x, np.random.default_rng(1), light=share)).mean() for share in (0.0, 1.0))
        self.assertGreater(float(light - heavy), 3)

    def test_halftone_has_its_pitch_and_scratches_are_thin(self) -> None:
        flat = torch.full((4, 3, 64, 64), 0.5)
        spectrum = torch.fft.rfft2(degrade.halftone(flat, np.random.default_rng(0))[:, 0] - 0.5).abs()
        radius = (torch.fft.fftfreq(64)[:, None] ** 2 + torch.fft.rfftfreq(64)[None, :] ** 2).sqrt()
        for s in spectrum:
            self.assertTrue(1 / 6.5 < float(radius.flatten()[s.argmax()]) < 1 / 2.8)
        touched = torch.stack([degrade.scratched(flat.clone(), np.random.default_rng(i))[:, 0] != 0.5 for i in range(8)]).float()
        self.assertTrue(0 < float(touched.mean()) < 0.15)

    def test_motion_is_a_line_and_defocus_a_disk(self) -> None:
        line = degrade.blur_kernel(degrade.Degradation(10, 10, 0, 1, 0, 90, kernel='motion'), 512)
        disk = degrade.blur_kernel(degrade.Degradation(10, 10, 0, 1, 0, 90, kernel='defocus'), 512)
        self.assertAlmostEqual(float(line[len(line) // 2].sum()), 1, places=4)
        self.assertAlmostEqual(float((disk > 0).float().sum()), np.pi * 10.5 ** 2, delta=25)
        for kernel in (line, disk):
            self.assertAlmostEqual(float(kernel.sum()), 1, places=4)

    def test_jpeg_on_tensors_is_libjpegs(self) -> None:
        x = torch.nn.functional.interpolate(torch.stack([picture(i, 64) for i in range(3)]), size=(75, 75), mode='bicubic').clamp(0, 1)
        for quality in (30, 75, 95):
            ours, theirs = jpeg(x, torch.full((3,), quality)), torch.stack([degrade.pillow_jpeg(p, quality) for p in x])
            self.assertGreater(float(psnr(ours, theirs).min()), 6 + float(psnr(x, theirs).max()), f'quality {quality}')

    def test_anisotropic_kernel_has_its_two_sigmas(self) -> None:
        kernel = degrade.blur_kernel(degrade.Degradation(3.0, 1.0, 0.0, 1, 0, 90), 512)
        axis = (torch.arange(len(kernel)) - len(kernel) // 2).float()
        self.assertAlmostEqual(float((kernel.sum(0) * axis ** 2).sum().sqrt()), 3.0, places=2)
        self.assertAlmostEqual(float((kernel.sum(1) * axis ** 2).sum().sqrt()), 1.0, places=2)

    def test_the_widest_blur_is_not_cut(self) -> None:
        for size in (64, 256, 512):
            kernel = degrade.blur_kernel(degrade.Degradation(15, 15, 0, 1, 0, 90), size)
            axis = (torch.arange(len(kernel)) - len(kernel) // 2).float()
            spread = float((kernel.sum(0) * axis ** 2).sum().sqrt())
            self.assertAlmostEqual(spread / (15 * size / 512), 1, delta=0.04)
        flat = torch.full((2, 3, 64, 64), 0.3)
        torch.testing.assert_close(degrade.blur(flat, torch.stack([degrade.blur_kernel(degrade.Degradation(15, 2, 1, 1, 0, 90), 64)] * 2)), flat)

    def test_area_is_the_mean_of_each_share_of_the_pixels(self) -> None:
        x = torch.rand(2, 3, 64, 64)
        torch.testing.assert_close(degrade.shrink(x, 16, 'area'), torch.nn.functional.avg_pool2d(x, 4))
        weights = degrade.area_weights(7, 3)
        torch.testing.assert_close(weights[0], torch.tensor([3, 3, 1, 0, 0, 0, 0]) / 7)
        torch.testing.assert_close(weights.sum(1), torch.ones(3))

    def test_ranges_of_the_paper(self) -> None:
        r = np.random.default_rng(1)
        drawn = [degrade.random_degradation(r) for _ in range(500)]
        self.assertTrue(all(0.1 <= d.sigma <= 15 and 0.8 <= d.scale <= 32 and 0 <= d.noise <= 20 and 30 <= d.jpeg <= 100 for d in drawn))
        self.assertTrue(0.4 < np.mean([d.sigma == d.sigma2 for d in drawn]) < 0.6)


class Labels(unittest.TestCase):
    def test_error_curve_equals_the_blurred_difference(self) -> None:
        a, b = picture(1, 64)[None], picture(2, 64)[None]
        errors = labels.blurred_errors(a, b)
        for k in (0, 40, 149):
            direct = (gaussian_blur(a, (k + 1) * 0.1 / 8) - gaussian_blur(b, (k + 1) * 0.1 / 8)).pow(2).mean()
            self.assertAlmostEqual(float(errors[0, k]), float(direct), places=6)

    def test_smallest_std(self) -> None:
        errors = torch.linspace(1, 0, 150)[None]
        self.assertAlmostEqual(float(labels.smallest_std(errors, 0.5)), 7.6, places=4)
        self.assertAlmostEqual(float(labels.smallest_std(errors + 1, 0.5)), 15.0, places=4)


    def test_regional_error_is_the_blurred_difference_where_it_lies(self) -> None:
        x = picture(1, 64)[None]
        restored = x.clone()
        restored[..., :16, :16] += 0.1
        errors = labels.regional_errors(restored, x)
        self.assertEqual(errors.shape, (1, len(KNOTS), GRID, GRID))
        for k, std in ((0, 0.1), (12, 6.0)):  # whole and half the size
            blurred = (gaussian_blur(restored, std / 8) - gaussian_blur(x, std / 8)).pow(2).mean(1)
            torch.testing.assert_close(errors[:, k, 4, 4], blurred[:, 28:44, 28:44].mean((1, 2)), atol=2e-5, rtol=0.05)
            torch.testing.assert_close(errors[:, k, 0, 0], blurred[:, :12, :12].mean((1, 2)), atol=2e-5, rtol=0.05)
        std = crossing(labels.log_errors(errors), 2e-3)
        self.assertAlmostEqual(float(std[0, 7, 7]), 0.1, places=4)
        self.assertGreater(float(std[0, 0, 0]), 5)

    def test_a_curve_meets_the_tolerance_between_its_knots(self) -> None:
        curve = torch.linspace(-2, -4, len(KNOTS)).view(1, -1, 1, 1).expand(1, -1, GRID, GRID)
        at = float(10 ** curve[0, 10:12, 0, 0].mean())
        torch.testing.assert_close(crossing(curve, at), torch.full((1, GRID, GRID), (KNOTS[10] + KNOTS[11]) / 2), atol=1e-3, rtol=0)
        self.assertAlmostEqual(float(crossing(curve[..., 0, 0], 0.02)), KNOTS[0], places=5)
        self.assertAlmostEqual(float(crossing(curve[..., 0, 0], 1e-5)), KNOTS[-1], places=4)

    def test_errors_at_the_knots_are_those_of_the_axis(self) -> None:
        errors = 0.01 / labels.std_axis()[None]
        torch.testing.assert_close(10 ** labels.at_knots(errors), 0.01 / torch.tensor([KNOTS]), rtol=1e-4, atol=0)

    def test_rank_correlation_of_equal_values(self) -> None:
        self.assertAlmostEqual(rank_correlation(torch.tensor([1.0, 1, 1, 2]), torch.tensor([5.0, 5, 5, 9])), 1, places=5)
        self.assertAlmostEqual(rank_correlation(torch.tensor([1.0, 2, 3]), torch.tensor([9.0, 5, 1])), -1, places=5)
        # (1.5, 1.5, 3) against (1, 2, 3): 0.866, whatever the order of the equal ones.
        for b in ([1.0, 2, 3], [2.0, 1, 3]):
            self.assertAlmostEqual(rank_correlation(torch.tensor([4.0, 4, 7]), torch.tensor(b)), 3 ** 0.5 / 2, places=5)


class Tables(unittest.TestCase):
    def test_dsst_rises_with_the_blur_and_falls_with_the_tolerance(self) -> None:
        power = 4000 / (1 + torch.arange(256).float()) ** 2
        stds = torch.tensor([0.5, 2.0, 7.5])
        low, high = (dsst.starting_steps(power, stds, tol) for tol in (0.01, 0.05))
        self.assertEqual(low, sorted(low))
        self.assertTrue(all(a > b for a, b in zip(low, high)))

    def test_schedule(self) -> None:
        abar = alpha_bars()
        self.assertEqual(len(abar), 1001)
        self.assertAlmostEqual(float(abar[1]), 1 - 1e-4, places=9)
        self.assertLess(float(abar[1000]), 1e-4)


class Losses(unittest.TestCase):
    def test_swt_bands_of_an_edge(self) -> None:
        x = torch.zeros(1, 1, 8, 8)
        x[..., 4:] = 1
        bands = losses.swt_haar(x)
        self.assertEqual(float(bands['HH'].abs().sum()), 0)
        self.assertEqual(float(bands['LH'].abs().sum()), 0)
        self.assertGreater(float(bands['HL'].abs().sum()), 0)
        torch.testing.assert_close(bands['LL'] + bands['HL'], x, atol=1e-6, rtol=0)

    def test_dists_is_zero_for_the_same_and_grows(self) -> None:
        a = torch.rand(2, 4, 16, 16)
        self.assertAlmostEqual(float(losses.dists([a], [a])), 0, places=5)
        small, large = (float(losses.dists([a], [a + s * torch.randn_like(a)])) for s in (0.05, 0.5))
        self.assertTrue(0 < small < large)


class Networks(unittest.TestCase):
    def test_shapes_and_budget(self) -> None:
        y, t = torch.rand(1, 3, 256, 256), torch.tensor([500])
        with torch.no_grad():
            networks = {'rm': RestorationUNet(), 'se': Estimator(), 'denoiser': Denoiser(), 'dgsa': Dgsa()}
            for network in networks.values():
                network.eval()
            self.assertEqual(networks['rm'](y).shape, y.shape)
            self.assertEqual(SwinIR()(y).shape, y.shape)
            self.assertEqual(NafNet()(y).shape, y.shape)
            self.assertEqual(AlignedUNet()(y).shape, y.shape)
            (std, grid, error, *curves), tm = networks['se'](y, y, torch.zeros_like(y))
            self.assertEqual((std.shape, grid.shape, error.shape, tm.shape), ((1,), (1, GRID, GRID), (1,), y.shape))
            self.assertGreater(float(error), 0)
            self.assertEqual(networks['denoiser'](y, t).shape, y.shape)
            a = networks['dgsa'](y, y, t)
            self.assertTrue(a.shape == y.shape and 0 <= float(a.min()) <= float(a.max()) <= 1)
        stored = lambda p: 1 if p.dim() == 4 and p.numel() >= LARGE else 2
        in_denoiser = sum(stored(p) * p.numel() for p in networks.pop('denoiser').parameters())
        others = sum(2 * p.numel() for n in networks.values() for p in n.parameters())
        self.assertLess(in_denoiser + others, 42e6, 'the pack must stay well under 48 MB')

    def test_a_large_weight_is_levels_of_a_step_and_the_rest_is_float16(self) -> None:
        torch.manual_seed(0)
        layers = torch.nn.Sequential(torch.nn.Conv2d(256, 256, 3), torch.nn.Conv2d(8, 8, 3))
        before = [layer.weight.detach().clone() for layer in layers]
        large, small = (layer.weight.detach() for layer in rounded(layers, levels=True))
        levels, steps = as_levels(large.numpy())
        self.assertEqual((levels.dtype, steps.dtype, int(np.abs(levels).max())), (np.int8, np.float16, 127))
        self.assertTrue((levels.astype(np.float32) * steps.astype(np.float32) == large.numpy()).all())
        self.assertLess(float((large - before[0]).abs().max()), float(before[0].abs().max()) / 250)
        self.assertIsNone(as_levels(before[0].numpy()))
        self.assertTrue(torch.equal(small, before[1].half().float()))

    def test_untrained_rm_is_the_identity(self) -> None:
        y = torch.rand(1, 3, 256, 256)
        with torch.no_grad():
            torch.testing.assert_close(RestorationUNet()(y), y)
            torch.testing.assert_close(AlignedUNet()(y), y)

    def test_a_wider_network_begins_as_the_one_it_was_begun_with(self) -> None:
        y = torch.rand(1, 3, 256, 256)
        small, wide = RestorationUNet().eval(), AlignedUNet().eval()
        torch.nn.init.normal_(small.leave.weight, std=0.02)
        torch.nn.init.normal_(small.middle[0].conv2.weight, std=0.02)
        begin_with(wide, small.state_dict())
        with torch.no_grad():
            torch.testing.assert_close(wide(y), small(y), atol=1e-5, rtol=1e-4)
        with self.assertRaisesRegex(ValueError, r'enter.weight \[64, 48, 3, 3\] does not fit into RestorationUNet'):
            begin_with(small, wide.state_dict())

    def test_rm_disagrees_with_its_mirror_image_where_it_is_not_symmetric(self) -> None:
        y = torch.rand(2, 3, 32, 32)
        one_sided = torch.nn.Conv2d(3, 3, (1, 3), padding=(0, 1))
        with torch.no_grad():
            for network, symmetric in ((torch.nn.Identity(), True), (one_sided, False)):
                mean = MirrorMean(network, 32)
                restored, disagreement = mean.with_disagreement(y)
                turned, other_way = mean.with_disagreement(y.flip(-1))
                torch.testing.assert_close(restored, mean(y))
                torch.testing.assert_close(restored + disagreement, network(y))
                torch.testing.assert_close(turned.flip(-1), restored)
                torch.testing.assert_close(other_way.flip(-1), -disagreement)
                self.assertEqual(float(disagreement.abs().max()) < 1e-6, symmetric)

    def test_an_estimator_of_an_older_pack_goes_on_without_the_disagreement_until_it_learns_it(self) -> None:
        y, restored, disagreement = (torch.rand(1, 3, 256, 256) for _ in range(3))
        begun = Estimator().eval()
        older = {name: value[:, :144] if name == 'sde.features.0.weight' else value for name, value in begun.state_dict().items()}
        wide = Estimator().eval()
        begin_with(wide, older)
        with torch.no_grad():
            torch.testing.assert_close(wide(y, restored, disagreement)[0].curve, wide(y, restored, torch.zeros_like(y))[0].curve)

    def test_the_wiener_bank_sharpens_a_blurred_face(self) -> None:
        x = picture(3, 128)[None]
        y = gaussian_blur(x, 4.0)  # std 2 at half the size
        half = lambda z: torch.nn.functional.avg_pool2d(z, 2)
        bank = WienerBank(128)
        restored = half(y)[:, None] + bank(y).unflatten(1, (-1, 3))
        errors = (restored - half(x)[:, None]).pow(2).mean((2, 3, 4))[0]
        self.assertEqual(int(errors.argmin()), 1)
        self.assertLess(float(errors[1]), 0.7 * float((half(y) - half(x)).pow(2).mean()))

    def test_traced_gradient_equals_autograd(self) -> None:
        torch.manual_seed(0)
        denoiser = Denoiser((16, 16, 64), (1, 1, 1), (1, 1, 1), 32, size=32, detail=(16, 1)).eval().requires_grad_(False)
        for p in denoiser.parameters():
            if p.dim() > 1:
                torch.nn.init.normal_(p, std=0.05)
        graph, example = trace_guided(denoiser, 32)
        for traced, reference in zip(graph(*example), guided_step(denoiser)(*example)):
            torch.testing.assert_close(traced, reference, rtol=1e-4, atol=1e-4 * float(reference.abs().max()))


class Gain(unittest.TestCase):
    def test_an_unmeasured_gain_changes_nothing_and_a_ring_is_scaled_alone(self) -> None:
        size, gain, t = 64, SpectralGain(64), torch.tensor([300])
        x = picture(0, size)[None]
        torch.testing.assert_close(gain(x, t), x, atol=1e-5, rtol=0)
        wave = lambda u: torch.cos(torch.pi * (torch.arange(size) + 0.5) * u / size).expand(1, 3, size, size)
        ring = int(rings(size)[0, 20])
        gain.table[300, ring] = 0.25
        torch.testing.assert_close(gain(wave(20) + wave(2), t), 0.25 * wave(20) + wave(2), atol=1e-5, rtol=0)
        torch.testing.assert_close(gain(wave(20), torch.tensor([301])), wave(20), atol=1e-5, rtol=0)

    def test_the_gain_of_a_noisy_estimate_is_its_share_of_the_face(self) -> None:
        size, t = 64, 400
        x = torch.stack([picture(i, size) for i in range(32)]) * 2 - 1
        abar = alpha_bars()[t].float()
        both, estimate, truth = denoiser_gain.measure(lambda x_t, steps: x_t / abar.sqrt(), x, t, torch.Generator().manual_seed(0))
        counts = torch.bincount(rings(size).flatten()).float() * 3 * len(x)
        expected = truth / (truth + counts * (1 - abar) / abar)
        torch.testing.assert_close((both / estimate)[:4], expected[:4], atol=0.05, rtol=0)
        self.assertLess(float((both / estimate)[20:30].abs().max()), 0.1)

    def test_between_knots(self) -> None:
        values = torch.arange(len(denoiser_gain.KNOTS)).float()[:, None].expand(-1, 3)
        table = denoiser_gain.between_knots(values)
        self.assertEqual(list(table.shape), [1001, 3])
        for i, t in enumerate(denoiser_gain.KNOTS):
            self.assertEqual(float(table[t, 1]), i)


class Detail(unittest.TestCase):
    def small(self, detail: tuple[int, int] | None) -> Denoiser:
        torch.manual_seed(0)
        return Denoiser((16, 16, 64), (1, 1, 1), (1, 1, 1), 32, size=32, detail=detail).eval().requires_grad_(False)

    def test_it_begins_as_the_u_net_and_adds_only_at_little_noise(self) -> None:
        plain, detailed, x = self.small(None), self.small((16, 1)), torch.randn(1, 3, 32, 32)
        begin_with(detailed, plain.state_dict())
        same = lambda t: torch.equal(detailed(x, torch.tensor([t])), plain(x, torch.tensor([t])))
        self.assertTrue(same(50))
        torch.nn.init.normal_(detailed.detail.leave.weight)
        self.assertFalse(same(50))
        self.assertFalse(same(DETAIL_TO - 1))
        self.assertTrue(same(DETAIL_TO))
        self.assertTrue(same(1000))

    def test_the_adversary_learns_to_tell_soft_faces_and_pushes_them_to_sharp_ones(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            adversary = Adversary(Path(folder), None, 2e-3, 'cpu')
            sharp = torch.stack([picture(i, 64) for i in range(8)]) * 2 - 1
            soft = gaussian_blur(sharp, 2.0)
            known = gaussian_blur(sharp, 4.0)
            hinges = [adversary.learn(soft, sharp, known) for _ in range(40)]
            self.assertLess(hinges[-1], 0.5 * hinges[0])
            push = adversary.against(soft, sharp, known, torch.tensor([1.0] * 4 + [0.0] * 4))
            self.assertEqual(float(push[4:].abs().max()), 0)
            judged = lambda x: float(adversary.judge(x, known[:4])[0].mean())
            self.assertGreater(judged(soft[:4] - push[:4] * 2 / push[:4].norm()), judged(soft[:4]))
            adversary.save()
            again = Adversary(Path(folder) / 'next', Path(folder), 1e-3, 'cpu')
            self.assertEqual([group['lr'] for group in again.optimiser.param_groups], [1e-3])
            torch.testing.assert_close(again.judge(soft, known)[0], adversary.judge(soft, known)[0], atol=0.02, rtol=0.02)


class Subgroups(unittest.TestCase):
    def test_typology_angle_of_known_colours(self) -> None:
        flat = lambda rgb: np.broadcast_to(np.array(rgb) / 255, (256, 256, 3))
        light, dark = (subgroups.typology_angle(flat(rgb)) for rgb in ((235, 205, 185), (90, 60, 45)))
        self.assertGreater(light, 41)
        self.assertLess(dark, -10)
        lightness, yellow = subgroups.lab(np.array([1.0, 1.0, 1.0]))
        self.assertAlmostEqual(lightness, 100, places=2)
        self.assertAlmostEqual(yellow, 0, places=1)


class TwoProcesses(unittest.TestCase):
    def test_begin_alike_and_learn_from_the_mean_of_their_gradients(self) -> None:
        program = '''
import os, torch
from loop import Processes
rank = int(os.environ['RANK'])
torch.manual_seed(rank)
processes, model = Processes(), torch.nn.Linear(3, 1)
processes.align(model)
model(torch.full((1, 3), 1.0 + 2 * rank)).sum().backward()
seconds = processes.average(list(model.parameters()), 5.0 + rank)
print(model.weight.tolist(), model.weight.grad.tolist(), seconds)'''
        running = [subprocess.Popen(['/usr/bin/python3', '-c', program], stdout=subprocess.PIPE, text=True, cwd=ROOT / 'training',
                                    env={'PATH': '/usr/bin', 'RANK': str(rank), 'WORLD_SIZE': '2', 'MASTER_ADDR': '127.0.0.1', 'MASTER_PORT': '29517'})
                   for rank in (0, 1)]
        first, second = (process.communicate(timeout=120)[0].strip() for process in running)
        self.assertEqual(first, second)
        self.assertTrue(first.endswith('[[2.0, 2.0, 2.0]] 5.0'), first)


class Optimiser(unittest.TestCase):
    def test_orthogonalise_gives_singular_values_near_one(self) -> None:
        for shape in ((20, 60), (60, 20)):
            torch.manual_seed(0)
            values = torch.linalg.svdvals(orthogonalise(torch.randn(shape)).float())
            self.assertGreater(float(values.min()), 0.5)
            self.assertLess(float(values.max()), 1.4)

    def test_a_muon_step_is_as_large_as_adams_and_downhill(self) -> None:
        torch.manual_seed(1)
        weight = torch.nn.Parameter(torch.randn(24, 96))
        before, target = weight.detach().clone(), torch.randn(24, 96)
        muon = Muon([weight], lr=0.1)
        (weight - target).pow(2).mean().backward()
        muon.step()
        self.assertAlmostEqual(float((weight - before).pow(2).mean().sqrt()), 0.1 * 0.2, delta=0.1 * 0.06)
        self.assertLess(float((weight - target).pow(2).mean()), float((before - target).pow(2).mean()))

    def test_muon_keeps_biases_and_small_matrices_for_adam(self) -> None:
        muon = Muon(list(RestorationUNet().parameters()), lr=1e-3)
        matrices, rest = (group['params'] for group in muon.param_groups)
        self.assertTrue(all(p.ndim == 4 for p in matrices))
        self.assertTrue(any(p.ndim == 1 for p in rest))


class Sampling(unittest.TestCase):
    """On a Gaussian prior the optimal denoiser is linear, so the result is known."""

    def test_spectral_sampler_follows_the_data_for_small_rho_and_the_prior_for_large(self) -> None:
        abar = alpha_bars().float()
        truth = picture(3, 32) * 2 - 1
        guides = sampler.make_guides(truth, 2.0, 1)
        model = lambda x, t: abar[t].sqrt() / (abar[t] + 1 - abar[t]) * x
        one = lambda y1, x0, t: torch.tensor(1.0)
        noise = torch.randn(truth.shape, generator=torch.Generator().manual_seed(0))
        start = abar[400].sqrt() * guides.y[0] + (1 - abar[400]).sqrt() * noise
        for solver in ('ddim', 'dpmpp-2m'):
            data, prior = (sampler.sample_spectral(model, start, schedule.timesteps(400, 10), guides, rho, one, solver) for rho in (1e-6, 1e6))
            residual = lambda x: float((gaussian_blur(x[None], 2.0 * 32 / 512)[0] - guides.y[0]).pow(2).mean())
            self.assertLess(residual(data), 1e-3)
            self.assertGreater(residual(prior), residual(data) * 10)

    def test_timesteps(self) -> None:
        self.assertEqual(schedule.timesteps(800, 4), [800, 600, 400, 200, 0])

    def test_timesteps_end_where_they_are_told_to(self) -> None:
        self.assertEqual(schedule.timesteps(450, 5, 2, 50), [450, 275, 150, 75, 50, 0])
        self.assertEqual(schedule.timesteps(40, 3, 2, 50), [40, 40, 40, 0])
        self.assertEqual(schedule.timesteps(450, 1, 2, 50), [450, 0])

    def test_the_prior_ends_at_the_last_timestep_under_its_floor(self) -> None:
        noise = 1 - alpha_bars()
        self.assertLessEqual(float(noise[schedule.under_floor()]), schedule.NOISE_FLOOR)
        self.assertGreater(float(noise[schedule.under_floor() + 1]), schedule.NOISE_FLOOR)

    def test_a_ddim_step_with_all_noise_anew_is_the_ancestral_one(self) -> None:
        x_t, x0 = (torch.randn(1, 3, 8, 8, generator=torch.Generator().manual_seed(i)) for i in (1, 2))
        t, later = torch.tensor([300]), torch.tensor([220])
        noise = torch.randn(x_t.shape, generator=torch.Generator().manual_seed(3))
        anew = schedule.ddim_step(x_t, x0, t, later, 1.0, torch.Generator().manual_seed(3))
        torch.testing.assert_close(anew, schedule.ancestral_step(x_t, x0, 300, 220, noise), atol=1e-5, rtol=0)
        torch.testing.assert_close(schedule.ddim_step(x_t, x0, t, torch.tensor([0]), 1.0), x0, atol=1e-5, rtol=0)


class LinearPrior(torch.nn.Module):
    """The best estimate of x0 where faces are white noise: linear in x_t."""

    def forward(self, x_t: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        return schedule.abar_of(t).sqrt() * x_t


class Walking(unittest.TestCase):
    """The samplers that go in batches, a face at a time beside those of `sampler.py`."""
    RHO, STEPS = 0.03, 6

    def begun(self) -> tuple[train_dgsa.Sampling, dict[str, torch.Tensor]]:
        table = [300 if i < 40 else 400 for i in range(150)]
        walking = train_dgsa.Sampling(LinearPrior(), table, rho=self.RHO, least=1.0, steps=self.STEPS, device='cpu')
        faces = torch.stack([picture(4, 32), picture(5, 32)]) * 2 - 1
        return walking, walking.begin(faces, torch.tensor([2.0, 6.0]), torch.Generator().manual_seed(2))

    @staticmethod
    def guides(state: dict[str, torch.Tensor], face: int) -> sampler.Guides:
        std = torch.tensor([[2.0, 1.0, 1.0], [6.0, 5.0, 4.0]])[face]
        return sampler.Guides(state['guides'][face], std, torch.tensor(sampler.WEIGHTS[3]))

    def test_a_batch_is_sampled_as_its_faces_are(self) -> None:
        walking, state = self.begun()
        self.assertEqual(state['times'][:, 0].tolist(), [300, 400])
        half = lambda y1, x0, t: torch.tensor(0.5)
        together = walking.sample(half, state)
        for face, start in enumerate((300, 400)):
            model = lambda x, t: LinearPrior()(x[None], torch.tensor([t]))[0]
            alone = sampler.sample_spectral(model, state['x_t'][face], schedule.spectral_timesteps(start, self.STEPS), self.guides(state, face), self.RHO, half)
            torch.testing.assert_close(together[face], alone, atol=1e-4, rtol=0)

    def test_exactly_too_each_from_its_start(self) -> None:
        walking, state = self.begun()
        before = state['x_t'].clone()
        together = compare_samplers.exact(walking.denoiser, state, walking.weights, rho=self.RHO, scale=1.0, noise=torch.Generator().manual_seed(3))
        under = int((1 - alpha_bars() <= schedule.NOISE_FLOOR).nonzero()[-1])
        noise = torch.Generator().manual_seed(3)
        noises = [torch.randn(1 if t > 300 else 2, 3, 32, 32, generator=noise) for t in range(400, under, -1)]
        one = lambda y1, x0, t: torch.tensor(1.0)
        for face, start in enumerate((300, 400)):
            guides = self.guides(state, face)
            h = transfer_1d(guides.std * 32 / 512, 32)
            step = lambda x, t: tuple(v[0] for v in guided_step(LinearPrior())(x[None], torch.tensor([t]), guides.y, h, guides.weights))
            mine = [n[-1 if face else 0] for n in noises if face or len(n) == 2]
            x = sampler.sample_exact(step, before[face], list(range(start, under - 1, -1)), guides, one, 1.0, mine)
            x0_hat, lam = LinearPrior()(x[None], torch.tensor([under])), schedule.prior_weight(torch.tensor([under]), self.RHO)
            alone = train_dgsa.guided_estimate(x0_hat, guides.y[None], h[None], guides.weights, lam)[0]
            torch.testing.assert_close(together[face], alone, atol=1e-3, rtol=0)

    def test_a_face_that_has_arrived_gives_its_place_to_a_new_one(self) -> None:
        walking, _ = self.begun()
        made = iter(range(1000))

        def fresh(count: int) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
            x = torch.stack([torch.full((3, 32, 32), float(next(made))) for _ in range(count)])
            return x, walking.begin(x * 0, torch.full((count,), 3.0), torch.Generator().manual_seed(0))

        one = lambda y1, x0, t: torch.tensor(1.0)
        walks, random = train_dgsa.Walks(fresh, self.STEPS), np.random.default_rng(0)
        move = lambda state: walking.step(one, {**state, 'at': state['at'].clamp_max(self.STEPS - 1)})[0]
        before = None
        for _ in range(20):
            truth, state = walks.batch(3, random, move)
            self.assertTrue((state['at'] < self.STEPS).all())
            if before is not None:
                arrived = state['at'] == 0
                torch.testing.assert_close(state['at'][~arrived], before[1][~arrived] + 1)
                self.assertTrue(((truth[:, 0, 0, 0] != before[0]) == arrived).all())
            before = truth[:, 0, 0, 0].clone(), state['at'].clone()
            walks.state = walking.step(one, state)[0]
        self.assertGreater(next(made), 8)


class LeastBlur(unittest.TestCase):
    """As `least-blur.test.ts` has it: a wave of mean square 0.02, all of it at one frequency."""
    SIZE, FREQUENCY = 32, 16

    def wave(self) -> torch.Tensor:
        rows = 0.5 + 0.2 * torch.cos(np.pi * self.FREQUENCY * (torch.arange(self.SIZE) + 0.5) / self.SIZE)
        return rows.view(1, -1, 1).expand(3, -1, self.SIZE)

    def curve(self, part: float) -> torch.Tensor:
        """Of an RM whose error is a part of the wave itself."""
        pixels = torch.tensor(KNOTS) * self.SIZE / 512
        return (part * 0.02 * torch.exp(-(pixels * np.pi * self.FREQUENCY / self.SIZE) ** 2)).log10()

    def test_the_whole_where_rm_shows_less_than_it_errs_by_and_none_where_it_shows_more(self) -> None:
        self.assertEqual(needed_blur(self.wave(), self.curve(1.1), 6.0), 6.0)
        self.assertEqual(needed_blur(self.wave(), self.curve(0.9), 6.0), KNOTS[0])
        self.assertEqual(needed_blur(torch.full((3, 32, 32), 0.5), self.curve(1.0), 6.0), 6.0)
        self.assertEqual(needed_blur(self.wave(), self.curve(0.9), 0.05), 0.05)

    def test_between_where_the_error_is_finer_than_the_wave(self) -> None:
        low = torch.full((len(KNOTS),), -9.0)
        low[:5] = torch.tensor([0.002, 0.001, 1e-5, 1e-6, 1e-7]).log10()
        needed = needed_blur(self.wave(), low, 6.0)
        taken = 0.02 * (1 - np.exp(-(needed * self.SIZE / 512 * np.pi * self.FREQUENCY / self.SIZE) ** 2))
        self.assertTrue(1 < needed < 6)
        self.assertAlmostEqual(taken, 0.002, delta=4e-4)  # linear between the knots


class FacePower(unittest.TestCase):
    SIZE, EDGES = 32, (2 / 2 ** 0.5, 4 / 2 ** 0.5, 8 / 2 ** 0.5, 16 / 2 ** 0.5)  # middles at 2, 4 and 8 cycles

    def table(self, *ratios: float) -> dict:
        """Predicts, of each ring, its own power times e to the given number."""
        return {'edges': self.EDGES, 'weights': [[ratio, *(float(i == ring) for i in range(3))] for ring, ratio in enumerate(ratios)]}

    def test_raises_what_a_picture_has_by_another_and_nothing_coarse(self) -> None:
        spectrum = torch.zeros(1, 3, self.SIZE, self.SIZE)
        at = [4, 8, 16]
        spectrum[..., at, 0] = 1
        restored = idct2(spectrum)
        raised = equalise_face(restored / 2, restored, {**self.table(0, 0, np.log(4)), 'raisedFrom': 3.9}, 1.0)
        torch.testing.assert_close(dct2(raised)[0, 0, at, 0], torch.tensor([0.5, 1.0, 2.0]), atol=1e-4, rtol=0)

    def test_lowers_the_grid_of_squares(self) -> None:
        spectrum = torch.zeros(1, 3, self.SIZE, self.SIZE)
        at = [0, 8, 16]
        spectrum[..., at, 0] = 1
        restored = idct2(spectrum)
        raised = equalise_face(restored, restored, {**self.table(0, 0, np.log(9)), 'raisedFrom': 2, 'squares': 4}, 0.75)
        torch.testing.assert_close(dct2(raised)[0, 0, at, 0], torch.tensor([1.0, 1.0, 0.25]), atol=1e-4, rtol=0)

    def test_raises_each_ring_as_the_engine_does(self) -> None:
        spectrum = torch.zeros(1, 3, self.SIZE, self.SIZE)
        spectrum[..., 0, 0] = 16
        at = [2, 4, 8, 12, 16, 28]
        spectrum[..., at, 0] = 1
        raised = dct2(equalise_guide(idct2(spectrum), self.table(0, np.log(9), 50), 1.0))[0, 0, at, 0]
        between = np.exp(np.log2(6 / 4) * 25 + (1 - np.log2(6 / 4)) * np.log(3))
        torch.testing.assert_close(raised, torch.tensor([1, 1, 3, min(between, LARGEST_GAIN), LARGEST_GAIN, LARGEST_GAIN], dtype=torch.float32), atol=1e-4, rtol=0)
        half = dct2(equalise_guide(idct2(spectrum), self.table(0, np.log(9), -1), 0.5))[0, 0, at, 0]
        torch.testing.assert_close(half[[2, 4]], torch.tensor([3 ** 0.5, 1.0]), atol=1e-4, rtol=0)

    def test_reads_the_power_of_other_rings(self) -> None:
        wave = torch.zeros(1, 3, self.SIZE, self.SIZE)
        wave[..., [8, 16], 0] = torch.tensor([1.0, 1e-3])
        table = self.table(0, 0, 0)
        table['weights'][2] = [0.0, 0.0, 1.0, 0.0]
        powers = np.exp(log_powers(idct2(wave), self.EDGES))[0]
        raised = dct2(equalise_guide(idct2(wave), table, 1.0))[0, 0, 16, 0]
        self.assertAlmostEqual(float(raised), 1e-3 * min((powers[1] / powers[2]) ** 0.5, LARGEST_GAIN), delta=1e-5)


class Pieces(unittest.TestCase):
    def test_cut_and_joined_is_the_same_and_a_lost_piece_is_noticed(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / 'a.bin').write_bytes(bytes(range(256)) * 10)
            self.assertEqual(len(pieces.cut(folder / 'a.bin', folder, 1000)), 3)
            pieces.join(folder / 'a.bin.0', folder / 'b.bin')
            self.assertEqual((folder / 'a.bin').read_bytes(), (folder / 'b.bin').read_bytes())
            (folder / 'a.bin.2').unlink()
            with self.assertRaisesRegex(ValueError, '2 pieces, 2000 bytes'):
                pieces.join(folder / 'a.bin.0', folder / 'c.bin')


class BadInput(unittest.TestCase):
    def test_unreadable_member_is_named(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            with tarfile.open(Path(folder) / 'train-256-00.tar', 'w') as tar:
                info = tarfile.TarInfo('broken.png')
                info.size = 4
                tar.addfile(info, io.BytesIO(b'nope'))
            with self.assertRaisesRegex(ValueError, 'broken.png'):
                faces.prepare(Path(folder), Path(folder) / 'cache')

    def test_the_pool_with_a_loss_it_has_no_rule_for_is_named(self) -> None:
        command = ['/usr/bin/python3', str(ROOT / 'training' / 'train_restoration.py'), '--pairs', '--loss', 'l1']
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
        self.assertEqual(done.returncode, 2)
        self.assertIn('--pairs goes with --loss psnr, not l1', done.stderr)

    def test_a_source_without_pictures_is_named(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            write_shards(Path(folder))
            faces.prepare(Path(folder), Path(folder))
            self.assertEqual(len(faces.Faces(Path(folder), 'train-256', 256, seed=0, sources=('made',)).chosen), 6)
            with self.assertRaisesRegex(ValueError, 'no picture of train-256 is from ffhq256'):
                faces.Faces(Path(folder), 'train-256', 256, seed=0, sources=('ffhq256',))

    def test_empty_folder_is_named(self) -> None:
        with tempfile.TemporaryDirectory() as folder, self.assertRaisesRegex(ValueError, folder):
            faces.prepare(Path(folder), Path(folder) / 'cache')


class Smoke(unittest.TestCase):
    """Every command of the README of training, for a few seconds each, on made pictures."""

    def command(self, script: str, *arguments: object) -> str:
        done = subprocess.run(['/usr/bin/python3', str(ROOT / 'training' / script), *map(str, arguments)], capture_output=True, text=True, cwd=ROOT)
        self.assertEqual(done.returncode, 0, f'{script}: {done.stderr[-2000:]}')
        return done.stdout

    def test_the_whole_chain(self) -> None:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            cache, runs, pack = folder / 'cache', folder / 'runs', folder / 'pack'
            write_shards(folder)
            self.command('faces.py', '--faces', folder, '--cache', cache)
            short = ('--cache', cache, '--minutes', 0.03, '--batch', 2, '--threads', 2)
            for architecture in ('swinir', 'nafnet', 'unet'):
                out = self.command('train_restoration.py', *short, '--architecture', architecture, '--run', runs / f'rm-{architecture}')
                self.assertRegex(out, r'val_psnr \d')
            begun = ('--architecture', 'aligned', '--begin-with', runs / 'rm-unet', '--run', runs / 'rm-aligned')
            self.assertRegex(self.command('train_restoration.py', *short, *begun), r'val_psnr \d')
            (runs / 'rm-unet').rename(runs / 'restoration')
            muon = ('--optimiser', 'muon', '--degradation', 'family', '--begin-with', runs / 'restoration', '--run', runs / 'rm-muon')
            self.assertRegex(self.command('train_restoration.py', *short, *muon), r'val_psnr \d')
            self.assertIn('resumed', self.command('train_restoration.py', *short, '--minutes', 0.06, *muon))
            out = self.command('train_restoration.py', '--cache', cache, '--minutes', 0.06, '--batch', 2, '--threads', 2, '--run', runs / 'restoration')
            self.assertIn('resumed', out)
            self.command('dsst.py', '--cache', cache, '--out', pack / 'dsst.json')
            restored = ('--cache', cache, '--restoration', runs / 'restoration')
            out = self.command('face_power.py', *restored, '--out', pack / 'face-power.json', '--count', 16)
            self.assertRegex(out, r'predicted: root mean square of ln\(power / true power\) \[ *\d')
            self.command('mix_bands.py', *restored, '--out', folder / 'bands', '--count', 2, '--cuts', 32)
            self.assertTrue((folder / 'bands' / 'rm-below-32' / '001.png').exists())
            self.command('train_estimator.py', *short, '--stage', 1, '--run', runs / 'sde')
            self.command('pairs.py', '--cache', cache, '--paper', 12, '--family', 4, '--coarse', 6, '--workers', 2, '--sources', 'made')
            pool = ('--architecture', 'aligned', '--pairs', '--loss', 'psnr', '--run', runs / 'rm-pool')
            self.assertRegex(self.command('train_restoration.py', *short, *pool), r'val_psnr \d')
            self.command('labels.py', '--cache', cache, '--restoration', runs / 'restoration', '--count', 12, '--threads', 2)
            labelled = np.load(cache / 'labels-pairs.npy')  # of both settings: 12 pairs of the paper's come first, then 4
            self.assertTrue((len(labelled), labelled[0], labelled[-1]) == (12, 0, 15) and (np.diff(labelled) > 0).all())
            out = self.command('train_estimator.py', *short, '--stage', 2, '--sde', runs / 'sde', '--run', runs / 'estimator')
            self.assertRegex(out, r'val_mae \d')
            out = self.command('train_denoiser.py', *short, '--run', runs / 'denoiser')
            self.assertRegex(out, r'psnr_500 -?\d')
            out = self.command('denoiser_gain.py', '--cache', cache, '--run', runs / 'denoiser', '--count', 2)
            self.assertRegex(out, r't 1000: gain \d')
            again = ('--minutes', 0.06, '--run', runs / 'denoiser')
            self.assertIn('resumed', self.command('train_denoiser.py', *short, *again))
            self.assertLess(float(torch.load(runs / 'denoiser' / 'checkpoint.pt')['ema']['gain.table'].min()), 1)
            networks = ('--dsst', pack / 'dsst.json', '--steps', 3, '--restoration', runs / 'restoration', '--estimator', runs / 'estimator')
            self.command('train_detail.py', *short, '--begin-with', runs / 'denoiser', '--run', runs / 'detail-1', '--walk-share', 0, '--adversary-from', 2)
            out = self.command('train_detail.py', *short, *networks, '--begin-with', runs / 'detail-1', '--run', runs / 'detail', '--adversary-from', 2, '--alone', 2)
            self.assertRegex(out, r'sharp_100 \d')
            self.assertTrue((runs / 'detail' / 'discriminator.pt').exists())
            unet, whole = (torch.load(runs / name / 'checkpoint.pt')['ema'] for name in ('denoiser', 'detail'))
            for name, value in unet.items():
                self.assertTrue(torch.equal(whole[name], value), name)
            common = (*short, *networks, '--denoiser', runs / 'detail', '--validation', 1)
            self.command('train_dgsa.py', *common, '--stage', 1, '--run', runs / 'dgsa-1')
            out = self.command('train_dgsa.py', *common, '--stage', 2, '--from', runs / 'dgsa-1', '--run', runs / 'dgsa')
            self.assertRegex(out, r'val_psnr \d.*val_psnr_constant \d')
            self.command('export.py', '--runs', runs, '--pack', pack)
            self.command('export.py', '--restorer', folder / 'rm.onnx', '--restoration', runs / 'rm-aligned')
            self.assertGreater((folder / 'rm.onnx').stat().st_size, 10e6)
            for graph, run in ((folder / 'rm.onnx', runs / 'rm-aligned'), (pack / 'restoration.onnx', runs / 'restoration'), (pack / 'denoiser.onnx', runs / 'detail')):
                trained = torch.load(run / 'checkpoint.pt')['ema']
                for name, value in weights_of(graph).items():
                    torch.testing.assert_close(value, as_stored(trained[name], levels=graph.name == 'denoiser.onnx'), atol=1e-6, rtol=0)
                self.assertIn('weights', self.command('from_pack.py', graph, folder / 'again'))
            manifest = json.loads((pack / 'manifest.json').read_text())
            self.assertEqual(manifest['stdKnots'], list(KNOTS))
            outputs = {output.name: [d.dim_value for d in output.type.tensor_type.shape.dim] for output in onnx.load(pack / 'estimator.onnx').graph.output}
            self.assertEqual(outputs['curve'], [1, len(KNOTS)])
            out = self.command('subgroups.py', '--cache', cache, '--faces', folder, '--restoration', runs / 'rm-aligned')
            self.assertRegex(out, r'degraded lightly \(family\) \| \d')
            self.command('subgroups.py', '--cache', cache, '--write-light', folder / 'light')
            self.assertEqual(sorted(f.name for f in (folder / 'light').iterdir()), ['hq-family', 'hq-paper', 'lq-family', 'lq-paper'])
            for entry in manifest['files'].values():
                self.assertEqual((pack / entry['name']).stat().st_size, entry['bytes'])


if __name__ == '__main__':
    result = unittest.TextTestRunner(verbosity=2).run(unittest.defaultTestLoader.loadTestsFromModule(sys.modules[__name__]))
    failed = len(result.failures) + len(result.errors)
    print(f'{result.testsRun - failed - len(result.skipped)} passed, {failed} failed')
    sys.exit(1 if failed else 0)
