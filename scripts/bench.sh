#!/usr/bin/env bash
# Measures ours against what a user would run instead (tests/bench/peers), in turn, after checking that both give the
# same results. Prints a table and writes JSON lines to outputs/bench/.
#   scripts/bench.sh stage1 [IMAGES [LABELS [ROUNDS [PEER_ROUNDS]]]]
#                    a stage-1 step on ViT-B/16 against the original's in PyTorch (default: 16, 925, 3 and 2)
#   scripts/bench.sh stage2 [IMAGES [LABELS [ROUNDS [PEER_ROUNDS]]]]
#                    the same for a stage-2 step (default: 16, 96, 3 and 2; the peer takes 8 GB)
#   scripts/bench.sh eval [IMAGES [ROUNDS [PEER_ROUNDS]]]
#                    decoding, encoding and scoring against the original's loop (default: 48, 3 and 2)
#   scripts/bench.sh infer [LABELS [ROUNDS [PEER_ROUNDS]]]
#                    `infer` on one image, from start to end: first time, cached, exported; against the original's
#                    inference (default: 1,006 labels, 5 and 1)
#   scripts/bench.sh data [IMAGES [ROUNDS]]     samples on one core against Pillow (default: 200 and 7)
#   scripts/bench.sh ap [IMAGES [ROUNDS]]       AP and F1 over 1,006 labels against loops (default: 20,000 and 3)
#   scripts/bench.sh encode [IMAGES [ROUNDS]]   images on ViT-B/16, two threads, against PyTorch, ONNX Runtime and
#                                               OpenVINO (default: 16 and 3)
#   scripts/bench.sh all                        all of these, then all rows as one Markdown table
# Our own ways against each other, in one process:
#   scripts/bench.sh stage1 --ways [IMAGES [ROUNDS]]   the encoder's and the step's (default: 16 and 3)
#   scripts/bench.sh stage2 --ways [IMAGES [ROUNDS]]   1,006 labels on a tiny CLIP, 96 on ViT-B/16, then 100 to 10,000
#                                                      labels, tiny (default: 4 and 3)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
what=${1:-}
shift || true
case $what in
  stage1 | stage2 | eval | infer | data | ap | encode | all) ;;
  *) echo "bench.sh: expected stage1, stage2, eval, infer, data, ap, encode or all, got '$what'" >&2 && exit 2 ;;
esac
target=peer_bench
if [ "${1:-}" = --ways ]; then
  shift
  case $what in
    stage1 | stage2) target=${what}_bench ;;
    *) echo "bench.sh: --ways: expected stage1 or stage2 before it, got '$what'" >&2 && exit 2 ;;
  esac
fi
[ -d build/release ] || { scripts/setup.sh && cmake --preset release; } >&2
cmake --build --preset release --target "$target" make_clip infer prepare >&2
grep -m 1 'model name' /proc/cpuinfo | sed 's/.*: /CPU: /' >&2
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive} # processor time is work, not waiting
bench=build/release/tests/$target
case $target in
  stage1_bench) exec "$bench" "${1:-16}" "${2:-3}" ;;
  stage2_bench)
    "$bench" compare tiny 1006 "${1:-4}" "${2:-3}"
    "$bench" compare full 96 "${1:-4}" "${2:-3}"
    exec "$bench" growth "${1:-4}" "${2:-3}"
    ;;
esac
python=.deps/bench/bin/python
[ -x "$python" ] || scripts/setup.sh --bench >&2
peer() { "$python" "tests/bench/peers/$1.py" "$bench" "${@:2}"; }
measure() {
  case $1 in
    stage1) peer stage1 "${2:-16}" "${3:-925}" "${4:-3}" "${5:-2}" ;;
    stage2) peer stage2 "${2:-16}" "${3:-96}" "${4:-3}" "${5:-2}" ;;
    eval) peer eval "${2:-48}" "${3:-3}" "${4:-2}" ;;
    infer) peer infer "${2:-1006}" "${3:-5}" "${4:-1}" ;;
    data) peer data "${2:-200}" "${3:-7}" ;;
    ap) peer ap "${2:-20000}" 1006 "${3:-3}" ;;
    encode) peer encode "${2:-16}" "${3:-3}" ;;
  esac
}
if [ "$what" != all ]; then
  measure "$what" "$@"
  exit
fi
failed=0
for each in stage1 stage2 encode data eval infer ap; do
  echo "== $each"
  rm -f "outputs/bench/$each.jsonl" # no rows of an earlier run are shown
  measure "$each" || failed=1 # the others still run
done
"$python" tests/bench/peers/report.py
exit $failed
