"""Training steps of ours and of the original in turn."""

import tempfile

import numpy as np

from given import THREADS, torch
from turns import Ours, Table, begin_peak, differ, in_turn, peak_mib, timed

TOLERANCE = 1e-5 # of the losses of the first two steps; the second depends on gradients and optimiser


def compare(what, prepare, binary, images, labels, rounds, peer_rounds):
    """prepare(binary, folder, images, labels) writes our inputs into the folder and returns the peer's step."""
    torch.set_num_threads(THREADS)
    torch.manual_seed(1)
    with tempfile.TemporaryDirectory() as folder:
        step = prepare(binary, folder, images, labels)
        ours = Ours(binary, what, folder)
        ours("check")
        begin_peak()
        losses = np.array([step(), step()])
        memory = (ours.peak_mib, peak_mib())
        mine = np.fromfile(folder + "/ours.raw")
        differ(what, np.abs(mine / losses - 1).max(), TOLERANCE)
        times = in_turn({"ours": lambda: ours("step"), "products": lambda: ours("products"),
                         "peer": lambda: timed(step)}, rounds, ["peer"], peer_rounds, ["ours", "peer"])
    Table(what).row(what, f"{what}, {images} images, {labels} labels", times["ours"], times["peer"],
                    times["products"], memory)
