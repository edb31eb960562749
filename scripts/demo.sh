#!/usr/bin/env bash
# Goes from a fresh clone to a table of knowledge transfer: scores of labels never trained on, before and after
# training. No data or weights are downloaded: a small world is drawn, and its small CLIP is in data/demo.
#   scripts/demo.sh            sets up, builds and runs the demo: outputs/demo, with summary.json
#   scripts/demo.sh --seeds N  N times, each with other labels, other images and a newly trained CLIP (10 to 20
#                              minutes each): outputs/demo-seeds, with mean and deviation
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() { sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }
seeds=0
while [ $# -gt 0 ]; do
  case "$1" in
    --seeds)
      seeds="${2:-}"
      [[ "$seeds" =~ ^[1-9][0-9]*$ ]] || { echo "demo.sh: --seeds: expected a number from 1, got '$seeds'." >&2; exit 2; }
      shift 2 ;;
    --help | -h) usage; exit 0 ;;
    *) echo "demo.sh: unknown option '$1'. See scripts/demo.sh --help." >&2; exit 2 ;;
  esac
done

bin=build/release/bin
step() { printf '\n=== [%4ds] %s\n' "$SECONDS" "$*"; }

# demo OUT SEED: draws, trains, evaluates and summarises with the CLIP in OUT/clip.safetensors.
demo() {
  local out=$1 seed=$2 data=$1/data
  local common=(--data-path "$data" --clip-path "$out/clip.safetensors" --topk 2 --workers 2)
  step "data: images of a small world, 61 of its 150 labels kept from training"
  "$bin/prepare" demo --output "$data" --seed "$seed" --split "$seed" --val 0
  "$bin/prepare" label-emb --data-path "$data" --clip-path "$out/clip.safetensors"
  step "stage 1: the image side"
  "$bin/train_stage1" --config configs/demo/stage1.toml "${common[@]}" --seed "$seed" --output "$out/stage1"
  local stage1
  stage1=$(ls -v "$out"/stage1/model_epoch_*.pth | tail -n 1)
  step "stage 2: the label side, on two ranks"
  "$bin/train_stage2" --config configs/demo/stage2.toml "${common[@]}" --seed "$seed" --ckpt-path "$stage1" \
    --output "$out/stage2" --nproc-per-node 2 --threads 1
  local stage2
  stage2=$(ls -v "$out"/stage2/model_[0-9]*.pth | tail -n 1)
  step "evaluation: CLIP alone, stage 1, stage 1 + 2"
  local eval=("$bin/eval" "${common[@]}")
  "${eval[@]}" --zero-shot --score mkt --json "$out/zero_shot.json"
  "${eval[@]}" --zero-shot --score global --json "$out/zero_shot_global.json"
  "${eval[@]}" --zero-shot --score cosine --json "$out/zero_shot_cosine.json"
  "${eval[@]}" --zero-shot --score probability --json "$out/zero_shot_probability.json"
  "${eval[@]}" --ckpt-path "$stage1" --json "$out/stage1.json"
  "${eval[@]}" --ckpt-path "$stage1" --eval-ckpt "$stage2" --json "$out/stage2.json"
  local pointing=("$bin/prepare" demo-pointing --data-path "$data/single" --clip-path "$out/clip.safetensors")
  "${pointing[@]}" --json "$out/pointing_clip.json"
  "${pointing[@]}" --ckpt-path "$stage1" --json "$out/pointing_stage1.json"
  step "inference: one image"
  local image=$data/Flickr/test/000_000000.png
  head -n 1 "$data/truth_test.jsonl"
  "$bin/infer" --data-path "$data" --clip-path "$out/clip.safetensors" --topk 2 --img-ckpt "$stage1" \
    --txt-ckpt "$stage2" --image-path "$image" --annotate "$out/annotated"
  step "results"
  "$bin/prepare" demo-summary --data-path "$data" --zero-shot "$out/zero_shot.json" \
    --zero-shot-global "$out/zero_shot_global.json" --zero-shot-cosine "$out/zero_shot_cosine.json" \
    --zero-shot-probability "$out/zero_shot_probability.json" \
    --stage1 "$out/stage1.json" --stage2 "$out/stage2.json" --json "$out/summary.json"
}

step "set-up"
scripts/setup.sh
step "build"
cmake --preset release >/dev/null
cmake --build --preset release --target train_stage1 train_stage2 eval infer prepare
built=$SECONDS
if [ "$seeds" -eq 0 ]; then
  rm -rf outputs/demo && mkdir -p outputs/demo
  gunzip -c data/demo/clip.safetensors.gz >outputs/demo/clip.safetensors
  demo outputs/demo 0
  step "done in $((SECONDS - built)) s after the build: everything is in outputs/demo"
  exit
fi
for ((seed = 1; seed <= seeds; ++seed)); do
  out=outputs/demo-seeds/$seed
  [ -f "$out/summary.json" ] && continue # a stopped run continues with the next seed
  mkdir -p "$out"
  step "seed $seed: a CLIP of its own"
  [ -f "$out/clip.safetensors" ] || "$bin/prepare" demo-clip --output "$out/clip.safetensors" --seed "$seed"
  rm -rf "$out/data" "$out/stage1" "$out/stage2"
  demo "$out" "$seed"
done
step "all seeds"
"$bin/prepare" demo-spread $(seq -f 'outputs/demo-seeds/%g/summary.json' "$seeds" | sed 's/^/--summary /') \
  --json outputs/demo-seeds/spread.json
