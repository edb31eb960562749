#!/usr/bin/env python3
"""Draws comments of the C++ sources at random, for review against the rules for prose in CONTRIBUTING.md.

Usage: scripts/comments.py [--count N] [--seed S]

A comment is a run of // lines, or one after code. The same seed draws the same comments of the same tree.
"""
import argparse
import pathlib
import random
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent
COMMENT = re.compile(r'^(?P<code>(?:[^"/]|"(?:\\.|[^"\\])*"|/(?!/))*)//+<?!? ?(?P<text>.*)$')


def comments(path):
    """(line number, text) of each comment in a file."""
    run = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        found = COMMENT.match(line)
        alone = found and not found["code"].strip()
        if run and not alone:
            yield run[0][0], " ".join(text for _, text in run)
            run = []
        if found and alone:
            run.append((number, found["text"].strip()))
        elif found:
            yield number, found["text"].strip()
    if run:
        yield run[0][0], " ".join(text for _, text in run)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=60, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    arguments = parser.parse_args()
    found = [
        (path.relative_to(ROOT), number, text)
        for folder in ("apps", "include", "src", "tests")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in (".h", ".cpp")
        for number, text in comments(path)
        if re.search(r"[a-z]{3}", text) and not re.match(r"namespace\b", text)
    ]
    for path, number, text in sorted(random.Random(arguments.seed).sample(found, min(arguments.count, len(found)))):
        print(f"{path}:{number}: {text}")


if __name__ == "__main__":
    main()
