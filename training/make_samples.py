"""Makes `samples/`: composed scenes of faces that belong to nobody.

    /usr/bin/python3 training/make_samples.py --fit --faces ../shared/faces   # once: fits samples/face-model.npz
    /usr/bin/python3 training/make_samples.py --runs training/runs            # draws, refines, composes, degrades

A small PCA face model (mean and components: statistics of the MIT, CC BY and public-domain colour pictures of the
training set, no picture itself) is sampled with a seed; our own RM and prior make pictures of most of the samples, as
Balanced would (the prior cannot draw a whole face by itself yet); the faces are set into drawn scenes, which are then
aged.
"""
from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw, ImageFilter

from degrade import degraded_pair, pillow_jpeg
from denoiser import Denoiser
from face_power import equalise_face, equalise_guide
from faces import read_tar
from labels import load_restoration
from train_dgsa import Sampling, load_ema

FREE = {'sfhq-t2i', 'sfhq', 'ukmps'}
MODEL_SIZE, COMPONENTS = 64, 80
DRAWN, CHOSEN = 48, [25, 23, 29, 20, 14, 16, 41, 32, 38, 21, 35, 36, 8]  # of a sheet of 48, by eye: faces that a first look takes for people
SOFT = [5, 6, 8]  # of the chosen, faces that stay as soft as the model draws them: the couple and the portrait


def fit(folder: Path, out: Path) -> None:
    """PCA of the freely licensed training pictures at 64 pixels, mirrored too; float16 on disk."""
    with open(folder / 'index.csv', newline='') as file:
        free = {row['file'] for row in csv.DictReader(file) if row['source'] in FREE and row['split'] == 'train'}
    rows = []
    for shard in sorted(folder.glob('train-*.tar')):
        for name, picture in read_tar(shard):
            if name in free:
                small = np.asarray(Image.fromarray(picture).resize((MODEL_SIZE, MODEL_SIZE), Image.LANCZOS), np.float32) / 255
                rows += [small, small[:, ::-1]]
    data = torch.from_numpy(np.stack(rows)).flatten(1)
    mean = data.mean(0)
    _, singular, components = torch.svd_lowrank(data - mean, q=COMPONENTS + 20, niter=4)
    scale = singular[:COMPONENTS] / len(data) ** 0.5
    np.savez_compressed(out, mean=mean.half().numpy(), components=components[:, :COMPONENTS].t().half().numpy(), scale=scale.half().numpy())
    print(f'{out}: {len(rows)} views of {len(rows) // 2} pictures, {COMPONENTS} components, {out.stat().st_size / 1e6:.1f} MB')


def draw_faces(model: Path, count: int, seed: int, spread: float = 0.55) -> torch.Tensor:
    """[count, 3, 256, 256] in [0, 1]."""
    arrays = {k: torch.from_numpy(v.astype(np.float32)) for k, v in np.load(model).items()}
    r = torch.Generator().manual_seed(seed)
    coefficients = torch.randn(count, COMPONENTS, generator=r).clamp(-1.8, 1.8) * arrays['scale'] * spread
    small = (arrays['mean'] + coefficients @ arrays['components']).reshape(count, MODEL_SIZE, MODEL_SIZE, 3).permute(0, 3, 1, 2)
    return F.interpolate(small, size=(256, 256), mode='bicubic', align_corners=False).clamp(0, 1)


@torch.no_grad()
def refine(runs: Path, pack: Path, faces: torch.Tensor) -> torch.Tensor:
    """RM takes each soft sample for a blurred photo and sharpens it; the prior adds what is finer than its guides, as with
    Balanced (docs/models.md)."""
    restoration = load_restoration(runs / 'restoration')
    table, powers = (json.loads((pack / name).read_text()) for name in ('dsst.json', 'face-power.json'))
    balanced, = (preset for preset in json.loads((pack / 'manifest.json').read_text())['presets'] if preset['id'] == 'balanced')
    std = balanced['leastBlur']
    sampling = Sampling(load_ema(Denoiser(), runs / 'detail'), table['t'], rho=balanced['rho'], least=std, steps=15, device='cpu', eta=1.0)

    def one(face: torch.Tensor, seed: int) -> torch.Tensor:
        torch.manual_seed(seed)
        restored = restoration(face[None])
        state = sampling.begin(equalise_guide(restored, powers, balanced['crispness']) * 2 - 1, torch.tensor([float(std)]), torch.Generator().manual_seed(seed))
        x0 = sampling.sample(lambda *_: torch.ones(()), state)
        return equalise_face(x0 / 2 + 0.5, restored, powers, balanced['crispness'])[0]
    return torch.stack([one(face, i) for i, face in enumerate(faces)]).clamp(0, 1)


def to_image(x: torch.Tensor) -> Image.Image:
    return Image.fromarray((x.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy())


def backdrop(width: int, height: int, top: tuple[int, int, int], bottom: tuple[int, int, int], seed: int) -> Image.Image:
    """A painted studio backdrop: a vertical gradient with soft clouds."""
    r = np.random.default_rng(seed)
    v = np.linspace(0, 1, height)[:, None, None]
    base = np.array(top) * (1 - v) + np.array(bottom) * v + np.zeros((height, width, 3))
    clouds = Image.fromarray((r.random((6, 9)) * 255).astype(np.uint8)).resize((width, height), Image.BICUBIC)
    return Image.fromarray((base * (0.75 + 0.5 * np.asarray(clouds)[..., None] / 255)).clip(0, 255).astype(np.uint8))


def place(scene: Image.Image, face: torch.Tensor, centre: tuple[float, float], side: int, angle: float, coat: tuple[int, int, int]) -> None:
    """Draws neck and shoulders in `coat` and sets the face crop (its quad `side` pixels, turned by `angle` degrees) over them."""
    x, y = centre
    skin = tuple(int(255 * v) for v in face[:, 150:190, 96:160].mean((1, 2)))
    shoulders = Image.new('L', scene.size)
    draw = ImageDraw.Draw(shoulders)
    draw.rounded_rectangle([x - side * 0.62, y + side * 0.43, x + side * 0.62, y + side * 3], radius=side * 0.34, fill=255)
    shading = np.linspace(1.15, 0.7, scene.height)[:, None, None] * np.array(coat) + np.zeros((scene.height, scene.width, 3))
    cloth = Image.fromarray(shading.clip(0, 255).astype(np.uint8))
    scene.paste(cloth, (0, 0), shoulders.filter(ImageFilter.GaussianBlur(side * 0.012)))
    neck = Image.new('L', scene.size)
    ImageDraw.Draw(neck).rounded_rectangle([x - side * 0.15, y + side * 0.2, x + side * 0.15, y + side * 0.52], radius=side * 0.12, fill=255)
    scene.paste(Image.new('RGB', scene.size, tuple(int(0.82 * v) for v in skin)), (0, 0), neck.filter(ImageFilter.GaussianBlur(side * 0.02)))
    axis = np.linspace(-1, 1, 256)
    u, v = np.meshgrid(axis, axis)
    distance = np.sqrt((u / 0.74) ** 2 + ((v + 0.06) / 0.92) ** 2)
    mask = Image.fromarray((np.clip((1.0 - distance) / 0.22, 0, 1) * 255).astype(np.uint8))
    crop = to_image(face).resize((side, side), Image.LANCZOS).rotate(angle, Image.BICUBIC)
    mask = mask.resize((side, side), Image.LANCZOS).rotate(angle, Image.BICUBIC)
    scene.paste(crop, (round(x - side / 2), round(y - side / 2)), mask)


def age(scene: Image.Image, seed: int, blur: float, noise: float, quality: int, tone: str = 'colour', scratches: int = 0) -> Image.Image:
    """Soft focus, grain, fading tone, scratches, JPEG."""
    r = np.random.default_rng(seed)
    picture = np.asarray(scene.filter(ImageFilter.GaussianBlur(blur)), np.float32) / 255
    if tone != 'colour':
        picture = np.repeat(picture @ np.array([[0.299], [0.587], [0.114]], np.float32), 3, -1)
    if tone == 'sepia':
        picture = picture * np.array([0.92, 0.78, 0.60], np.float32) + np.array([0.08, 0.06, 0.03], np.float32)
    grain = r.standard_normal(picture.shape[:2] + ((1,) if tone != 'colour' else (3,)))
    picture = 0.06 + 0.88 * picture + grain.astype(np.float32) * noise / 255
    image = Image.fromarray((picture.clip(0, 1) * 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for _ in range(scratches):
        x, y = r.integers(0, image.width), r.integers(0, image.height)
        draw.line([x, y, x + r.integers(-6, 7), y + r.integers(30, 160)], fill=(225, 220, 205), width=1)
    aged = pillow_jpeg(torch.from_numpy(np.asarray(image).copy()).permute(2, 0, 1).float() / 255, quality)
    return to_image(aged)


def compose(faces: torch.Tensor, out: Path) -> None:
    """Five scenes: a group of sizes, a couple, a turned scan, a monochrome portrait, a small sepia group."""
    out.mkdir(parents=True, exist_ok=True)
    coats = [(52, 58, 74), (120, 60, 58), (70, 84, 66), (188, 178, 160), (40, 40, 44), (96, 88, 120)]

    def save(image: Image.Image, name: str) -> None:
        image.save(out / name, quality=92)
        print(out / name, image.size)

    group = backdrop(1280, 860, (128, 138, 150), (84, 74, 66), 1)
    for i, (x, y, side) in enumerate([(270, 330, 250), (560, 260, 210), (830, 290, 230), (1090, 380, 180), (430, 560, 150)]):
        place(group, faces[i], (x, y), side, 0, coats[i % 6])
    save(age(group, 1, 1.4, 7, 62), 'family-1974.jpg')

    couple = backdrop(900, 700, (150, 120, 96), (70, 56, 50), 2)
    place(couple, faces[5], (310, 330), 340, 6, coats[4])
    place(couple, faces[6], (610, 300), 320, -8, coats[3])
    save(age(couple, 2, 2.6, 9, 48), 'couple-1968.jpg')

    turned = backdrop(760, 900, (140, 160, 170), (96, 100, 92), 3)
    place(turned, faces[7], (390, 380), 380, 0, coats[1])
    save(age(turned, 3, 2.2, 6, 60).transpose(Image.ROTATE_90), 'scanned-sideways.jpg')

    portrait = backdrop(640, 800, (170, 170, 170), (60, 60, 60), 4)
    place(portrait, faces[8], (320, 350), 400, 0, coats[0])
    save(age(portrait, 4, 3.2, 10, 55, 'monochrome', 5).convert('L'), 'portrait-1938.jpg')

    small = backdrop(900, 600, (150, 150, 150), (80, 80, 80), 5)
    for i, (x, y) in enumerate([(170, 220), (390, 180), (610, 200), (790, 260)]):
        place(small, faces[9 + i], (x, y), 120, 0, coats[(i + 2) % 6])
    save(age(small, 5, 1.0, 8, 50, 'sepia', 6), 'group-1921.jpg')


def write_pairs(faces: torch.Tensor, folder: Path, seed: int) -> None:
    """Each face as `hq/NN.png` and, degraded as the paper's training pairs are, as `lq/NN.png`: for pictures in docs."""
    torch.manual_seed(seed)
    _, degraded = degraded_pair(faces.clone(), np.random.default_rng(seed))
    for kind, pictures in (('hq', faces), ('lq', degraded)):
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for i, picture in enumerate(pictures):
            to_image(picture).save(folder / kind / f'{i:02d}.png')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--fit', action='store_true')
    parser.add_argument('--faces', type=Path, default=Path('../shared/faces'))
    parser.add_argument('--model', type=Path, default=Path('samples/face-model.npz'))
    parser.add_argument('--runs', type=Path, default=Path('training/runs'))
    parser.add_argument('--pack', type=Path, default=Path('resources/models/family-256'))
    parser.add_argument('--out', type=Path, default=Path('samples'))
    parser.add_argument('--seed', type=int, default=7)
    parser.add_argument('--sheet', type=Path, help='also writes drawn and refined faces side by side')
    parser.add_argument('--pairs', type=Path, help='instead of the photos, writes the faces and degraded copies into this folder')
    a = parser.parse_args()
    if a.fit:
        fit(a.faces, a.model)
        return
    torch.set_num_threads(1)
    drawn = draw_faces(a.model, DRAWN, a.seed)[CHOSEN]
    refined = refine(a.runs, a.pack, drawn)
    refined[SOFT] = drawn[SOFT]
    if a.sheet:
        to_image(torch.cat([torch.cat(list(v), 2) for v in (drawn, refined)], 1)).save(a.sheet)
    if a.pairs:
        write_pairs(refined, a.pairs, a.seed)
    else:
        compose(refined, a.out)


if __name__ == '__main__':
    main()
