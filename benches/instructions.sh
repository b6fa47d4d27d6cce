#!/usr/bin/env bash
# instructions.sh [FILE]: counts the encoder's instructions for eight updates of each workload, with valgrind: the same
# number each time on one machine and build, whatever else runs. With a FILE that it printed before, it exits 1 when a
# workload takes 5 % more than there.
set -euo pipefail
cd "$(dirname "$0")/.."

before=${1:-}
count=target/release/instructions
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

cargo build --quiet --locked --release -p beside-benches --bin instructions
grown=0
while read -r workload; do
  valgrind --quiet --tool=callgrind --toggle-collect='*collected*' --callgrind-out-file="$out/counts" "$count" "$workload" >/dev/null 2>"$out/log" ||
    { cat "$out/log" >&2; exit 1; }
  instructions=$(awk '/^(summary|totals):/ { print $2; exit }' "$out/counts")
  printf '%s\t%s\n' "$workload" "$instructions"
  [[ $before ]] || continue
  was=$(awk -F '\t' -v name="$workload" '$1 == name { print $2 }' "$before")
  if [[ $was ]] && ((instructions * 100 > was * 105)); then
    echo "instructions.sh: $workload took $was" >&2
    grown=1
  fi
done < <("$count")
exit "$grown"
