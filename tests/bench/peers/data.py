"""Samples on one core against Pillow and timm-style transforms; the limit is libjpeg decoding alone.

data.py BINARY PICTURES ROUNDS
"""

import io
import sys
import tempfile

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

import augment
from turns import Ours, Table, in_turn, timed

SIZE = 224
SIZES = [(500, 375), (500, 333), (375, 500), (333, 500)]


def picture(seed):
    """Blurred shapes over a gradient with noise, a JPEG of quality 90."""
    rng = np.random.default_rng(seed)
    width, height = SIZES[seed % len(SIZES)]
    ramp = np.linspace(0, 1, width)[None, :, None] * rng.integers(0, 200, 3) + np.linspace(0, 55, height)[:, None, None]
    image = Image.fromarray(ramp.astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for _ in range(40):
        x, y, size = rng.integers(0, width), rng.integers(0, height), rng.integers(10, 150)
        colour = tuple(int(value) for value in rng.integers(0, 256, 3))
        draw.ellipse([int(x), int(y), int(x + size), int(y + size)], fill=colour)
    blurred = np.asarray(image.filter(ImageFilter.GaussianBlur(1.5)), np.float32)
    noisy = np.clip(blurred + rng.normal(0, 6, blurred.shape), 0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(noisy).save(file, "JPEG", quality=90)
    return file.getvalue()


def decoded(data):
    return Image.open(io.BytesIO(data)).convert("RGB")


def training(data):
    return augment.normalised(augment.training_sample(decoded(data), SIZE))


def write_pictures(count, folder):
    """Writes FOLDER/<i>.jpg and their paths to FOLDER/list; returns the paths."""
    paths = [f"{folder}/{i}.jpg" for i in range(count)]
    for seed, path in enumerate(paths):
        with open(path, "wb") as file:
            file.write(picture(seed))
    with open(folder + "/list", "w") as file:
        file.writelines(path + "\n" for path in paths)
    return paths


def main():
    binary, pictures, rounds = sys.argv[1], *map(int, sys.argv[2:])
    with tempfile.TemporaryDirectory() as folder:
        files = [open(path, "rb").read() for path in write_pictures(pictures, folder)]
        ours = Ours(binary, "data", folder)
        ours("check")
        mine = np.fromfile(folder + "/ours.raw", np.uint8).reshape(SIZE, SIZE, 3).astype(int)
        apart = np.abs(mine - np.asarray(augment.evaluation_sample(decoded(files[0]), SIZE), int))
        if apart.mean() > 0.5 or apart.max() > 8: # two builds of libjpeg may differ by a few levels
            sys.exit(f"data: expected levels of the peer's, found {apart.mean():.3g} apart, at most {apart.max()}; "
                     "nothing was timed.")
        print(f"levels apart: mean {apart.mean():.3g}, at most {apart.max()}")
        each = lambda action: lambda: timed(lambda: [action(data) for data in files])
        times = in_turn({"decode": lambda: ours("decode"), "Pillow decode": each(decoded),
                         "eval": lambda: ours("eval"),
                         "Pillow eval": each(lambda data: augment.evaluation_sample(decoded(data), SIZE)),
                         "train": lambda: ours("train"), "Pillow train": each(training)}, rounds)
    table = Table("data")
    for work in ["train", "eval", "decode"]:
        table.row(f"data, {work}", f"{work}, {pictures} pictures", times[work], times["Pillow " + work], times["decode"])


if __name__ == "__main__":
    main()
