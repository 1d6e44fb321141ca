#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# check_rules.sh SOURCES LIBRARY...: fails when core/ breaks its dependency rule (ARCHITECTURE.md). SOURCES is the folder,
# each LIBRARY the whole of core/ built for one freestanding target.
set -eu -o pipefail

sources=$1
shift
failed=0

complain() {
    echo "core/ breaks its rule: $1" >&2
    echo "$2" >&2
    failed=1
}

bad=$(grep -nE '^[[:space:]]*#[[:space:]]*include' "$sources"/*.[ch] |
    grep -vE '#include ("core/[a-z0-9_]+\.h"|<(stdint|stddef|stdbool)\.h>)$' || true)
[ -z "$bad" ] || complain "an #include of something else" "$bad"

# The first #ifndef of a header is its guard; there must be no other condition, and none in a .c file.
bad=$(awk '/^[[:space:]]*#[[:space:]]*(if|ifdef|ifndef|elif|else)/ {
        guard = FILENAME ~ /\.h$/ && /^#ifndef SLIPWAY_CORE_[A-Z0-9_]+_H$/ && !(FILENAME in seen)
        seen[FILENAME] = 1
        if (!guard) print FILENAME ":" FNR ": " $0
    }' "$sources"/*.[ch])
[ -z "$bad" ] || complain "conditional compilation" "$bad"

for library in "$@"; do
    bad=$(size -A "$library" | awk '/\(ex / { member = $1 }
        $1 ~ /^\.(data|bss|tdata|tbss)/ && $1 !~ /^\.data\.rel\.ro/ && $2 > 0 { print member, $1, $2 " bytes" }')
    [ -z "$bad" ] || complain "writable globals in $library" "$bad"
    bad=$(nm "$library" 2>/dev/null | awk '$2 == "C"')
    [ -z "$bad" ] || complain "common symbols in $library" "$bad"

    # A 64-bit division on 32 bits is a call of the compiler's own library.
    # No grep -q: it would end objdump in the middle, which counts as a failure here (pipefail).
    format=$(objdump -f "$library" | awk '/format elf32-i386/ { m = "elf_i386" } END { print m ? m : "elf_x86_64" }')
    whole=$(mktemp)
    ld -m $format -r --whole-archive -o "$whole" "$library"
    bad=$(nm -u "$whole" | grep -vE ' (_GLOBAL_OFFSET_TABLE_|__u?(div|mod|divmod)di[34])$' || true)
    rm -f "$whole"
    [ -z "$bad" ] || complain "symbols that core/ does not have itself in $library" "$bad"
done

[ $failed = 0 ] && echo "core/ obeys its dependency rule"
exit $failed
