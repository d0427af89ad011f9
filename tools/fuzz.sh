#!/bin/sh
# Fuzzes every decoder, or $ONLY one, for the given seconds each; $JOBS at a time. See tests/fuzz/README.md.
set -eu

seconds=${1:-600}
jobs=${JOBS:-1}
target=${CARGO_TARGET_DIR:-target}/fuzz
host=$(rustc -vV | sed -n 's/^host: //p')
# What cargo-fuzz passes as well, less what only nightly has.
RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares" \
	cargo build --locked --target "$host" --target-dir "$target" --profile fuzz -p downbeat-fuzz --features libfuzzer --bin fuzz

program=$target/$host/fuzz/fuzz
names=${ONLY:-$(TARGET=list "$program" 2>&1 | sed -n 's/.*one of: //p')}
mkdir -p "$target/found"
fuzz_one() {
	corpus=$target/corpus/$1
	mkdir -p "$corpus"
	if TARGET=$1 SEEDS=$corpus "$program" "$corpus" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 \
		-artifact_prefix="$target/found/$1-" -verbosity=0 -print_final_stats=1 >"$target/$1.log" 2>&1; then
		runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$target/$1.log")
		echo "$1: nothing found in ${seconds} s, $runs runs, $(ls "$corpus" | wc -l) inputs kept"
	else
		tail -n 40 "$target/$1.log"
		echo "$1: FOUND SOMETHING, see $target/found and $target/$1.log"
		return 1
	fi
}

failed=0
running=0
pids=
for name in $names; do
	fuzz_one "$name" &
	pids="$pids $!"
	running=$((running + 1))
	if [ "$running" -ge "$jobs" ]; then
		for pid in $pids; do wait "$pid" || failed=1; done
		pids= running=0
	fi
done
for pid in $pids; do wait "$pid" || failed=1; done
exit "$failed"
