"""AP of each class and F1 of the 3 best labels against a loop over classes in NumPy.

ap.py BINARY IMAGES CLASSES ROUNDS
"""

import sys
import tempfile

import numpy as np

from turns import Ours, Table, differ, in_turn, timed


def average_precision(scores, labels, kind=None):
    """As the original: class by class, over the images that say yes or no. `kind` of sort: NumPy's fastest leaves
    the order of equal scores open, "stable" is the definition."""
    result = np.zeros(scores.shape[1])
    for c in range(scores.shape[1]):
        known = np.abs(labels[:, c]) == 1
        present = labels[known, c] == 1
        if not present.any():
            continue
        present = present[np.argsort(-scores[known, c], kind=kind)]
        precision = np.cumsum(present) / np.arange(1, len(present) + 1)
        result[c] = precision[present].sum() / present.sum()
    return result


def f1(scores, labels, k, kind=None):
    best = np.argsort(-scores, axis=1, kind=kind)[:, :k]
    hits = (np.take_along_axis(labels, best, axis=1) == 1).sum()
    precision, recall = hits / best.size, hits / (labels == 1).sum()
    return 2 * precision * recall / (precision + recall)


def main():
    binary, images, classes, rounds = sys.argv[1], *map(int, sys.argv[2:])
    rng = np.random.default_rng(1)
    scores = rng.standard_normal((images, classes), dtype=np.float32)
    drawn = rng.random((images, classes), dtype=np.float32)
    labels = (drawn < 0.02).astype(np.int8) - (drawn > 0.3).astype(np.int8)
    with tempfile.TemporaryDirectory() as folder:
        scores.tofile(folder + "/scores.raw")
        labels.tofile(folder + "/labels.raw")
        with open(folder + "/shape", "w") as file:
            file.write(f"{images} {classes}")
        ours = Ours(binary, "ap", folder)
        ours("check")
        peer = np.append(average_precision(scores, labels, "stable"), f1(scores, labels, 3, "stable"))
        differ("ap", np.abs(np.fromfile(folder + "/ours.raw") - peer).max(), 1e-6)

        def loop():
            average_precision(scores, labels)
            f1(scores, labels, 3)

        times = in_turn({"ours": lambda: ours("ap"), "peer": lambda: timed(loop)}, rounds)
    Table("ap").row("ap", f"AP + F1, {images} x {classes}", times["ours"], times["peer"])


main()
