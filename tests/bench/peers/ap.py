"""AP of each class and F1 at 3, against a loop over classes: the original's in torch, and the same in NumPy.

ap.py BINARY IMAGES CLASSES ROUNDS
"""

import sys
import tempfile

import numpy as np
import torch

from turns import Ours, Table, differ, in_turn, timed


def torch_precision(scores, labels, stable=False):
    """AP per class over its annotated images, best first. torch.sort leaves the order of equal scores open; `stable`
    follows the definition."""
    result = torch.zeros(scores.shape[1], dtype=torch.float64)
    for c in range(scores.shape[1]):
        if not (labels[:, c] > 0).any():
            continue
        known = labels[:, c].abs() == 1
        order = scores[known, c].sort(descending=True, stable=stable)[1]
        present = (labels[known, c] == 1)[order].double()
        precision = present.cumsum(0) / (present.cumsum(0) + (1 - present).cumsum(0))
        result[c] = (present * precision).sum() / present.sum()
    return result


def torch_f1(scores, labels, k):
    chosen = torch.zeros_like(scores).scatter_(1, scores.topk(k, dim=1)[1], 1.0) == 1
    hits = (labels[chosen] == 1).sum().item()
    precision, recall = hits / chosen.sum().item(), hits / (labels == 1).sum().item()
    return 2 * precision * recall / (precision + recall)


def numpy_precision(scores, labels):
    """AP per class with NumPy's fastest sort."""
    result = np.zeros(scores.shape[1])
    for c in range(scores.shape[1]):
        known = np.abs(labels[:, c]) == 1
        present = labels[known, c] == 1
        if not present.any():
            continue
        present = present[np.argsort(-scores[known, c])]
        precision = np.cumsum(present) / np.arange(1, len(present) + 1)
        result[c] = precision[present].sum() / present.sum()
    return result


def numpy_f1(scores, labels, k):
    best = np.argsort(-scores, axis=1)[:, :k]
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
        tables = torch.from_numpy(scores), torch.from_numpy(labels)
        peer = np.append(torch_precision(*tables, stable=True).numpy(), torch_f1(*tables, 3))
        differ("ap", np.abs(np.fromfile(folder + "/ours.raw") - peer).max(), 1e-6)

        def torch_loop():
            torch_precision(*tables)
            torch_f1(*tables, 3)

        def numpy_loop():
            numpy_precision(scores, labels)
            numpy_f1(scores, labels, 3)

        times = in_turn({"ours": lambda: ours("ap"), "torch": lambda: timed(torch_loop),
                         "NumPy": lambda: timed(numpy_loop)}, rounds, few=["torch"], few_rounds=1, ready=["torch"])
    table = Table("ap")
    for peer in ("torch", "NumPy"):
        table.row(f"ap, {peer}", f"AP + F1, {images} x {classes}, {peer}", times["ours"], times[peer])


main()
