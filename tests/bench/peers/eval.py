"""Evaluation: decoding, encoding (ViT-B/16, fp32, two threads) and scores over 925 + 81 labels, against the original's
loop with Pillow in worker processes. The limit is the matrix products of the encoder's blocks.

eval.py BINARY IMAGES ROUNDS PEER_ROUNDS
"""

import resource
import sys
import tempfile

import numpy as np
from PIL import Image

import augment
import given
from data import write_pictures
from given import THREADS, torch
from original import scores
from torch_clip import student_of
from turns import Ours, Table, begin_peak, differ, in_turn, peak_mib, timed

SEEN, UNSEEN = 925, 81
BATCH, WORKERS = 471, 8 # the original's defaults
TOLERANCE = 2e-2 # of the largest score: two builds of libjpeg may differ by a few levels


class Pictures(torch.utils.data.Dataset):
    def __init__(self, paths):
        self.paths = paths

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, i):
        return torch.from_numpy(augment.normalised(augment.evaluation_sample(
            Image.open(self.paths[i]).convert("RGB"), 224)))


def evaluate(encoder, paths, labels):
    """Scores over all labels, (N, S + U). As in the original, scores over the unseen labels are computed too."""
    all_unseen, everything = torch.empty(len(paths), UNSEEN), torch.empty(len(paths), SEEN + UNSEEN)
    done = 0
    for images in torch.utils.data.DataLoader(Pictures(paths), BATCH, num_workers=WORKERS):
        rows = slice(done, done + len(images))
        done = rows.stop
        with torch.no_grad():
            tokens = encoder(images)
            all_unseen[rows] = scores(tokens, labels[SEEN:])
            everything[rows] = scores(tokens, labels)
    return everything


def with_workers(action):
    """As timed, plus the processor time of worker processes, which end before action does."""
    children = lambda: sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    before = children()
    wall, processor = timed(action)
    return wall, processor + children() - before


def main():
    binary, pictures, rounds, peer_rounds = sys.argv[1], *map(int, sys.argv[2:])
    torch.set_num_threads(THREADS)
    torch.manual_seed(1)
    with tempfile.TemporaryDirectory() as folder:
        encoder = student_of(given.student_weights(given.clip_weights(binary, folder), folder)).eval()
        labels = torch.randn(SEEN + UNSEEN, 512)
        torch.save({"label_features": labels, "unseen": labels[SEEN:].clone()}, folder + "/given.pth")
        paths = write_pictures(pictures, folder)
        ours = Ours(binary, "eval", folder)
        ours("check")
        begin_peak()
        wanted = evaluate(encoder, paths, labels).numpy()
        memory = (ours.peak_mib, peak_mib())
        mine = np.fromfile(folder + "/ours.raw", np.float32).reshape(wanted.shape)
        differ("eval", np.abs(mine - wanted).max() / np.abs(wanted).max(), TOLERANCE)
        times = in_turn({"ours": lambda: ours("eval"), "products": lambda: ours("products"),
                         "peer": lambda: with_workers(lambda: evaluate(encoder, paths, labels))},
                        rounds, ["peer"], peer_rounds, ["ours", "peer"])
    Table("eval").row("eval", f"eval, {pictures} images", times["ours"], times["peer"], times["products"], memory)
    rate = lambda side: pictures / times[side][0]
    print(f"images per second: ours {rate('ours'):.2f}, peer {rate('peer'):.2f}")


main()
