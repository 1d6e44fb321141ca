#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# check_threat_model.sh PAGE: fails when the page names a test (`file:test`) or a fuzzer that is not there.
set -eu -o pipefail

missing=0
names=$(grep -oE '`(test_[a-z0-9_]+:[a-z0-9_]+|fuzz_[a-z0-9_]+)`' "$1" | tr -d '`' | sort -u)
[ -n "$names" ] || { echo "$1 names no test" >&2; exit 1; }
for name in $names; do
    files=$(ls ./*/tests/"${name%%:*}".c ./*/tests/"${name%%:*}".py ./*/fuzz/"$name".c qemu-tests/"${name%%:*}".py \
        2>/dev/null || true)
    # shellcheck disable=SC2086
    [ -n "$files" ] && grep -qw "${name##*:}" $files && continue
    [ -n "$files" ] && [ "$name" = "${name#*:}" ] && continue
    echo "$1: there is no $name" >&2
    missing=1
done
[ $missing = 0 ] && echo "$1: $(wc -w <<<"$names") tests are there"
exit $missing
