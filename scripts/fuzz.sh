#!/usr/bin/env bash
# fuzz.sh SECONDS: fuzzes each target for so long, starting from the committed corpus; what it finds lands in tests/fuzz.
# The corpus itself is replayed by `make test` with any compiler.
set -euo pipefail
cd "$(dirname "$0")/../tests/fuzz"
seconds=${1:?usage: fuzz.sh SECONDS}

cargo fuzz --version >/dev/null 2>&1 || { echo "cargo-fuzz is missing: cargo install cargo-fuzz" >&2; exit 1; }
for target in $(cargo fuzz list --fuzz-dir .); do
  # New inputs go to a scratch folder first, so that the committed corpus stays small and chosen.
  mkdir -p "target/found/$target"
  cargo +nightly fuzz run --fuzz-dir . "$target" "target/found/$target" "corpus/$target" -- -max_total_time="$seconds" -timeout=5 -rss_limit_mb=512
done
