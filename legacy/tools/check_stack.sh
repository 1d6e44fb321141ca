#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# check_stack.sh MAX FILE...: fails when a function takes more than MAX bytes of the stack, or an amount that is not known
# when it is compiled. Each FILE is what the compiler says of one source (-fstack-usage).
set -eu -o pipefail

max=$1
shift
bad=$(awk -F'\t' -v max="$max" '$2 > max || $3 == "dynamic"' "$@")
if [ -z "$bad" ]; then
    echo "$(cat "$@" | wc -l) functions of $(dirname "$1") and what it uses: none takes more than $max bytes of the stack"
    exit 0
fi
echo "too much stack:" >&2
echo "$bad" >&2
exit 1
