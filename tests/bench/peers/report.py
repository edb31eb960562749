"""Prints all rows of outputs/bench/*.jsonl as one Markdown table; times are processor (wall).

report.py
"""

import json
import os

BENCHES = ["stage1", "stage2", "encode", "data", "eval", "infer", "ap"]
NAMES = {"ratio": "", "wall_ratio": "wall ", "memory_ratio": "memory ", "over_limit": "of the limit ", "wall": "seconds "}


def entries():
    for bench in BENCHES:
        try:
            with open(f"outputs/bench/{bench}.jsonl") as file:
                yield from map(json.loads, file)
        except FileNotFoundError:
            print(f"(no outputs/bench/{bench}.jsonl: run scripts/bench.sh {bench})\n")


def seconds(value):
    return f"{value:.2f} s" if value >= 1 else f"{1000 * value:.3g} ms"


def side(times, memory):
    return f"{seconds(times[1])} ({seconds(times[0])})" + (f", {memory:,.0f} MiB" if memory else "")


def ratios(entry):
    shown = [f"{entry['ratio']:.2f} ({entry['wall_ratio']:.2f})"]
    if entry["memory_ratio"]:
        shown.append(f"memory {entry['memory_ratio']:.1f}")
    return ", ".join(shown)


def aims(entry):
    sign = {">=": "≥", "<=": "≤"}
    return "; ".join(f"{NAMES[aim['what']]}{sign[aim['sign']]} {aim['aim']:.3g}: {'met' if aim['met'] else '**missed**'}"
                     for aim in entry["aims"])


def machine(rows):
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "unknown CPU")
    loads = [entry["load"][0] for entry in rows]
    return f"{model}, {os.cpu_count()} cores, load {min(loads):.1f} to {max(loads):.1f}"


def main():
    rows = list(entries())
    if not rows:
        return
    print(f"{machine(rows)}.\n\n| work | ours | peer | ratio | aim | over the limit |\n|---|---|---|---|---|---|")
    for entry in rows:
        memory = entry["memory_mib"] or [None, None]
        limit = f"{entry['over_limit']:.2f}" if entry["over_limit"] else ""
        print(f"| {entry['work']} | {side(entry['ours'], memory[0])} | {side(entry['peer'], memory[1])} | "
              f"{ratios(entry)} | {aims(entry)} | {limit} |")


main()
