"""Samples on one core against Pillow and timm's transforms; the limit is libjpeg decoding alone.

data.py BINARY IMAGES ROUNDS
"""

import io
import sys
import tempfile

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

import augment
from turns import Ours, Table, in_turn, timed

SIZE = 224
LARGE, LARGE_SCALE = 24, 4
SIZES = [(500, 375), (500, 333), (375, 500), (333, 500)]


def picture(seed, scale=1):
    """A drawn JPEG of quality 90: blurred shapes and noise over a gradient."""
    rng = np.random.default_rng(seed)
    width, height = (scale * side for side in SIZES[seed % len(SIZES)])
    ramp = np.linspace(0, 1, width)[None, :, None] * rng.integers(0, 200, 3) + np.linspace(0, 55, height)[:, None, None]
    image = Image.fromarray(ramp.astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for _ in range(40):
        x, y, size = rng.integers(0, width), rng.integers(0, height), rng.integers(10, 150) * scale
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


def write_pictures(count, folder, scale=1):
    """Writes FOLDER/<i>.jpg and their paths to FOLDER/list; returns the paths."""
    paths = [f"{folder}/{i}.jpg" for i in range(count)]
    for seed, path in enumerate(paths):
        with open(path, "wb") as file:
            file.write(picture(seed, scale))
    with open(folder + "/list", "w") as file:
        file.writelines(path + "\n" for path in paths)
    return paths


def written(count, folder, scale=1):
    """Writes images as write_pictures does; returns their bytes."""
    return [open(path, "rb").read() for path in write_pictures(count, folder, scale)]


def draft_sample(data):
    image = Image.open(io.BytesIO(data))
    width, height = image.size
    short = SIZE * 8 // 7
    image.draft("RGB", (max(short, short * width // height), max(short, short * height // width)))
    return augment.evaluation_sample(image.convert("RGB"), SIZE)


def samples(folder, name):
    return np.fromfile(f"{folder}/{name}.raw", np.uint8).reshape(-1, SIZE, SIZE, 3).astype(int)


def main():
    binary, pictures, rounds = sys.argv[1], *map(int, sys.argv[2:])
    large = min(pictures, LARGE)
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as large_folder:
        files = written(pictures, folder)
        large_files = written(large, large_folder, LARGE_SCALE)
        ours, larger = Ours(binary, "data", folder), Ours(binary, "data", large_folder)
        ours("check")
        apart = np.abs(samples(folder, "exact")[0] - np.asarray(augment.evaluation_sample(decoded(files[0]), SIZE), int))
        if apart.mean() > 0.5 or apart.max() > 8: # two builds of libjpeg may differ by a few levels
            sys.exit(f"data: expected levels as the peer's, got differences of {apart.mean():.3g} in the mean, "
                     f"{apart.max()} at most; nothing was timed.")
        print(f"difference of levels: mean {apart.mean():.3g}, at most {apart.max()}")
        larger("check")
        apart = np.abs(samples(large_folder, "exact") - samples(large_folder, "fast"))
        print(f"fast decoding of {large} large images, difference of levels: mean {apart.mean():.3g}, "
              f"at most {apart.max()}")
        each = lambda action, files=files: lambda: timed(lambda: [action(data) for data in files])
        pillow_eval = lambda data: augment.evaluation_sample(decoded(data), SIZE)
        times = in_turn({"decode": lambda: ours("decode"), "Pillow decode": each(decoded),
                         "eval": lambda: ours("eval"), "Pillow eval": each(pillow_eval),
                         "train": lambda: ours("train"), "Pillow train": each(training),
                         "0 workers": lambda: ours("train, 0 workers"),
                         "2 workers": lambda: ours("train, 2 workers"),
                         "decode large": lambda: larger("decode"), "eval large": lambda: larger("eval"),
                         "eval fast": lambda: larger("eval fast"), "Pillow eval large": each(pillow_eval, large_files),
                         "Pillow eval fast": each(draft_sample, large_files)}, rounds)
    table = Table("data")
    for work, name in [("train", "training samples"), ("eval", "evaluation samples"), ("decode", "decoding")]:
        table.row(f"data, {work}", f"{name}, {pictures} images", times[work], times["Pillow " + work], times["decode"])
    for work, name in [("eval large", "evaluation samples"), ("eval fast", "--fast-decode")]:
        table.row(f"data, {work}", f"{name}, {large} large images", times[work], times["Pillow " + work],
                  times["decode large"])
    for name in ["0 workers", "2 workers"]:
        wall, processor = times[name]
        print(f"loader, {name}: {pictures / wall:.0f} images per second, {processor / pictures * 1000:.3f} ms of "
              "processor time per image")


if __name__ == "__main__":
    main()
