#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# check_stack.sh MAX FOLDER: fails when a function takes more than MAX bytes of the stack, or an amount that is not known
# when it is compiled. FOLDER has the compiler's .su files.
set -eu -o pipefail

max=$1
bad=$(awk -v max="$max" '$2 > max || $3 == "dynamic"' "$2"/*.su)
if [ -z "$bad" ]; then
    echo "$2: no function takes more than $max bytes of the stack"
    exit 0
fi
echo "$2: too much stack:" >&2
echo "$bad" >&2
exit 1
