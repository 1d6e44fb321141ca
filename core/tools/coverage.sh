#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# coverage.sh BUILD PERCENT TEST...: runs the tests, then prints the line coverage of each file of core/ and of all
# together. BUILD holds what gcc --coverage built. Fails when a test does, when a file of core/ is in no test, or when
# the total is below PERCENT. BUILD/lines.txt names the lines that no test reached.
set -eu -o pipefail

build=$1 percent=$2
shift 2

find "$build" -name '*.gcda' -delete
for test in "$@"; do
    "$test" >"$test.log" 2>&1 || { cat "$test.log" >&2; echo "$test failed" >&2; exit 1; }
done

rm -f "$build/lines.txt"
# "COUNT:LINE:TEXT" for each line; line 0 names the source.
find "$build" -name '*.gcno' -print0 | sort -z | xargs -0 gcov -t >"$build/annotated.txt"
awk -F: -v sources="$(echo core/*.c)" -v least="$percent" -v missed_lines="$build/lines.txt" '
    { gsub(/ /, "", $1); gsub(/ /, "", $2) }
    $2 == 0 && $3 == "Source" { source = $4 }
    $1 ~ /^[0-9#=]/ && source ~ /^core\/[a-z0-9_]+\.c$/ {
        total[source]++
        if ($1 ~ /^[0-9]/) hit[source]++
        else print source ":" $2 ":" substr($0, index($0, $3)) > missed_lines
    }
    function show(name, hit, total) {
        printf "%-28s %4d of %4d  %6.2f %%\n", name, hit, total, 100 * hit / total
    }
    END {
        count = split(sources, names, " ")
        for (i = 1; i <= count; i++) {
            if (!total[names[i]]) { print names[i] ": in no test" > "/dev/stderr"; exit 1 }
            show(names[i], hit[names[i]], total[names[i]])
            hits += hit[names[i]]
            lines += total[names[i]]
        }
        show("core/", hits, lines)
        if (100 * hits < least * lines) { print "core/ is below " least " %" > "/dev/stderr"; exit 1 }
    }' "$build/annotated.txt"
