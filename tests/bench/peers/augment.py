"""timm's "rand-m9-mstd0.5-inc1" and its random resized crop, stated in Pillow."""

import math
import random

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

FILL = (124, 116, 104)
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)


def affine(image, matrix):
    return image.transform(image.size, Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC, fillcolor=FILL)


def signed(value):
    return value if random.random() < 0.5 else -value


def solarize_add(image, amount):
    table = [min(255, value + amount) if value < 128 else value for value in range(256)]
    return image.point(table * 3)


def enhance(kind):
    return lambda image, m: kind(image).enhance(max(0.1, 1 + signed(0.09 * m)))


OPERATIONS = [
    lambda image, m: ImageOps.autocontrast(image),
    lambda image, m: ImageOps.equalize(image),
    lambda image, m: ImageOps.invert(image),
    lambda image, m: image.rotate(signed(3 * m), resample=Image.Resampling.BICUBIC, fillcolor=FILL),
    lambda image, m: ImageOps.posterize(image, 4 - int(0.4 * m)),
    lambda image, m: ImageOps.solarize(image, 256 - int(25.6 * m)),
    lambda image, m: solarize_add(image, int(11 * m)),
    enhance(ImageEnhance.Color),
    enhance(ImageEnhance.Contrast),
    enhance(ImageEnhance.Brightness),
    enhance(ImageEnhance.Sharpness),
    lambda image, m: affine(image, (1, signed(0.03 * m), 0, 0, 1, 0)),
    lambda image, m: affine(image, (1, 0, 0, signed(0.03 * m), 1, 0)),
    lambda image, m: affine(image, (1, 0, signed(0.045 * m) * image.width, 0, 1, 0)),
    lambda image, m: affine(image, (1, 0, 0, 0, 1, signed(0.045 * m) * image.height)),
]


def rand_augment(image):
    for operation in random.choices(OPERATIONS, k=2):
        if random.random() < 0.5:
            image = operation(image, min(10.0, max(0.0, random.gauss(9, 0.5))))
    return image


def random_crop(image, size):
    for _ in range(10):
        area = image.width * image.height * random.uniform(0.08, 1)
        aspect = math.exp(random.uniform(math.log(3 / 4), math.log(4 / 3)))
        width, height = round(math.sqrt(area * aspect)), round(math.sqrt(area / aspect))
        if 0 < width <= image.width and 0 < height <= image.height:
            break
    else:
        width = height = min(image.size)
    left, top = random.randint(0, image.width - width), random.randint(0, image.height - height)
    part = image.crop((left, top, left + width, top + height))
    return part.resize((size, size), Image.Resampling.BICUBIC)


def training_sample(image, size):
    image = random_crop(image, size)
    if random.random() < 0.5:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return rand_augment(image)


def evaluation_sample(image, size):
    short = size * 8 // 7
    ratio = short / min(image.size)
    width, height = (short if side == min(image.size) else int(side * ratio) for side in image.size)
    left, top = round((width - size) / 2), round((height - size) / 2)
    return image.resize((width, height), Image.Resampling.BICUBIC).crop((left, top, left + size, top + size))


def normalised(image):
    """(3, S, S) float32."""
    return np.ascontiguousarray(((np.asarray(image, np.float32) / 255 - MEAN) / DEVIATION).transpose(2, 0, 1))
