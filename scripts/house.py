#!/usr/bin/env python3
"""Checks the source tree against the ladder of rooms in cmake/Rooms.cmake, and prints its sizes.

Usage: scripts/house.py [--check] [--functions N]

Without options: tables of the rooms (sources, lines) and of function lengths, with the N longest functions (default 5).
--check: one line per fault on standard error; exit code 1 if there are any:
  an include that goes up the ladder, a header in include/mkt that mkt/mkt.h does not reach or that includes a
  private header, a header name in two rooms, a command-line flag in a string outside commands/ and cli/,
  a format of fmt with another number of arguments,
  a room over 2,500 lines or 20 sources, a function over 50 lines, more than 1 % of functions over 30 lines.
"""
import argparse
import collections
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
MOST_LINES, MOST_SOURCES = 2500, 20
LONGEST_FUNCTION, LONG_FUNCTION, LONG_SHARE = 50, 30, 0.01
FLAG_ROOMS = {"commands", "cli"}
API = "mkt/mkt.h"
CONTROL = re.compile(r"\s*(if|else|for|while|switch|do|try|catch|namespace|class|struct|enum|union|extern|return)\b")


def ladder():
    text = (ROOT / "cmake/Rooms.cmake").read_text()
    return re.search(r"set\(MKT_ROOMS\s+([^)]*)\)", text).group(1).split()


def room_of(path):
    """The room of a file under src/ or include/mkt/; "" for headers without a room (torch.h, mkt.h)."""
    parts = path.relative_to(ROOT).parts
    inside = parts[1:] if parts[0] == "src" else parts[2:]
    return inside[0] if len(inside) > 1 else ""


def files(*endings):
    for folder in ("src", "include/mkt"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in endings:
                yield path


def includes(path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        found = re.match(r'#include "([^"]+)"', line)
        if found:
            yield number, found.group(1)


def included_file(name):
    return ROOT / ("include" if name.startswith("mkt/") else "src") / name


def place(path, number):
    return f"{path.relative_to(ROOT)}:{number}"


def wrong_arrows(rooms):
    for path in files(".h", ".cpp"):
        own = room_of(path)
        for number, name in includes(path):
            target = included_file(name)
            if not target.exists():
                yield f'{place(path, number)}: expected a header named from the source root, got "{name}".'
                continue
            room = room_of(target)
            if own and room and rooms.index(room) > rooms.index(own):
                yield f"{place(path, number)}: {own} may use only rooms before it on the ladder, got {name}."


def wrong_headers():
    reached, open_ends = set(), [API]
    while open_ends:
        name = open_ends.pop()
        if name in reached:
            continue
        reached.add(name)
        for number, inner in includes(ROOT / "include" / name):
            if inner.startswith("mkt/"):
                open_ends.append(inner)
            else:
                yield f'include/{name}:{number}: expected an installed header (mkt/…), got "{inner}".'
    names = collections.defaultdict(set)
    for path in files(".h"):
        names[path.name].add(room_of(path))
        if "include" in path.relative_to(ROOT).parts[:1]:
            name = str(path.relative_to(ROOT / "include"))
            if name not in reached:
                yield f"include/{name}: expected a header that {API} reaches. Move it to src/, beside its source."
    for name, rooms in names.items():
        if len(rooms) > 1:
            yield f"{name}: expected a header name of one room, got {', '.join(sorted(rooms))}."


def without_comments(text):
    """The text with blanks in place of its comments; // in a string is no comment."""
    parts = r'''"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])'|//[^\n]*'''
    return re.sub(parts, lambda part: " " * len(part.group(0)) if part.group(0)[0] == "/" else part.group(0), text)


def wrong_flags():
    literal = re.compile(r'"(?:\\.|[^"\\])*"')
    for path in files(".h", ".cpp"):
        if room_of(path) in FLAG_ROOMS:
            continue
        for number, line in enumerate(without_comments(path.read_text()).splitlines(), 1):
            for text in literal.findall(line):
                flag = re.search(r"(?<![\w-])--[a-z][a-z-]+", text)
                if flag:
                    yield f"{place(path, number)}: expected no flag below commands/, got {flag.group(0)} in {text}."


def calls(text, names):
    """(position, arguments as text) of each call of one of the names, a regular expression."""
    for found in re.finditer(rf"(?<![\w:])({names})\(", text):
        arguments, depth, begin, i = [], 0, found.end(), found.end()
        while i < len(text):
            literal = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])+\'').match(text, i)
            if literal:
                i = literal.end()
                continue
            if text[i] in "([{":
                depth += 1
            elif text[i] in ")]}" and depth > 0:
                depth -= 1
            elif text[i] in ",)" and depth == 0:
                arguments.append(text[begin:i].strip())
                begin = i + 1
                if text[i] == ")":
                    break
            i += 1
        yield found.start(), arguments


def wrong_formats():
    """C++17 checks fmt's formats when they are used, which for a message of an error may be never."""
    literal = r'"((?:\\.|[^"\\])*)"'
    for path in files(".h", ".cpp"):
        text = without_comments(path.read_text())
        for start, arguments in calls(text, r"(?:mkt::)?log::(?:info|warning|error)|fmt::format"):
            if not arguments or not re.fullmatch(rf"({literal}\s*)+", arguments[0]):
                continue  # a message that is not a format, or a declaration
            if len(arguments) == 1 and "log::" in text[start : start + 12]:
                continue
            format_text = "".join(re.findall(literal, arguments[0]))
            format_text = re.sub(r"\{:[^{}]*\{\}[^{}]*\}", "{}{}", format_text)  # a width that is an argument
            fields = re.findall(r"\{([^{}:]*)[^{}]*\}", format_text.replace("{{", "").replace("}}", ""))
            numbers = [int(field) for field in fields if field.isdigit()]
            places = max(numbers) + 1 if numbers else len(fields)
            if places != len(arguments) - 1:
                number = text.count("\n", 0, start) + 1
                yield f"{place(path, number)}: expected {places} arguments of the format, got {len(arguments) - 1}."


def first_line(lines, i):
    """The first line of the statement that ends in line i."""
    while i > 0:
        before = lines[i - 1].strip()
        if not before or before[-1] in ";{}>" or before.startswith(("//", "#")) or before.endswith(("public:", "private:", "protected:")):
            break
        i -= 1
    return i


def functions():
    """(length from the signature to the closing brace, place) of each function; relies on clang-format's layout."""
    for path in files(".h", ".cpp"):
        lines = path.read_text().splitlines()
        begin = None
        for i, line in enumerate(lines):
            if begin is not None:
                if line.startswith(" " * indent + "}"):
                    yield i - begin + 1, place(path, begin + 1)
                    begin = None
                continue
            if not line.endswith("{"):
                continue
            first = first_line(lines, i)
            whole = " ".join(lines[first : i + 1])
            if ")" in whole and not CONTROL.match(whole) and not re.search(r"=\s*(\[|\{)", whole):
                begin, indent = first, len(lines[first]) - len(lines[first].lstrip())


def room_sizes(rooms):
    sources, lines = collections.Counter(), collections.Counter()
    for path in files(".h", ".cpp"):
        sources[room_of(path)] += path.suffix == ".cpp"
        lines[room_of(path)] += len(path.read_text().splitlines())
    return [(room, sources[room], lines[room]) for room in rooms]


def wrong_sizes(rooms):
    for room, sources, lines in room_sizes(rooms):
        if sources > MOST_SOURCES or lines > MOST_LINES:
            yield (f"src/{room}: expected at most {MOST_SOURCES} sources and {MOST_LINES} lines, "
                   f"got {sources} and {lines}. Split it into two rooms.")
    lengths = sorted(functions(), reverse=True)
    for length, where in lengths:
        if length > LONGEST_FUNCTION:
            yield f"{where}: expected a function of at most {LONGEST_FUNCTION} lines, got {length}."
    long = sum(length > LONG_FUNCTION for length, _ in lengths)
    if long > LONG_SHARE * len(lengths):
        yield f"functions: expected at most 1 % over {LONG_FUNCTION} lines, got {long} of {len(lengths)}."


def print_tables(rooms, longest):
    print("| room | sources | lines |\n|---|---|---|")
    for room, sources, lines in room_sizes(rooms):
        print(f"| {room} | {sources} | {lines} |")
    lengths = sorted(functions())
    at = lambda share: lengths[min(len(lengths) - 1, int(share * len(lengths)))][0]
    print(f"\n{len(lengths)} functions, lines: median {at(0.5)}, 90 % {at(0.9)}, 99 % {at(0.99)}, longest {lengths[-1][0]}")
    for length, where in reversed(lengths[-longest:] if longest else []):
        print(f"  {length:3d}  {where}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--functions", type=int, default=5, metavar="N")
    arguments = parser.parse_args()
    rooms = ladder()
    if not arguments.check:
        print_tables(rooms, arguments.functions)
        return 0
    faults = [*wrong_arrows(rooms), *wrong_headers(), *wrong_flags(), *wrong_formats(), *wrong_sizes(rooms)]
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{len(rooms)} rooms, {sum(1 for _ in files('.h', '.cpp'))} files: {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
