#!/usr/bin/env bash
# Measures what the exact shortcuts save, each against the long way in the same process.
#   scripts/bench.sh stage1 [IMAGES [ROUNDS]]   a stage-1 step on ViT-B/16 (default: 16 images, 3 rounds)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
what=${1:-stage1}
[ "$what" = stage1 ] || { echo "bench.sh: expected stage1, got '$what'" >&2; exit 2; }
[ -d build/release ] || { scripts/setup.sh && cmake --preset release; } >&2
cmake --build --preset release --target stage1_bench >&2
grep -m 1 'model name' /proc/cpuinfo | sed 's/.*: /CPU: /'
exec build/release/tests/stage1_bench "${2:-16}" "${3:-3}"
