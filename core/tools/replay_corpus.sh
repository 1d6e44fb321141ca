#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# replay_corpus.sh FUZZER CORPUS: runs every checked-in input once. A crash, or a corpus that is not there, fails.
set -eu -o pipefail

shopt -s nullglob
inputs=("$2"/*)
[ ${#inputs[@]} -gt 0 ] || { echo "$1: no corpus in $2" >&2; exit 1; }
log=$(mktemp)
trap 'rm -f "$log"' EXIT
"$1" "${inputs[@]}" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
echo "$1: ${#inputs[@]} inputs"
