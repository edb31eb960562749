#!/usr/bin/env bash
# Goes from a fresh clone to a table of knowledge transfer: scores of labels never trained on, before and after
# training. No data or weights are downloaded: a small world is drawn, and its small CLIP is in data/demo.
#   scripts/demo.sh            sets up, builds and runs the demo: outputs/demo, with summary.json
#   scripts/demo.sh --seeds N  N times, each with other labels, other images and a newly trained CLIP (10 to 20
#                              minutes each): outputs/demo-seeds, with mean and deviation
#   --recipe published|recommended  recommended: trains with configs/recommended as well, and compares (published)
#   --world shapes|signs|catalogue  world to draw: data/demo/README.md (shapes). The others have no CLIP in
#                              data/demo; theirs is trained first. Outputs: outputs/demo-WORLD, outputs/demo-seeds-WORLD
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() { sed -n '2,10s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }
seeds=0 recipe=published world=shapes
one_of() { [[ " $3 " == *" $2 "* ]] || { echo "demo.sh: $1: expected one of ${3// /, }, got '$2'." >&2; exit 2; }; }
while [ $# -gt 0 ]; do
  case "$1" in
    --seeds)
      seeds="${2:-}"
      [[ "$seeds" =~ ^[1-9][0-9]*$ ]] || { echo "demo.sh: --seeds: expected a number from 1, got '$seeds'." >&2; exit 2; }
      shift 2 ;;
    --recipe) one_of "$1" "${2:-}" "published recommended"; recipe=$2; shift 2 ;;
    --world) one_of "$1" "${2:-}" "shapes signs catalogue"; world=$2; shift 2 ;;
    --help | -h) usage; exit 0 ;;
    *) echo "demo.sh: unknown option '$1'. See scripts/demo.sh --help." >&2; exit 2 ;;
  esac
done
for file in stage1 stage2 eval; do
  if [ "$recipe" = recommended ] && [ ! -f "configs/recommended/$file.toml" ]; then
    echo "demo.sh: --recipe: expected configs/recommended/$file.toml, got no such file. Use a complete clone." >&2
    exit 2
  fi
done

bin=build/release/bin
suffix=$([ "$world" = shapes ] || echo "-$world")
step() { printf '\n=== [%4ds] %s\n' "$SECONDS" "$*"; }

# train OUT SEED PREFIX CONFIG…: trains both stages into OUT/PREFIXstage1 and OUT/PREFIXstage2, with
# FOLDER/stage1.toml and FOLDER/stage2.toml of each CONFIG folder, of which the last wins.
train() {
  local out=$1 seed=$2 prefix=$3 configs1=() configs2=() folder
  shift 3
  for folder in "$@"; do configs1+=(--config "$folder/stage1.toml") configs2+=(--config "$folder/stage2.toml"); done
  local common=(--data-path "$out/data" --clip-path "$out/clip.safetensors" --workers 2)
  [ -n "$prefix" ] || common+=(--topk 2) # the recommended pooling of patches has no such option
  step "${prefix:+recommended recipe, }stage 1: the image side"
  "$bin/train_stage1" "${configs1[@]}" "${common[@]}" --seed "$seed" --output "$out/${prefix}stage1"
  step "${prefix:+recommended recipe, }stage 2: the label side, on two ranks"
  "$bin/train_stage2" "${configs2[@]}" "${common[@]}" --seed "$seed" --ckpt-path "$(last "$out/${prefix}stage1")" \
    --output "$out/${prefix}stage2" --nproc-per-node 2 --threads 1
}

# last FOLDER: the last epoch's checkpoint; with --ema, that of the averaged weights.
last() {
  local found
  found=$(find "$1" -maxdepth 1 -regextype posix-extended -regex '.*/model_(epoch_)?[0-9]+\.pth' | sort -V | tail -n 1)
  if [ -f "${found%.pth}.ema.pth" ]; then echo "${found%.pth}.ema.pth"; else echo "$found"; fi
}

# demo OUT SEED: draws, trains, evaluates and summarises with the CLIP in OUT/clip.safetensors.
demo() {
  local out=$1 seed=$2 data=$1/data stage1 stage2
  step "data: images of a small world, part of its labels kept from training"
  "$bin/prepare" demo --world "$world" --output "$data" --seed "$seed" --split "$seed" --val 0
  "$bin/prepare" label-emb --data-path "$data" --clip-path "$out/clip.safetensors"
  train "$out" "$seed" '' configs/demo
  stage1=$(last "$out/stage1") stage2=$(last "$out/stage2")
  step "evaluation: CLIP alone, stage 1, stage 1 + 2"
  local eval=("$bin/eval" --data-path "$data" --clip-path "$out/clip.safetensors" --topk 2 --workers 2)
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
  summarise "$out"
}

# recommended OUT SEED: trains and evaluates with the recommended recipe as well. The demo's settings win: lengths
# and rates suit its scale, those of configs/recommended full-size weights.
recommended() {
  local out=$1 seed=$2 stage1 stage2
  rm -rf "$out/recommended_stage1" "$out/recommended_stage2" "$out/recipe.sha256"
  train "$out" "$seed" recommended_ configs/recommended configs/demo configs/demo/recommended
  stage1=$(last "$out/recommended_stage1") stage2=$(last "$out/recommended_stage2")
  local eval=("$bin/eval" --config configs/recommended/eval.toml --data-path "$out/data"
    --clip-path "$out/clip.safetensors" --workers 2)
  "${eval[@]}" --ckpt-path "$stage1" --json "$out/recommended_stage1.json"
  "${eval[@]}" --ckpt-path "$stage1" --eval-ckpt "$stage2" --json "$out/recommended_stage2.json"
  summarise "$out" --recommended-stage1 "$out/recommended_stage1.json" --recommended-stage2 "$out/recommended_stage2.json"
  recipe_digest >"$out/recipe.sha256"
}

# The recipe as it is now: a summary with results of an earlier one is made again.
recipe_digest() { cat configs/recommended/{stage1,stage2,eval}.toml configs/demo/*.toml configs/demo/recommended/*.toml | sha256sum; }
is_recommended() { [ -f "$1/recipe.sha256" ] && [ "$(<"$1/recipe.sha256")" = "$(recipe_digest)" ]; }

# summarise OUT OPTION…
summarise() {
  local out=$1
  shift
  step "results"
  "$bin/prepare" demo-summary --data-path "$out/data" --zero-shot "$out/zero_shot.json" \
    --zero-shot-global "$out/zero_shot_global.json" --zero-shot-cosine "$out/zero_shot_cosine.json" \
    --zero-shot-probability "$out/zero_shot_probability.json" \
    --stage1 "$out/stage1.json" --stage2 "$out/stage2.json" "$@" --json "$out/summary.json"
}

# new_clip FILE SEED
new_clip() { [ -f "$1" ] || "$bin/prepare" demo-clip --world "$world" --output "$1" --seed "$2"; }

step "set-up"
scripts/setup.sh
step "build"
cmake --preset release >/dev/null
cmake --build --preset release --target train_stage1 train_stage2 eval infer prepare
built=$SECONDS
if [ "$seeds" -eq 0 ]; then
  out=outputs/demo$suffix
  mkdir -p "$out"
  find "$out" -mindepth 1 -maxdepth 1 ! -name clip.safetensors -exec rm -rf {} +
  if [ "$world" = shapes ]; then
    gunzip -c data/demo/clip.safetensors.gz >"$out/clip.safetensors"
  else
    step "a CLIP of this world"
    new_clip "$out/clip.safetensors" 1
  fi
  demo "$out" 0
  [ "$recipe" = published ] || recommended "$out" 0
  step "done in $((SECONDS - built)) s after the build: everything is in $out"
  exit
fi
for ((seed = 1; seed <= seeds; ++seed)); do
  out=outputs/demo-seeds$suffix/$seed
  mkdir -p "$out"
  if [ ! -f "$out/summary.json" ]; then # a stopped run continues with the next seed
    step "seed $seed: a CLIP of its own"
    new_clip "$out/clip.safetensors" "$seed"
    rm -rf "$out/data" "$out/stage1" "$out/stage2" "$out/recipe.sha256"
    demo "$out" "$seed"
  fi
  if [ "$recipe" = recommended ] && ! is_recommended "$out"; then
    step "seed $seed: the recommended recipe"
    recommended "$out" "$seed"
  fi
done
step "all seeds"
"$bin/prepare" demo-spread $(seq -f "outputs/demo-seeds$suffix/%g/summary.json" "$seeds" | sed 's/^/--summary /') \
  --json "outputs/demo-seeds$suffix/spread.json"
