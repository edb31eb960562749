#!/usr/bin/env bash
# Sets up, builds and runs every test: the release build's, then those of the file readers under sanitizers.
#   scripts/test.sh          all tests
#   scripts/test.sh --quick  only the release tests
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
quick=no
[ "${1:-}" = --quick ] && quick=yes

step() { printf '\n=== [%4ds] %s\n' "$SECONDS" "$*"; }

step "set-up"
scripts/setup.sh --tests
step "build (release)"
cmake --preset release >/dev/null
cmake --build --preset release
step "tests (release)"
ctest --preset release
if [ "$quick" = no ]; then
  step "build (address and undefined-behaviour sanitizers: the readers of files)"
  cmake --preset asan >/dev/null
  cmake --build --preset asan --target io_test weights_test image_test data_test
  step "tests (sanitizers)"
  ctest --preset asan -R '^(io_test|weights_test|image_test|data_test)$'
fi
step "done"
