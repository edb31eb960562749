#!/usr/bin/env bash
# Installs everything the build needs: system packages, LibTorch, the tokenizer's merges file and OpenAI's templates.
# Everything except system packages goes into .deps/. Safe to run again.
set -euo pipefail

readonly kTorchVersion=2.11.0
readonly kTorchOldest=2.6
readonly kTensorBoard=tensorboard==2.20.0
readonly kBenchPackages=(numpy==2.4.6 pillow==12.0.0)
readonly kBenchRuntimes=(onnx==1.23.2 onnxruntime==1.32.0 openvino==2026.4.1)
readonly kMergesPackage=open_clip_torch==3.3.0
readonly kMergesSha256=924691ac288e54409236115652ad4aa250f48203de50a9e4722a6ecd48d6804a # of the .txt.gz inside it
readonly kTemplatesSha256=3bd8adb168bdf80fd681a71258e67f2c4d0f8ed73eae9b504ed5063e1726bbe9 # of its zero_shot_metadata.py
readonly kPackages=(build-essential cmake ninja-build ccache git ca-certificates python3 python3-venv
  libspdlog-dev libcli11-dev nlohmann-json3-dev libgtest-dev libhdf5-dev libjpeg-dev libpng-dev libutf8proc-dev
  zlib1g-dev libssl-dev libgloo-dev libopencv-imgproc-dev libtomlplusplus-dev
  libwebp-dev libtiff-dev libgif-dev libheif-dev libpango1.0-dev pkg-config
  fonts-dejavu-core)
# Decoders of libheif, which are packages of their own since Debian 13.
readonly kPlugins=(libheif-plugin-libde265 libheif-plugin-dav1d)

usage() {
  cat <<TEXT
Usage: scripts/setup.sh [--tests] [--bench] [--torch-dir DIR] [--torch-index URL]

  --tests            also install $kTensorBoard (160 MB) into .deps/venv, for tests that read our event files
  --bench            also install the peers of scripts/bench.sh into .deps/bench: ${kBenchPackages[*]},
                     ${kBenchRuntimes[*]}
  --torch-dir DIR    LibTorch to use: the folder that holds lib/libtorch.so (also: Torch_DIR)
  --torch-index URL  Python wheel index to install torch from, for example one of CPU-only builds
  --help             print this text

LibTorch is searched in this order: --torch-dir or Torch_DIR, a torch that python3 already has; otherwise
torch==$kTorchVersion is installed into .deps/venv (about 2 minutes, 5 GB; less from a CPU index).
TEXT
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
deps="$root/.deps"
torch_dir="${Torch_DIR:-}"
torch_index=""
tests=no
bench=no
while [ $# -gt 0 ]; do
  case "$1" in
    --torch-dir) torch_dir="${2:?--torch-dir needs a folder}"; shift 2 ;;
    --torch-index) torch_index="${2:?--torch-index needs an address}"; shift 2 ;;
    --tests) tests=yes; shift ;;
    --bench) bench=yes; shift ;;
    --help | -h) usage; exit 0 ;;
    *) echo "setup.sh: unknown option '$1'. See scripts/setup.sh --help." >&2; exit 2 ;;
  esac
done

say() { printf '[setup %4ds] %s\n' "$SECONDS" "$*" >&2; }
fail() { say "error: $*"; exit 1; }

is_installed() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

install_packages() {
  command -v dpkg-query >/dev/null || fail "this script installs Debian/Ubuntu packages; on another system install: ${kPackages[*]}"
  local missing=() as_root=() package
  if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi
  for package in "${kPackages[@]}"; do is_installed "$package" || missing+=("$package"); done
  if [ ${#missing[@]} -gt 0 ]; then
    [ ${#as_root[@]} -eq 0 ] || command -v sudo >/dev/null ||
      fail "expected root or sudo to install ${missing[*]}, got neither. Install them first."
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2
  fi
  for package in "${kPlugins[@]}"; do
    if ! is_installed "$package" && apt-cache show "$package" >/dev/null 2>&1; then missing+=("$package"); fi
  done
  if [ ${#missing[@]} -eq 0 ]; then say "system packages: all present"; return; fi
  say "system packages: installing ${missing[*]}"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >"$deps/apt.log" 2>&1 ||
    { tail -n 20 "$deps/apt.log" >&2; fail "apt-get could not install the packages above; its log is .deps/apt.log"; }
}

# Prints the folder of a Python's torch package, or nothing.
torch_of_python() {
  "$1" - 2>/dev/null <<'PY'
import importlib.util, os
spec = importlib.util.find_spec("torch")
if spec and spec.origin and os.path.exists(os.path.join(os.path.dirname(spec.origin), "lib", "libtorch_cpu.so")):
    print(os.path.dirname(spec.origin))
PY
}

# Prints the version of the LibTorch in a folder, from its version header.
torch_version() {
  local header="$1/include/torch/headeronly/version.h"
  [ -f "$header" ] || header="$1/include/torch/csrc/api/include/torch/version.h" # before 2.9
  [ -f "$header" ] || return 0
  awk '/#define TORCH_VERSION_(MAJOR|MINOR|PATCH) [0-9]/ {v = v (v == "" ? "" : ".") $3} END {print v}' "$header"
}

ensure_venv() {
  [ -x "$deps/venv/bin/pip" ] && return
  python3 -m venv "$deps/venv" || fail "python3 -m venv failed; is python3-venv installed for this python3?"
}

find_torch() {
  if [ -n "$torch_dir" ]; then
    [ "$(basename "$torch_dir")" = Torch ] && torch_dir=$(cd "$torch_dir/../../.." && pwd) # a CMake-style Torch_DIR
    say "LibTorch: using $torch_dir"
  else
    torch_dir=$(torch_of_python python3 || true)
    if [ -n "$torch_dir" ]; then
      say "LibTorch: python3 has one at $torch_dir"
    else
      ensure_venv
      torch_dir=$(torch_of_python "$deps/venv/bin/python" || true)
      if [ -z "$torch_dir" ]; then
        say "LibTorch: installing torch==$kTorchVersion into .deps/venv (about 2 minutes)"
        "$deps/venv/bin/pip" install --quiet --no-input --disable-pip-version-check \
          ${torch_index:+--index-url "$torch_index"} "torch==$kTorchVersion" numpy >&2 ||
          fail "pip could not install torch==$kTorchVersion; name a LibTorch with --torch-dir or an index with --torch-index"
        torch_dir=$(torch_of_python "$deps/venv/bin/python" || true)
      fi
    fi
  fi
  [ -f "$torch_dir/lib/libtorch_cpu.so" ] ||
    fail "--torch-dir: expected a folder with lib/libtorch_cpu.so, got '$torch_dir'. Name the folder of the torch package or of an unpacked LibTorch."
  local version
  version=$(torch_version "$torch_dir")
  [ -n "$version" ] || fail "LibTorch at $torch_dir: no version header found; expected LibTorch >= $kTorchOldest with its headers"
  [ "$(printf '%s\n%s\n' "$kTorchOldest" "$version" | sort -V | head -n 1)" = "$kTorchOldest" ] ||
    fail "LibTorch at $torch_dir is $version; this project needs $kTorchOldest or newer. Name another with --torch-dir."
  printf '%s\n' "$torch_dir" >"$deps/torch_dir"
  say "LibTorch: $version"
}

sha256_of() { sha256sum "$1" | cut -d' ' -f1; }

# Writes OpenAI's templates for ImageNet, lambdas over f-strings in a Python source, as a phrases file. The source is
# parsed, not run.
write_templates() {
  python3 - "$1" "$2" "$kTemplatesSha256" <<'PY'
import ast, glob, hashlib, json, sys, zipfile

wheel = zipfile.ZipFile(sorted(glob.glob(sys.argv[1] + "/open_clip_torch-*.whl"))[-1])
source = wheel.read("open_clip/zero_shot_metadata.py")
got = hashlib.sha256(source).hexdigest()
if got != sys.argv[3]:
    sys.exit(f"zero_shot_metadata.py: expected SHA-256 {sys.argv[3]}, got {got}")

def template_of(item):
    label = item.args.args[0].arg
    parts = []
    for part in item.body.values:
        if isinstance(part, ast.Constant):
            parts.append(part.value)
        elif isinstance(part.value, ast.Name) and part.value.id == label:
            parts.append("{}")
        else:
            sys.exit("zero_shot_metadata.py: expected templates that only insert the label")
    return "".join(parts)

for node in ast.parse(source).body:
    if isinstance(node, ast.Assign) and node.targets[0].id == "OPENAI_IMAGENET_TEMPLATES":
        templates = [template_of(item) for item in node.value.elts]
        if len(templates) != 80 or any(text.count("{}") != 1 for text in templates):
            sys.exit("zero_shot_metadata.py: expected 80 templates with one label each")
        with open(sys.argv[2], "w", encoding="utf-8") as out:
            json.dump({"templates": templates}, out, indent=1)
            out.write("\n")
        sys.exit(0)
sys.exit("zero_shot_metadata.py: expected OPENAI_IMAGENET_TEMPLATES")
PY
}

# CLIP's BPE merges and OpenAI's 80 templates are part of a Python package: extracts both and checks their SHA-256.
fetch_merges() {
  local share="$deps/share" name=bpe_simple_vocab_16e6.txt.gz templates=openai-80.json
  if [ -f "$share/$name" ] && [ "$(sha256_of "$share/$name")" = "$kMergesSha256" ] && [ -f "$share/${name%.gz}" ] &&
    [ -f "$share/$templates" ]; then
    say "tokenizer merges and OpenAI's templates: present"
    return
  fi
  ensure_venv
  say "tokenizer merges and OpenAI's templates: taking them out of $kMergesPackage"
  mkdir -p "$share" "$deps/download"
  "$deps/venv/bin/pip" download --quiet --no-input --disable-pip-version-check --no-deps --only-binary=:all: \
    -d "$deps/download" "$kMergesPackage" >&2 || fail "pip could not download $kMergesPackage"
  python3 - "$deps/download" "$share/$name.part" <<'PY'
import glob, sys, zipfile
wheel = zipfile.ZipFile(sorted(glob.glob(sys.argv[1] + "/open_clip_torch-*.whl"))[-1])
open(sys.argv[2], "wb").write(wheel.read("open_clip/bpe_simple_vocab_16e6.txt.gz"))
PY
  local got
  got=$(sha256_of "$share/$name.part")
  [ "$got" = "$kMergesSha256" ] || fail "$name: expected SHA-256 $kMergesSha256, got $got; nothing was kept"
  write_templates "$deps/download" "$share/$templates.part" || fail "$templates could not be made; nothing was kept"
  mv "$share/$templates.part" "$share/$templates"
  mv "$share/$name.part" "$share/$name"
  gunzip -c "$share/$name" >"$share/${name%.gz}.part" && mv "$share/${name%.gz}.part" "$share/${name%.gz}"
  rm -rf "$deps/download"
}

# Tests that need it are skipped without it, so a machine without a network still runs the others.
fetch_test_packages() {
  ensure_venv
  if [ "$("$deps/venv/bin/pip" freeze --disable-pip-version-check | grep -ix "$kTensorBoard" || true)" ]; then
    say "TensorBoard's reader: present"
    return
  fi
  say "TensorBoard's reader: installing $kTensorBoard into .deps/venv"
  "$deps/venv/bin/pip" install --quiet --no-input --disable-pip-version-check "$kTensorBoard" >&2 ||
    say "warning: pip could not install $kTensorBoard; the tests that need it will be skipped"
}

# Peers of scripts/bench.sh, in an environment of their own so that no build or test depends on them. A .pth file makes
# the torch that was found importable there.
fetch_bench_packages() {
  local python="$deps/bench/bin/python"
  "$python" -m pip --version >/dev/null 2>&1 || python3 -m venv "$deps/bench" ||
    fail "python3 -m venv failed; is python3-venv installed for this python3?"
  say "peers: ${kBenchPackages[*]} ${kBenchRuntimes[*]}"
  "$python" -m pip install --quiet --no-input --disable-pip-version-check "${kBenchPackages[@]}" >&2 ||
    fail "pip could not install ${kBenchPackages[*]} into .deps/bench"
  "$python" -m pip install --quiet --no-input --disable-pip-version-check "${kBenchRuntimes[@]}" >&2 ||
    say "warning: pip could not install ${kBenchRuntimes[*]}; scripts/bench.sh encode leaves them out"
  dirname "$torch_dir" >"$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/torch.pth"
  "$python" -c 'import torch' 2>/dev/null ||
    say "warning: python3 cannot import the torch at $torch_dir; scripts/bench.sh encode needs one that it can"
}

mkdir -p "$deps"
install_packages
find_torch
fetch_merges
[ "$tests" = no ] || fetch_test_packages
[ "$bench" = no ] || fetch_bench_packages
say "done in $SECONDS s"
