#!/usr/bin/env bash
# Measures what the exact shortcuts save, each against the long way in the same process.
#   scripts/bench.sh stage1 [IMAGES [ROUNDS]]   a stage-1 step on ViT-B/16 (default: 16 images, 3 rounds)
#   scripts/bench.sh stage2 [IMAGES [ROUNDS]]   a stage-2 step (default: 4 images, 3 rounds): 1,006 labels on a
#                                               tiny CLIP, 96 on ViT-B/16; then 100 to 10,000 labels, tiny
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
what=${1:-stage1}
case $what in
  stage1 | stage2) ;;
  *) echo "bench.sh: expected stage1 or stage2, got '$what'" >&2 && exit 2 ;;
esac
[ -d build/release ] || { scripts/setup.sh && cmake --preset release; } >&2
cmake --build --preset release --target "${what}_bench" >&2
grep -m 1 'model name' /proc/cpuinfo | sed 's/.*: /CPU: /' >&2
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive} # so that processor time is work, not waiting
bench=build/release/tests/${what}_bench
if [ "$what" = stage1 ]; then exec "$bench" "${2:-16}" "${3:-3}"; fi
"$bench" compare tiny 1006 "${2:-4}" "${3:-3}"
"$bench" compare full 96 "${2:-4}" "${3:-3}"
"$bench" growth "${2:-4}" "${3:-3}"
