#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# check_includes.sh FOLDER ALLOWED...: fails when a file of FOLDER includes a header of this project from a folder that is
# neither FOLDER nor one of ALLOWED (ARCHITECTURE.md, "The dependency rule").
set -eu -o pipefail

folder=$1
allowed=$(IFS='|'; echo "$*")
bad=$(grep -rnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' "$folder" --include='*.[ch]' |
    grep -vE "#[[:space:]]*include[[:space:]]*\"($allowed)/" || true)
[ -z "$bad" ] && echo "$folder/ includes from $* only" && exit
echo "$folder/ includes what it must not (allowed: $*):" >&2
echo "$bad" >&2
exit 1
