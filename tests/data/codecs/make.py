#!/usr/bin/env python3
"""Writes the image files of this folder, and beside each the pixels that Pillow reads from it.

Usage: make.py   (needs Pillow 13 with AVIF, pillow-heif 1.8 and NumPy; writes into its own folder)

X.EXT is a file; X.EXT.png holds Image.open(X.EXT).convert("RGB"); X.EXT.upright.png the same after
ImageOps.exif_transpose(), for files with an orientation. What Pillow cannot write is assembled here from bytes.
"""
import io
import pathlib
import struct
import zlib

import numpy as np
import pillow_heif
from PIL import ExifTags, Image, ImageOps, features

HERE = pathlib.Path(__file__).resolve().parent
WIDTH, HEIGHT = 37, 23


def picture(width=WIDTH, height=HEIGHT, channels=3, shift=0):
    """Slopes with edges: no two rows, columns or channels are equal."""
    y, x, c = np.mgrid[0:height, 0:width, 0:channels]
    values = 5 * x + 7 * y + 60 * c + 40 * ((x // 9 + y // 7 + c) % 2) + shift
    return (values % 256).astype(np.uint8)


def smooth(width, height):
    y, x = np.mgrid[0:height, 0:width]
    planes = [255 * x / (width - 1), 255 * y / (height - 1), 255 * (x + y) / (width + height - 2)]
    return np.stack(planes, 2).round().astype(np.uint8)


def expect(name, upright=False, pixels=None):
    image = Image.open(HERE / name)
    shown = image.convert("RGB") if pixels is None else Image.fromarray(pixels)
    shown.save(HERE / (name + ".png"), optimize=True)
    if upright:
        turned = ImageOps.exif_transpose(Image.open(HERE / name)).convert("RGB")
        turned.save(HERE / (name + ".upright.png"), optimize=True)


def write(name, content, **options):
    (HERE / name).write_bytes(content)
    expect(name, **options)


def save(name, image, upright=False, pixels=None, **options):
    image.save(HERE / name, **options)
    expect(name, upright=upright, pixels=pixels)


def exif(orientation):
    tags = Image.Exif()
    tags[ExifTags.Base.Orientation] = orientation
    return tags


XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="8"/></x:xmpmeta>'


def jpegs_and_pngs():
    image = Image.fromarray(picture(24, 16))
    for orientation in range(1, 9):
        save(f"turned{orientation}.jpg", image, upright=True, exif=exif(orientation), quality=90, subsampling=0)
    save("xmp.jpg", image, upright=True, xmp=XMP, quality=90, subsampling=0)
    save("turned5.png", image, upright=True, exif=exif(5))
    whole = (HERE / "turned5.png").read_bytes()
    at = whole.index(b"eXIf") - 4
    size = 12 + struct.unpack(">I", whole[at : at + 4])[0]
    end = whole.index(b"IEND") - 4
    write("late_exif.png", whole[:at] + whole[at + size : end] + whole[at : at + size] + whole[end:], upright=True)


def webps():
    rgb = Image.fromarray(picture())
    rgba = Image.fromarray(picture(channels=4))
    save("lossy.webp", Image.fromarray(smooth(WIDTH, HEIGHT)), quality=80)
    save("lossless.webp", rgb, lossless=True)
    save("alpha.webp", rgba, lossless=True, exact=True)
    save("lossy_alpha.webp", rgba, quality=80)
    save("animated.webp", rgb, save_all=True, append_images=[Image.fromarray(picture(shift=90))], lossless=True)
    save("turned6.webp", rgb, upright=True, lossless=True, exif=exif(6))
    save("xmp.webp", rgb, upright=True, lossless=True, xmp=XMP)


def tiff(tags, strips, order="<"):
    """An uncompressed TIFF: tags {number: (type, values)}; 273 and 279 are filled in from the strips."""
    types = {3: "H", 4: "I"}
    tags = dict(tags)
    at = 8
    offsets = []
    for strip in strips:
        offsets.append(at)
        at += len(strip) + len(strip) % 2
    place, length = (324, 325) if 322 in tags else (273, 279)
    tags[place] = (4, offsets)
    tags[length] = (4, [len(strip) for strip in strips])
    body = b"".join(strip + b"\0" * (len(strip) % 2) for strip in strips)
    entries, extra = b"", b""
    start = at + 2 + 12 * len(tags) + 4
    for tag in sorted(tags):
        kind, values = tags[tag]
        data = struct.pack(order + types[kind] * len(values), *values)
        if len(data) > 4:
            data, extra = struct.pack(order + "I", start + len(extra)), extra + data
        entries += struct.pack(order + "HHI", tag, kind, len(values)) + data.ljust(4, b"\0")
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", at)
    return head + body + struct.pack(order + "H", len(tags)) + entries + b"\0\0\0\0" + extra


def described(photometric, bits, samples=1, rows=HEIGHT, **more):
    tags = {256: (4, [WIDTH]), 257: (4, [HEIGHT]), 258: (3, [bits] * samples), 259: (3, [1]),
            262: (3, [photometric]), 277: (3, [samples]), 278: (4, [rows])}
    tags.update({int(key[1:]): value for key, value in more.items()})
    return tags


def packed(values, bits):
    """Rows of values of fewer than 8 bits, each row padded to a whole byte."""
    rows = []
    for row in values:
        text = "".join(format(int(value), f"0{bits}b") for value in row)
        text += "0" * (-len(text) % 8)
        rows.append(int(text, 2).to_bytes(len(text) // 8, "big"))
    return b"".join(rows)


def tiffs():
    rgb = picture()
    image = Image.fromarray(rgb)
    grey = Image.fromarray(rgb[..., 0])
    save("raw.tif", image)
    save("lzw.tif", image, compression="tiff_lzw", tiffinfo={317: 2})
    save("deflate.tif", image, compression="tiff_adobe_deflate")
    save("packbits.tif", grey, compression="packbits")
    save("fax.tif", grey.convert("1"), compression="group4")
    save("palette.tif", image.quantize(16))
    save("cmyk.tif", Image.frombytes("CMYK", (WIDTH, HEIGHT), picture(channels=4).tobytes()))
    save("alpha.tif", Image.fromarray(picture(channels=4)))
    save("jpeg.tif", Image.fromarray(smooth(WIDTH, HEIGHT)), compression="jpeg", quality=90)
    save("pages.tif", image, save_all=True, append_images=[Image.fromarray(picture(shift=90))])
    save("turned6.tif", image, upright=True, tiffinfo={274: 6})
    save("turned3.tif", image, upright=True, tiffinfo={274: 3}, compression="tiff_lzw")
    deep = picture().astype(np.uint16) * 257 + np.arange(WIDTH, dtype=np.uint16)[None, :, None]
    for order, name in (("<", "deep_little.tif"), (">", "deep_big.tif")):
        write(name, tiff(described(2, 16, 3), [deep.astype(order + "u2").tobytes()], order))
    high = np.repeat((deep[..., :1] >> 8).astype(np.uint8), 3, 2)  # Pillow's own pixels are white nearly everywhere
    write("deep_grey.tif", tiff(described(1, 16), [deep[..., 0].astype("<u2").tobytes()]), pixels=high)
    write("white_is_0.tif", tiff(described(0, 8), [rgb[..., 0].tobytes()]))
    write("bits2.tif", tiff(described(1, 2), [packed(rgb[..., 0] >> 6, 2)]))
    write("bits4.tif", tiff(described(0, 4, rows=5), [packed(rgb[y : y + 5, :, 0] >> 4, 4) for y in range(0, HEIGHT, 5)]))
    planes = [rgb[y : y + 10, :, c].tobytes() for c in range(3) for y in range(0, HEIGHT, 10)]
    write("planes.tif", tiff(described(2, 8, 3, rows=10, t284=(3, [2])), planes))
    write("premultiplied.tif", tiff(described(2, 8, 4, t338=(3, [1])), [picture(channels=4).tobytes()]))
    tiles = []
    padded = np.zeros((32, 48, 3), np.uint8)
    padded[:HEIGHT, :WIDTH] = rgb
    for y in range(0, 32, 16):
        tiles += [padded[y : y + 16, x : x + 16].tobytes() for x in range(0, 48, 16)]
    tags = described(2, 8, 3, t322=(4, [16]), t323=(4, [16]))
    del tags[278]
    write("tiles.tif", tiff(tags, tiles))


def bmp(bits, data, palette=b"", compression=0, height=HEIGHT, masks=b"", colours=0):
    offset = 14 + 40 + len(masks) + len(palette)
    header = struct.pack("<IiiHHIIiiII", 40, WIDTH, height, 1, bits, compression, len(data), 0, 0, colours, 0)
    return b"BM" + struct.pack("<IHHI", offset + len(data), 0, 0, offset) + header + masks + palette + data


def bmp_rows(rows):
    return b"".join(row + b"\0" * (-len(row) % 4) for row in rows)


def bmps():
    rgb = picture()
    image = Image.fromarray(rgb)
    save("rgb.bmp", image)
    save("grey.bmp", Image.fromarray(rgb[..., 1]))
    save("palette.bmp", image.quantize(200))
    save("black_white.bmp", Image.fromarray(rgb[..., 0]).convert("1"))
    save("alpha.bmp", Image.fromarray(picture(channels=4)))
    bgr = rgb[..., ::-1]
    write("top_down.bmp", bmp(24, bmp_rows([row.tobytes() for row in bgr]), height=-HEIGHT))
    words = rgb.astype(np.uint16) >> 3
    five = (words[..., 0] << 10 | words[..., 1] << 5 | words[..., 2])[::-1]
    write("bits15.bmp", bmp(16, bmp_rows([row.astype("<u2").tobytes() for row in five])))
    six = (words[..., 0] << 11 | (rgb[..., 1].astype(np.uint16) >> 2) << 5 | words[..., 2])[::-1]
    masks = struct.pack("<III", 0xF800, 0x7E0, 0x1F)
    write("bits16.bmp", bmp(16, bmp_rows([row.astype("<u2").tobytes() for row in six]), compression=3, masks=masks))
    colours = b"".join(bytes([15 * i, 255 - 11 * i, 7 * i, 0]) for i in range(16))
    index = (picture(channels=1)[..., 0] >> 4)[::-1]
    write("bits4.bmp", bmp(4, bmp_rows([packed([row], 4) for row in index]), colours, colours=16))
    runs8, runs4 = b"", b""
    for y, row in enumerate(index):
        if y == 3:  # a row of absolute pixels
            runs8 += bytes([0, WIDTH]) + row.tobytes() + b"\0" * (WIDTH % 2) + b"\0\0"
            runs4 += bytes([0, WIDTH]) + packed([row], 4) + b"\0" * ((WIDTH + 1) // 2 % 2) + b"\0\0"
        elif y == 5:  # ends early; then 2 right, 1 up
            runs8 += b"\5\1\0\2\2\1" + b"\3\7\0\0"
            runs4 += b"\5\x12\0\2\2\1" + b"\3\x79\0\0"
        elif y != 6:
            runs8 += b"".join(bytes([1, value]) for value in row) + b"\0\0"
            runs4 += b"".join(bytes([1, int(value) << 4]) for value in row) + b"\0\0"
    write("runs8.bmp", bmp(8, runs8 + b"\0\1", colours, compression=1, colours=16))
    write("runs4.bmp", bmp(4, runs4 + b"\0\1", colours, compression=2, colours=16))
    core = struct.pack("<IHHHH", 12, WIDTH, HEIGHT, 1, 24)
    data = bmp_rows([row.tobytes() for row in bgr[::-1]])
    write("os2.bmp", b"BM" + struct.pack("<IHHI", 26 + len(data), 0, 0, 26) + core + data)


def gif_data(index, interlaced=False):
    """LZW data that never grow a code beyond 9 bits: a clear code every 200 pixels."""
    rows = list(range(len(index)))
    if interlaced:
        rows = rows[0::8] + rows[4::8] + rows[2::4] + rows[1::2]
    codes = []
    for i, value in enumerate(np.concatenate([index[y] for y in rows])):
        if i % 200 == 0:
            codes.append(256)
        codes.append(int(value))
    codes.append(257)
    bits = sum(code << 9 * i for i, code in enumerate(codes))
    data = bits.to_bytes((9 * len(codes) + 7) // 8, "little")
    blocks = b"".join(bytes([len(data[i : i + 255])]) + data[i : i + 255] for i in range(0, len(data), 255))
    return b"\x08" + blocks + b"\0"


def gif(index, screen=(WIDTH, HEIGHT), at=(0, 0), table=None, local=None, transparent=None, interlaced=False):
    head = b"GIF89a" + struct.pack("<HHBBB", *screen, 0xF7 if table else 0x70, 3, 0) + (table or b"")
    if transparent is not None:
        head += b"\x21\xF9\x04\x01\0\0" + bytes([transparent]) + b"\0"
    flags = (0x87 if local else 0) | (0x40 if interlaced else 0)
    frame = b"," + struct.pack("<HHHHB", *at, index.shape[1], index.shape[0], flags) + (local or b"")
    return head + frame + gif_data(index, interlaced) + b";"


def gifs():
    rgb = picture()
    table = bytes((37 * i + 11 * c) % 256 for i in range(256) for c in range(3))
    other = bytes((91 * i + 53 * c) % 256 for i in range(256) for c in range(3))
    index = rgb[..., 0]
    save("palette.gif", Image.fromarray(rgb).quantize(64))
    save("animated.gif", Image.fromarray(rgb).quantize(64), save_all=True, append_images=[Image.fromarray(picture(shift=90))])
    write("interlaced.gif", gif(index, table=table, interlaced=True))
    write("local.gif", gif(index, table=table, local=other))
    write("no_table.gif", gif(index))
    write("offset.gif", gif(index[:9, :12], at=(5, 3), table=table))
    write("offset_transparent.gif", gif(index[:9, :12], at=(5, 3), table=table, transparent=77))
    write("beyond.gif", gif(index[:20, :30], screen=(25, 15), at=(2, 4), table=table))


def heifs():
    image = Image.fromarray(smooth(64, 48))
    save("smooth.avif", image, quality=80)
    save("alpha.avif", Image.fromarray(np.dstack([smooth(64, 48), smooth(64, 48)[..., 0]])), quality=80)
    save("grey.avif", Image.fromarray(smooth(64, 48)[..., 2]), quality=80)
    for orientation in (6, 2):
        save(f"turned{orientation}.avif", image, upright=True, quality=80, exif=exif(orientation))
    pillow_heif.register_heif_opener()
    save("smooth.heic", image, quality=80)
    save("alpha.heic", Image.fromarray(np.dstack([smooth(64, 48), smooth(64, 48)[..., 0]])), quality=80)
    save("turned6.heic", image, upright=True, quality=80, exif=exif(6).tobytes())


if __name__ == "__main__":
    assert features.check("avif"), "expected Pillow with AVIF"
    for make in (jpegs_and_pngs, webps, tiffs, bmps, gifs, heifs):
        make()
