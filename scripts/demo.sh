#!/usr/bin/env bash
# Sets up, builds, and runs training, evaluation and inference on the small images that come with the tests.
# The weights are made by a formula, not learned: this shows that everything works, not how well.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[ $# -eq 0 ] || { echo "demo.sh takes no options, got: $*" >&2; exit 2; }

out=outputs/demo
bin=build/release/bin
data=tests/data/golden/nus-mini/NUS-WIDE
step() { printf '\n=== [%4ds] %s\n' "$SECONDS" "$*"; }

step "set-up"
scripts/setup.sh
step "build"
cmake --preset release >/dev/null
cmake --build --preset release --target train_stage1 eval infer prepare make_clip
step "CLIP weights by formula"
rm -rf "$out" && mkdir -p "$out"
build/release/tests/make_clip tiny "$out/clip.pt"
common=(--data-path "$data" --clip-path "$out/clip.pt" --topk 5)
step "stage 1: two epochs"
"$bin/train_stage1" --config configs/demo/stage1.toml "${common[@]}" --output "$out/stage1"
step "evaluation: CLIP alone, then stage 1"
"$bin/eval" "${common[@]}" --zero-shot
"$bin/eval" "${common[@]}" --ckpt-path "$out/stage1/model_epoch_1.pth" --json "$out/stage1.json"
step "inference"
"$bin/infer" --clip-path "$out/clip.pt" --topk 5 --img-ckpt "$out/stage1/model_epoch_1.pth" \
  --image-path tests/data/golden/images/420.jpg --label "cup of coffee" --label cat --label "fire truck"
step "done: results in $out"
