#!/usr/bin/env bash
# Formats all C++ sources; --check only reports which would change.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mode=-i
[ "${1:-}" = --check ] && mode="--dry-run --Werror"
command -v clang-format >/dev/null || { echo "format.sh: clang-format is not installed (apt-get install clang-format)" >&2; exit 1; }
# shellcheck disable=SC2086
git ls-files '*.cpp' '*.h' | xargs clang-format $mode
