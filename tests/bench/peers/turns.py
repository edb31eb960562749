"""Both sides of a bench in turn: ours a process that works at each line, the peer a function."""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import time


class Ours:
    """peer_bench.cpp, kept alive so that its start does not count."""

    def __init__(self, binary, what, folder):
        self.process = subprocess.Popen([binary, what, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)

    def __call__(self, work):
        with contextlib.suppress(BrokenPipeError): # the missing answer tells
            self.process.stdin.write(work + "\n")
            self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"peer_bench: stopped at '{work}' with status {self.process.wait()}; its message is above.")
        wall, processor = line.split()
        return float(wall), float(processor)


def timed(action):
    wall, processor = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - wall, time.process_time() - processor


def in_turn(contenders, rounds):
    """contenders {name: callable → (wall, processor)} → {name: (median wall, median processor)}; one untimed run of each
    first."""
    for contender in contenders.values():
        contender()
    times = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, contender in contenders.items():
            times[name].append(contender())
    return {name: tuple(statistics.median(column) for column in zip(*rows)) for name, rows in times.items()}


class Table:
    """Prints rows and writes them to outputs/bench/<what>.jsonl; the ratio is of processor time."""

    def __init__(self, what):
        os.makedirs("outputs/bench", exist_ok=True)
        self.file = open(f"outputs/bench/{what}.jsonl", "w")
        load = " ".join(f"{value:.1f}" for value in os.getloadavg())
        print(f"load {load}, {os.cpu_count()} cores; wall / processor seconds, medians")
        print(f"{'work':<32}{'ours':>19}{'peer':>19}{'ratio':>8}{'limit':>19}{'of limit':>10}")

    def row(self, work, ours, peer, limit=None):
        entry = {"work": work, "ours": ours, "peer": peer, "ratio": peer[1] / ours[1], "wall_ratio": peer[0] / ours[0],
                 "limit": limit, "over_limit": limit and ours[1] / limit[1], "load": os.getloadavg()}
        self.file.write(json.dumps(entry) + "\n")
        self.file.flush()
        show = lambda pair: f"{pair[0]:.4f} / {pair[1]:.4f}"
        end = f"{show(limit):>19}{entry['over_limit']:>8.2f} x" if limit else f"{'-':>19}{'-':>10}"
        print(f"{work:<32}{show(ours):>19}{show(peer):>19}{entry['ratio']:>6.2f} x{end}")
