#!/usr/bin/env bash
# Measures our ways against the long way in the same process (stage1, stage2), or against what a user would pick
# instead, in turn with it (data, ap, encode: tests/bench/peers; JSON lines in outputs/bench/).
#   scripts/bench.sh stage1 [IMAGES [ROUNDS]]   a stage-1 step on ViT-B/16 (default: 16 images, 3 rounds)
#   scripts/bench.sh stage2 [IMAGES [ROUNDS]]   a stage-2 step (default: 4 images, 3 rounds): 1,006 labels on a
#                                               tiny CLIP, 96 on ViT-B/16; then 100 to 10,000 labels, tiny
#   scripts/bench.sh data [PICTURES [ROUNDS]]   samples on one core against Pillow (default: 48 pictures, 5 rounds)
#   scripts/bench.sh ap [IMAGES [ROUNDS]]       AP and F1 over 1,006 labels against NumPy (default: 20,000 images,
#                                               3 rounds)
#   scripts/bench.sh encode [IMAGES [ROUNDS]]   images on ViT-B/16, two threads, against PyTorch, ONNX Runtime and
#                                               OpenVINO (default: 16 images, 3 rounds)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
what=${1:-stage1}
case $what in
  stage1 | stage2) target=${what}_bench ;;
  data | ap | encode) target=peer_bench ;;
  *) echo "bench.sh: expected stage1, stage2, data, ap or encode, got '$what'" >&2 && exit 2 ;;
esac
[ -d build/release ] || { scripts/setup.sh && cmake --preset release; } >&2
cmake --build --preset release --target "$target" >&2
grep -m 1 'model name' /proc/cpuinfo | sed 's/.*: /CPU: /' >&2
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive} # so that processor time is work, not waiting
bench=build/release/tests/$target
python=.deps/bench/bin/python
if [ "$target" = peer_bench ] && [ ! -x "$python" ]; then scripts/setup.sh --bench >&2; fi
case $what in
  data) exec "$python" tests/bench/peers/data.py "$bench" "${2:-48}" "${3:-5}" ;;
  ap) exec "$python" tests/bench/peers/ap.py "$bench" "${2:-20000}" 1006 "${3:-3}" ;;
  encode) exec "$python" tests/bench/peers/encode.py "$bench" "${2:-16}" "${3:-3}" ;;
esac
if [ "$what" = stage1 ]; then exec "$bench" "${2:-16}" "${3:-3}"; fi
"$bench" compare tiny 1006 "${2:-4}" "${3:-3}"
"$bench" compare full 96 "${2:-4}" "${3:-3}"
"$bench" growth "${2:-4}" "${3:-3}"
