#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run_fuzzer.sh FUZZER CORPUS SECONDS: fuzzes with a copy of the corpus beside the fuzzer, so that what is found stays out
# of the repository until somebody chooses it.
set -eu -o pipefail

work=$1.work
mkdir -p "$work/corpus" "$work/crashes"
cp "$2"/* "$work/corpus/"
echo "== $1: $3 s"
"$1" -max_total_time="$3" -timeout=10 -print_final_stats=1 -artifact_prefix="$work/crashes/" "$work/corpus" \
    >"$work/log" 2>&1 || { tail -60 "$work/log" >&2; exit 1; }
grep -E '^(Done|stat::(number_of_executed_units|peak_rss_mb))' "$work/log"
