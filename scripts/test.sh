#!/usr/bin/env bash
# Sets up, builds with warnings as errors (preset dev: build/dev) and runs every test; then the tests of the file
# readers under sanitizers.
#   scripts/test.sh          all tests
#   scripts/test.sh --quick  without the sanitizers
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
quick=no
sanitized=(io_test weights_test codecs_test image_test lists_test data_test)
case "${1:-}" in
  "") ;;
  --quick) quick=yes ;;
  *) echo "test.sh: unknown option '$1'. Use --quick or none." >&2; exit 2 ;;
esac

step() { printf '\n=== [%4ds] %s\n' "$SECONDS" "$*"; }

step "set-up"
scripts/setup.sh --tests
step "build"
cmake --preset dev >/dev/null
cmake --build --preset dev
step "tests"
ctest --preset dev
if [ "$quick" = no ]; then
  step "build (address and undefined-behaviour sanitizers: the readers of files)"
  cmake --preset asan >/dev/null
  cmake --build --preset asan --target "${sanitized[@]}"
  step "tests (sanitizers)"
  ctest --preset asan -R "^($(IFS='|'; echo "${sanitized[*]}"))\$"
fi
step "done"
