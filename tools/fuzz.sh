#!/bin/sh
# Fuzzes every decoder, or $ONLY some, for the given seconds each, $JOBS at a time; with `keep` instead, takes what was
# found worth keeping into the tree. See tests/fuzz/README.md.
set -eu

what=${1:-600}
jobs=${JOBS:-1}
target=${CARGO_TARGET_DIR:-target}/fuzz
tree=tests/fuzz/corpus
# Longer inputs are slower, and find nothing else.
longest=4096
# The tree takes at most so many inputs of a target, of at most so many bytes.
kept=80
kept_longest=2048
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
	work=$target/corpus/$1
	seeds=$target/seeds/$1
	log=$target/$1.log
	mkdir -p "$work" "$seeds" "$tree/$1"
	status=nothing
	TARGET=$1 SEEDS=$seeds "$program" "$work" "$seeds" "$tree/$1" -max_total_time="$what" -timeout=10 -max_len="$longest" \
		-rss_limit_mb=1024 -report_slow_units=1 -artifact_prefix="$target/found/$1-" -print_final_stats=1 >"$log" 2>&1 ||
		status=SOMETHING
	# The coverage and the features, at the beginning and at the end.
	coverage='s/.*cov: \([0-9]*\) ft: \([0-9]*\) .*/\1\/\2/p'
	begun=$(grep -m 1 INITED "$log" | sed -n "$coverage")
	ended=$(grep ' cov: ' "$log" | tail -n 1 | sed -n "$coverage")
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
	echo "$1: found $status in $what s, ${runs:-?} runs, coverage ${begun:-?} to ${ended:-?}, $(ls "$work" | wc -l) inputs"
	[ $status = nothing ] || {
		tail -n 40 "$log"
		echo "$1: see $target/found and $log"
		return 1
	}
}

# The fewest and smallest inputs that together reach all code that the tree, the seeds and the last runs reach; not the
# seeds, which come anew with each run.
keep_one() {
	work=$target/corpus/$1
	seeds=$target/seeds/$1
	new=$target/new/$1
	rm -rf "$new"
	mkdir -p "$work" "$seeds" "$new" "$tree/$1"
	TARGET=$1 SEEDS=$seeds "$program" "$work" -runs=0 >"$target/$1.log" 2>&1
	cp "$seeds"/* "$new"
	TARGET=$1 SEEDS=$seeds "$program" "$new" "$tree/$1" "$work" -set_cover_merge=1 -use_counters=0 -max_len="$kept_longest" \
		-timeout=10 -rss_limit_mb=1024 >"$target/$1.log" 2>&1
	rm -rf "${tree:?}/$1" "$new"/seed-*
	mkdir -p "$tree/$1"
	# They were written in the order of what each adds.
	ls -tr "$new" | head -n "$kept" | while read -r input; do cp "$new/$input" "$tree/$1"; done
	echo "$1: $(ls "$tree/$1" | wc -l) inputs, $(cat "$tree/$1"/* 2>/dev/null | wc -c) bytes"
}

if [ "$what" = keep ]; then
	for name in $names; do keep_one "$name"; done
	echo "all: $(find $tree -type f | wc -l) inputs, $(find $tree -type f -exec cat {} + | wc -c) bytes"
	exit
fi

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
