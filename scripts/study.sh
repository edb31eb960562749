#!/usr/bin/env bash
# Runs an ablation on a world of the demo, variants × seeds, and prints mean ± deviation and paired differences.
#   scripts/study.sh --variants FILE [options]      docs/study.md describes the file
#     --world shapes|signs|catalogue  world to draw (shapes)
#     --seeds N       number of seeds (5)
#     --first-seed N  the first one (1); seed S draws split S and takes the CLIP OUT/clips/WORLD-S.safetensors
#     --set validation|test  images to evaluate on: choose on validation, report on test (validation)
#     --output OUT    folder of everything (outputs/study); a stopped study continues there
#     --images TRAIN,VALIDATION,TEST  numbers of images (6000,3000,3000)
#     --jobs N        seeds that run at the same time (1)
#     --threads N     threads per program (1)
#     --bin DIR       folder of the programs (build/release/bin)
#     --dry-run       prints the commands that are left to do, and runs none
set -euo pipefail
trap 'exit 130' INT
trap 'exit 143' TERM
from=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."

die() { echo "study.sh: $*" >&2; exit 2; }
usage() { sed -n '2,/^set /{/^set /!s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; }
number() { if ! [[ "$2" =~ ^[0-9]+$ ]] || [ "$2" -lt "$3" ]; then die "$1: expected a number from $3, got '$2'."; fi; }
path() { case "$1" in /*) echo "$1" ;; *) echo "$from/$1" ;; esac; }
one_of() { [[ " $3 " == *" $2 "* ]] || die "$1: expected one of ${3// /, }, got '$2'."; }

variants='' world=shapes seeds=5 first_seed=1 set=validation out=outputs/study images=6000,3000,3000
jobs=1 threads=1 bin=build/release/bin dry=no
while [ $# -gt 0 ]; do
  case "$1" in
    --dry-run) dry=yes; shift; continue ;;
    --help | -h) usage; exit 0 ;;
    --variants | --world | --seeds | --first-seed | --set | --output | --images | --jobs | --threads | --bin)
      [ $# -ge 2 ] || die "$1: expected a value, got none. See scripts/study.sh --help." ;;
    *) die "unknown option '$1'. See scripts/study.sh --help." ;;
  esac
  case "$1" in
    --variants) variants=$(path "$2") ;;
    --world) one_of "$1" "$2" "shapes signs catalogue"; world=$2 ;;
    --seeds) number "$1" "$2" 1; seeds=$2 ;;
    --first-seed) number "$1" "$2" 0; first_seed=$2 ;;
    --set) one_of "$1" "$2" "validation test"; set=$2 ;;
    --output) out=$(path "$2") ;;
    --images)
      [[ "$2" =~ ^[1-9][0-9]*,[1-9][0-9]*,[1-9][0-9]*$ ]] || die "--images: expected TRAIN,VALIDATION,TEST, got '$2'."
      images=$2 ;;
    --jobs) number "$1" "$2" 1; jobs=$2 ;;
    --threads) number "$1" "$2" 1; threads=$2 ;;
    --bin) bin=$(path "$2") ;;
  esac
  shift 2
done
[ -n "$variants" ] || die "--variants: expected a file of variants, got none. See docs/study.md."
[ -r "$variants" ] || die "--variants: expected a file that can be read, got '$variants'."
[ -x "$bin/prepare" ] || die "--bin: expected a folder with the programs, got '$bin'. Build them: cmake --build --preset release."

# Options that a variant may not have: the study sets them.
readonly kOwn=' --data-path --clip-path --seed --output --ckpt-path --eval-ckpt --json --zero-shot --resume --threads '
check_options() { # WHERE FIELD
  local word
  [[ "$2" != *[\"\'\\\$\`]* ]] || die "$1: expected options without quotes, \\, \$ and \`, got '$2'."
  for word in $2; do
    word=${word%%=*}
    word=${word//_/-}
    [[ "$kOwn" != *" $word "* ]] || die "$1: expected options of the method, got $word, which the study sets."
  done
}

# Fills names, stage1_options, stage2_options (or "skip"), eval_options, bases (or "-").
names=() stage1_options=() stage2_options=() eval_options=() bases=()
read_variants() {
  local line n=0 fields field base known
  while IFS= read -r line || [ -n "$line" ]; do
    n=$((n + 1))
    line=${line%$'\r'}
    [[ "$line" =~ ^[[:space:]]*(#.*)?$ ]] && continue
    IFS=$'\t' read -ra fields <<<"$line"
    [ ${#fields[@]} -eq 5 ] || die "$variants:$n: expected five fields separated by tabs (name, stage-1 options, stage-2 options, eval options, base), got ${#fields[@]}."
    for field in "${!fields[@]}"; do
      fields[field]=$(sed 's/^ *//; s/ *$//' <<<"${fields[field]}")
    done
    for known in "${names[@]}"; do
      [ "$known" != "${fields[0]}" ] || die "$variants:$n: expected a name once, got '$known' again."
    done
    [[ "${fields[0]}" != - && "${fields[0]}" != *,* ]] || die "$variants:$n: expected a name without a comma, got '${fields[0]}'."
    for field in 1 2 3; do
      [ "${fields[field]}" != - ] || fields[field]=
      check_options "$variants:$n" "${fields[field]}"
    done
    base=${fields[4]}
    [ "$base" = - ] || [[ $'\n'"$(printf '%s\n' "${names[@]}")"$'\n' == *$'\n'"$base"$'\n'* ]] ||
      die "$variants:$n: expected a variant above as the base, or -, got '$base'."
    names+=("${fields[0]}") stage1_options+=("${fields[1]}") stage2_options+=("${fields[2]}")
    eval_options+=("${fields[3]}") bases+=("$base")
  done <"$variants"
  [ ${#names[@]} -gt 0 ] || die "$variants: expected at least one variant, got none."
}

# key WORDS…: names a result by what it depends on. The contents of files that are named count, not their paths.
key() {
  local word value
  for word in "$@"; do
    value=${word#--*=}
    if [ -f "$value" ]; then sha256sum <"$value"; else printf '%s\n' "$word"; fi
  done | sha256sum | cut -c1-16
}

say() { [ $dry = yes ] || printf '[%5ds] %s\n' "$SECONDS" "$*" >&2; }
# run COMMAND…: runs it with its messages in $log, or prints it.
run() {
  if [ $dry = yes ]; then printf '%q ' "$@" | sed 's/ $//'; echo; return; fi
  "$@" >>"$log" 2>&1 || { say "failed, see $log: $*"; return 1; }
}
# finish FROM TO: what was made under another name becomes visible in one step.
finish() { [ $dry = yes ] || mv -T "$1" "$2"; }
clear_part() { [ $dry = yes ] || { rm -rf "$1"; mkdir -p "$(dirname "$1")"; }; }
# last FOLDER: the last epoch's checkpoint; with --ema, that of the averaged weights.
last() {
  local found
  found=$(find "$1" -maxdepth 1 -regextype posix-extended -regex '.*/model_(epoch_)?[0-9]+\.pth' | sort -V | tail -n 1)
  if [ -f "${found%.pth}.ema.pth" ]; then echo "${found%.pth}.ema.pth"; else echo "$found"; fi
}
# planned NAME: in a dry run, whether an earlier variant makes it already.
declare -A plan
planned() {
  [ $dry = yes ] || return 1
  [ -z "${plan[$1]:-}" ] || return 0
  plan[$1]=yes
  return 1
}
done_with() { [ -f "$1/checkpoint" ] && [ -s "$1/$(<"$1/checkpoint")" ]; }

# make_stage FOLDER COMMAND…: trains into FOLDER unless it is complete; a broken one is made again.
make_stage() {
  local folder=$1 found
  shift
  if done_with "$folder" || planned "$folder"; then return 0; fi
  clear_part "$folder"
  clear_part "$folder.part"
  run "$@" --output "$folder.part" || return 1
  [ $dry = no ] || return 0
  found=$(last "$folder.part")
  [ -n "$found" ] || { say "expected a checkpoint in $folder.part, got none. See $log."; return 1; }
  find "$folder.part" -maxdepth 1 -name 'model_*' ! -name "$(basename "$found")*" -delete
  rm -rf "$folder.part/state"
  basename "$found" >"$folder.part/checkpoint"
  finish "$folder.part" "$folder"
}
checkpoint_of() { if done_with "$1"; then echo "$1/$(<"$1/checkpoint")"; else echo "$1/$2"; fi; }

# prepare_seed SEED: the CLIP and the data, which all variants share. Sets clip, data, images_of.
prepare_seed() {
  local seed=$1 train validation test
  clip=$out/clips/$world-$seed.safetensors
  if [ ! -f "$clip" ]; then
    say "seed $seed: pre-training a CLIP"
    clear_part "$clip.part.safetensors"
    run "$bin/prepare" demo-clip --world "$world" --seed "$seed" --threads 1 --output "$clip.part.safetensors" || return 1
    finish "$clip.part.safetensors" "$clip"
  fi
  IFS=, read -r train validation test <<<"$images"
  data=$out/data/$world-$seed-$(key "$version" "$clip" "$images")
  images_of=$data
  [ "$set" = test ] || images_of=$data/validation
  [ ! -d "$data" ] || return 0
  say "seed $seed: drawing images"
  clear_part "$data.part"
  run "$bin/prepare" demo --world "$world" --seed "$seed" --split "$seed" --train "$train" --val "$validation" \
    --test "$test" --single 0 --workers "$threads" --output "$data.part" || return 1
  local folder
  for folder in "$data.part" "$data.part/validation"; do
    run "$bin/prepare" label-emb --data-path "$folder" --clip-path "$clip" || return 1
  done
  finish "$data.part" "$data"
}

# evaluate FILE COMMAND…
evaluate() {
  local file=$1
  shift
  if [ -s "$file" ] || planned "$file"; then return 0; fi
  clear_part "$file.part.json"
  choose_patches "$@"
  run "$bin/eval" "${common[@]}" "${patches[@]}" --data-path "$images_of" "$@" --json "$file.part.json" || return 1
  finish "$file.part.json" "$file"
}

# run_seed SEED: all variants. Writes OUT/cells/WORLD-SET-SEED.tsv.
run_seed() {
  local seed=$1 i cells=$out/cells/$study-$1.tsv data clip images_of
  log=$out/log/$world-$seed.log
  prepare_seed "$seed" || return 1
  [ $dry = yes ] || : >"$cells.part"
  for i in "${!names[@]}"; do
    run_variant "$seed" "$i" || return 1
  done
  finish "$cells.part" "$cells"
}

# cell ROW BASE SEED FILE: one line of the table of results.
cell() { [ $dry = yes ] || printf '%s\t%s\t%s\t%s\n' "$@" >>"$cells.part"; }

# choose_patches OPTION…: sets `patches` to the demo's --topk, or to nothing if the options, or a file that they name,
# choose another pooling, which has no such option.
choose_patches() {
  local word previous=
  patches=()
  for word in "$@"; do
    case "$previous $word" in *' --local='* | '--local '*) [[ $word = *topk ]] || return 0 ;; esac
    if [[ $previous = --config || $word = --config=* ]] &&
      grep -qE "^local *= *[\"'](softmax|transport)[\"']" "${word#--config=}"; then return 0; fi
    previous=$word
  done
  patches=(--topk 2)
}

run_variant() {
  local seed=$1 i=$2 name=${names[$2]} base=${bases[$2]} results=$out/results/$world-$1
  local demo1=configs/demo/stage1.toml demo2=configs/demo/stage2.toml
  local common=(--clip-path "$clip" --workers "$threads" --threads "$threads")
  local first second words key1 key2 file # of several --config files the last wins: the demo's, as in demo.sh
  read -ra words <<<"${stage1_options[i]}"
  key1=$(key "$version" "$clip" "$images" "$demo1" "${words[@]}")
  first=$out/stage1/$world-$seed/$key1
  say "seed $seed: $name, stage 1"
  choose_patches "${words[@]}"
  make_stage "$first" "$bin/train_stage1" "${common[@]}" "${patches[@]}" --data-path "$data" --seed "$seed" \
    "${words[@]}" --config "$demo1" || return 1
  first=$(checkpoint_of "$first" 'model_epoch_*.pth')
  local evals
  read -ra evals <<<"${eval_options[i]}"
  file=$results/$(key "$key1" "$set" "${evals[@]}").json
  evaluate "$file" "${evals[@]}" --ckpt-path "$first" || return 1
  cell "$name, stage 1" "$([ "$base" = - ] && echo - || echo "$base, stage 1")" "$seed" "$file"
  [ "${stage2_options[i]}" != skip ] || return 0
  read -ra words <<<"${stage2_options[i]}"
  key2=$(key "$key1" "$demo2" "${words[@]}")
  second=$out/stage2/$world-$seed/$key2
  say "seed $seed: $name, stage 2"
  choose_patches "${words[@]}"
  make_stage "$second" "$bin/train_stage2" "${common[@]}" "${patches[@]}" --data-path "$data" --seed "$seed" \
    "${words[@]}" --config "$demo2" --ckpt-path "$first" || return 1
  second=$(checkpoint_of "$second" 'model_*.pth')
  file=$results/$(key "$key2" "$set" "${evals[@]}").json
  evaluate "$file" "${evals[@]}" --ckpt-path "$first" --eval-ckpt "$second" || return 1
  base=$(base_of_stage2 "$base")
  cell "$name, stage 1 + 2" "$base" "$seed" "$file"
}

# base_of_stage2 BASE: the base's row after stage 2, or - if it has none.
base_of_stage2() {
  local i
  for i in "${!names[@]}"; do
    if [ "${names[i]}" = "$1" ] && [ "${stage2_options[i]}" != skip ]; then echo "$1, stage 1 + 2"; return; fi
  done
  echo -
}

# Cells of other builds are kept, as most changes do not touch them; a warning says that the programs differ.
warn_of_other_programs() {
  local now
  now=$(sha256sum "$bin"/{prepare,train_stage1,train_stage2,eval} | cut -c1-64 | sha256sum)
  if [ -f "$out/programs" ] && [ "$(<"$out/programs")" != "$now" ]; then
    echo "study.sh: warning: $out has results of other builds of the programs, which are kept. Remove it if its numbers may differ." >&2
  fi
  [ -f "$out/programs" ] || echo "$now" >"$out/programs"
}

read_variants
version=$("$bin/train_stage1" --version)
version=${version%%$'\n'*}
study=$(basename "$variants" | sed 's/\.[^.]*$//')-$world-$set
if [ $dry = no ]; then
  mkdir -p "$out"/{clips,cells,log,tables}
  exec 9>"$out/.lock"
  flock -n 9 || die "--output: expected a folder that no other study uses, got '$out'. Wait for it, or choose another."
  warn_of_other_programs
fi
failed=0 running=0
last_seed=$((first_seed + seeds - 1))
for ((seed = first_seed; seed <= last_seed; ++seed)); do
  if [ "$jobs" -eq 1 ] || [ $dry = yes ]; then
    run_seed "$seed" || failed=1
    continue
  fi
  [ "$running" -lt "$jobs" ] || { wait -n || failed=1; running=$((running - 1)); }
  run_seed "$seed" &
  running=$((running + 1))
done
while [ "$running" -gt 0 ]; do wait -n || failed=1; running=$((running - 1)); done
[ $failed = 0 ] || { echo "study.sh: some cells failed; the same command continues with them." >&2; exit 1; }
if [ $dry = yes ]; then
  run "$bin/prepare" demo-compare --cells "$out/cells/$study.tsv" --json "$out/tables/$study.json"
  exit
fi
for ((seed = first_seed; seed <= last_seed; ++seed)); do cat "$out/cells/$study-$seed.tsv"; done >"$out/cells/$study.tsv"
"$bin/prepare" demo-compare --cells "$out/cells/$study.tsv" --json "$out/tables/$study.json" | tee "$out/tables/$study.txt"
