#!/usr/bin/env bash
# Proves the programs on a GPU: results against the CPU's, speed against PyTorch's, both stages from JPEG files.
#   scripts/gpu.sh pack
#        builds with the CUDA libraries, for which no GPU is needed, and writes build/gpu.tar.gz (42 MB): the programs,
#        their libraries except LibTorch, test data and this script. On a machine with a GPU:
#          tar xzf gpu.tar.gz && gpu/scripts/gpu.sh run
#   scripts/gpu.sh run [--device cuda|cpu] [--quick | --small] [--build DIR] [--python PYTHON] [--out DIR]
#        runs the proof and leaves gpu.json and gpu.md in --out (outputs/gpu). It needs Python with numpy, Pillow and the
#        torch that the programs were built with, and took 3.5 minutes on an H200. --quick: one round, without
#        torch.compile. --small --device cpu needs no GPU and takes a minute. --build: the build to run, outside the
#        package build/cuda. Exit status 1: a check failed; 77: a Python package is missing
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() { sed -n '2,11s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }
fail() { echo "gpu.sh: $*" >&2; exit 2; }

programs=(train_stage1 train_stage2 eval infer prepare)
tests=(device_parity_test gpu_bench make_clip)

# Prints the system's libraries that a program loads, except the C and C++ runtime and LibTorch's.
libraries_of() {
  ldd "$@" | awk '$2 == "=>" && $3 ~ /^\/(usr\/)?lib\// { print $3 }' | sort -u |
    grep -vE '/(libc|libm|libdl|librt|libpthread|libresolv|libutil|libstdc\+\+|libgcc_s|ld-linux[^/]*)\.so'
}

pack() {
  [ -d .deps ] || scripts/setup.sh
  cmake --preset cuda >/dev/null
  cmake --build --preset cuda --target "${programs[@]}" "${tests[@]}"
  local to=build/gpu
  rm -rf "$to" && mkdir -p "$to"/{build/bin,build/tests,build/share/mkt,lib,scripts,tests/bench,tests/support,tests/data,data,configs}
  cp "${programs[@]/#/build/cuda/bin/}" "$to/build/bin"
  cp "${tests[@]/#/build/cuda/tests/}" "$to/build/tests"
  strip "$to"/build/bin/* "$to"/build/tests/*
  cp -L $(libraries_of "$to"/build/bin/* "$to"/build/tests/*) "$to/lib"
  cp build/cuda/share/mkt/* "$to/build/share/mkt"
  cp scripts/gpu.sh "$to/scripts"
  cp -r tests/bench/peers "$to/tests/bench"
  cp tests/support/torch_clip.py "$to/tests/support"
  cp -r tests/data/golden "$to/tests/data"
  cp -r data/demo "$to/data"
  cp -r configs/demo "$to/configs"
  rm -rf "$to/tests/bench/peers/__pycache__"
  build/cuda/bin/infer --version | sed 's/.*LibTorch \([0-9.]*\).*/\1/' >"$to/lib/torch_version"
  tar -C build -czf build/gpu.tar.gz gpu
  du -h build/gpu.tar.gz
}

run() {
  local device=cuda size=full build=build/cuda python=python3 out=outputs/gpu
  [ -d lib ] && build=build # in the package
  while [ $# -gt 0 ]; do
    [[ "$1" =~ ^--(small|quick)$ || $# -ge 2 ]] || fail "$1: expected an option with a value. See scripts/gpu.sh --help."
    case "$1" in
      --device) device=${2:-}; shift 2 ;;
      --small | --quick) size=${1#--}; shift ;;
      --build) build=${2:-}; shift 2 ;;
      --python) python=${2:-}; shift 2 ;;
      --out) out=${2:-}; shift 2 ;;
      *) fail "unknown option '$1'. See scripts/gpu.sh --help." ;;
    esac
  done
  [[ "$device" =~ ^(cuda|cpu)$ ]] || fail "--device: expected cuda or cpu, got '$device'."
  [ -x "$build/tests/gpu_bench" ] || fail "--build: expected tests/gpu_bench in '$build', got none. Run scripts/gpu.sh pack."
  local torch
  torch=$("$python" -c 'import numpy, PIL, torch; print(torch.__path__[0], torch.__version__.split("+")[0])') || {
    echo "gpu.sh: --python: expected a Python with torch, numpy and Pillow, got $python. Name another." >&2
    exit 77
  }
  if [ -d lib ]; then
    [ "${torch##* }" = "$(cat lib/torch_version)" ] ||
      fail "--python: expected torch $(cat lib/torch_version), which the programs were built with, got ${torch##* }."
    export MKT_LIBRARIES="$PWD/lib:${torch% *}/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" # for our programs alone
  fi
  mkdir -p "$out"
  export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive} # threads that wait leave their core to others
  exec "$python" tests/bench/peers/gpu.py "$(realpath "$build")" "$device" "$size" "$(realpath "$out")"
}

case "${1:-}" in
  pack) pack ;;
  run) run "${@:2}" ;;
  --help | -h) usage ;;
  *) fail "expected pack or run, got '${1:-}'. See scripts/gpu.sh --help." ;;
esac
