#!/usr/bin/env bash
# Runs clang-tidy with the checks of .clang-tidy; every finding is an error.
#   scripts/tidy.sh [--jobs N] [--since REVISION | FILE...]
# Without files it checks every source, in the batches of a unity build: with all of LibTorch, a batch takes hardly
# longer than a source, 40 seconds. With --since it checks the sources that differ from REVISION and those that include
# a header that does, one by one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() { echo "tidy.sh: $*" >&2; exit 2; }

jobs=$(nproc)
since=""
files=()
while [ $# -gt 0 ]; do
  case "$1" in
    --jobs) jobs="${2:?--jobs needs a number}"; shift 2 ;;
    --since) since="${2:?--since needs a revision}"; shift 2 ;;
    -*) fail "unknown option '$1'; expected --jobs N, --since REVISION or files" ;;
    *) files+=("$1"); shift ;;
  esac
done
command -v clang-tidy >/dev/null || fail "clang-tidy is not installed (apt-get install clang-tidy)"
batches=OFF
[ -n "$since" ] || [ ${#files[@]} -gt 0 ] || batches=ON
cmake --preset dev -B build/tidy -DMKT_UNITY=$batches >/dev/null || fail "build/tidy: cmake could not configure it; run scripts/setup.sh"
ninja -C build/tidy src/page/embedded.cpp >/dev/null || fail "build/tidy: the pages' style sheet could not be embedded"

# Clang rejects GCC's precompiled header and does not know all of GCC's warnings, so both are removed from the commands.
# A source checked alone therefore has to include what it uses; sources that use little of LibTorch are quick.
mkdir -p build/tidy/commands
python3 - <<'PY'
import json, shlex
gcc_only = {"-Winvalid-pch", "-Wduplicated-cond", "-Wlogical-op"}
commands = json.load(open("build/tidy/compile_commands.json"))
for command in commands:
    words = [word for word in shlex.split(command.pop("command")) if word not in gcc_only]
    precompiled = [i for i, word in enumerate(words) if word.endswith("/cmake_pch.hxx")]
    for i in reversed(precompiled):
        del words[i - 1 : i + 1]  # -include and its file
    command["arguments"] = words
json.dump(commands, open("build/tidy/commands/compile_commands.json", "w"), indent=1)
PY

# The sources to check for a changed file: the file itself, or those that include it.
sources_of() {
  case "$1" in
    *.cpp) [ ! -f "$1" ] || echo "$1" ;;
    include/*.h) git grep -lF "\"${1#include/}\"" -- '*.cpp' ;;
    *.h) git grep -lF "$(basename "$1")\"" -- '*.cpp' ;;
  esac
}

if [ -n "$since" ]; then
  [ ${#files[@]} -eq 0 ] || fail "expected --since or files, got both"
  git rev-parse --quiet --verify "$since^{commit}" >/dev/null || fail "--since: expected a revision, got '$since'"
  mapfile -t files < <(git diff --name-only "$since" -- '*.cpp' '*.h' | while read -r file; do sources_of "$file"; done | sort -u)
elif [ ${#files[@]} -eq 0 ]; then
  mapfile -t files < <(python3 -c '
import json
for command in json.load(open("build/tidy/commands/compile_commands.json")):
    if not command["file"].endswith(("cmake_pch.hxx", "cmake_pch.hxx.cxx")):
        print(command["file"])' | sort -u)
fi
[ ${#files[@]} -gt 0 ] || { echo "tidy.sh: nothing to check" >&2; exit 0; }
printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$jobs" clang-tidy -p build/tidy/commands --quiet --checks=-bugprone-suspicious-include 2>&1 |
  sed -u -E '/^[0-9]+ warnings?( and [0-9]+ errors?)? generated\.$/d; /^Suppressed |^Use -header-filter/d'
