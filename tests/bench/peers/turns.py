"""Runs both sides of a bench in turn: ours is a process that does one piece of work per line, the peer a function."""

import contextlib
import ctypes
import json
import os
import statistics
import subprocess
import sys
import time

from aims import judged


class Ours:
    """A peer_bench process, kept alive so that its start does not count."""

    def __init__(self, binary, what, folder):
        self.process = subprocess.Popen([binary, what, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        self.peak_mib = 0 # peak memory of the work so far

    def __call__(self, work):
        with contextlib.suppress(BrokenPipeError): # the missing answer is reported below
            self.process.stdin.write(work + "\n")
            self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"peer_bench: expected an answer to '{work}', got exit status {self.process.wait()}; "
                     "its message is above.")
        wall, processor, self.peak_mib = map(float, line.split())
        return wall, processor


def begin_peak():
    """Returns freed memory to the system and restarts peak_mib."""
    ctypes.CDLL(None).malloc_trim(0)
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")


def peak_mib():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM:")) / 1024


def timed(action):
    wall, processor = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - wall, time.process_time() - processor


def in_turn(contenders, rounds, few=(), few_rounds=0, ready=()):
    """contenders {name: callable → (wall, processor)} → {name: (median wall, median processor)}. Each runs once untimed
    first, except those in `ready`. Those in `few` take part only in the first few_rounds."""
    for name, contender in contenders.items():
        if name not in ready:
            contender()
    times = {name: [] for name in contenders}
    for turn in range(rounds):
        for name, contender in contenders.items():
            if name not in few or turn < few_rounds:
                times[name].append(contender())
    return {name: tuple(statistics.median(column) for column in zip(*rows)) for name, rows in times.items()}


def differ(what, found, tolerance):
    """Ends the bench if results differ by more than the tolerance; prints the difference."""
    if not found <= tolerance: # NaN is refused too
        sys.exit(f"{what}: expected our results within {tolerance:g} of the peer's, got {found:.3g}; "
                 "nothing was timed.")
    print(f"difference of results: {found:.2g}, {tolerance:g} allowed")


class Table:
    """Prints rows and writes them to outputs/bench/<what>.jsonl. The ratio is of processor times."""

    def __init__(self, what):
        os.makedirs("outputs/bench", exist_ok=True)
        self.file = open(f"outputs/bench/{what}.jsonl", "w")
        load = " ".join(f"{value:.1f}" for value in os.getloadavg())
        print(f"load {load}, {os.cpu_count()} cores; wall / processor seconds, medians")
        print(f"{'work':<40}{'ours':>19}{'peer':>19}{'ratio':>10}{'limit':>19}{'of limit':>10}")

    def row(self, row, work, ours, peer, limit=None, memory=None):
        """Adds a row. row: its name in aims.py; memory: peak MiB of both sides."""
        entry = {"row": row, "work": work, "ours": ours, "peer": peer, "ratio": peer[1] / ours[1],
                 "wall_ratio": peer[0] / ours[0], "wall": ours[0], "limit": limit,
                 "over_limit": limit and ours[1] / limit[1], "memory_mib": memory,
                 "memory_ratio": memory and memory[1] / memory[0], "load": os.getloadavg()}
        entry["aims"] = judged(row, entry)
        self.file.write(json.dumps(entry) + "\n")
        self.file.flush()
        show = lambda pair: f"{pair[0]:.4g} / {pair[1]:.4g}"
        end = f"{show(limit):>19}{entry['over_limit']:>8.2f} x" if limit else f"{'-':>19}{'-':>10}"
        print(f"{work:<40}{show(ours):>19}{show(peer):>19}{entry['ratio']:>8.2f} x{end}")
        if memory:
            print(f"{'  peak memory, MiB':<40}{memory[0]:>19.0f}{memory[1]:>19.0f}{entry['memory_ratio']:>8.2f} x")
