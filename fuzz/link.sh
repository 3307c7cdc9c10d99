#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# link.sh CLANG SANITIZERS DIRECTORY OBJECT...: links the fuzzer. What the objects name and
# nobody has is made here: functions that end the run and say their name, and data of zeroes.

set -u -o pipefail
export LC_ALL=C
clang=$1 sanitizers=$2 dir=$3
shift 3

handlers=$(nm "$@" | awk '$1 == "U" && $2 ~ /^fuzz_for_/ { print "-Wl,--defsym=" $2 "=fuzz_handle" }' |
	sort -u)

# shellcheck disable=SC2086 # lists of options are meant
link() { $clang $sanitizers -fsanitize=fuzzer -no-pie -Wl,--gc-sections $handlers "$@" -o "$dir/fuzz"; }

link "$@" > "$dir/link.log" 2>&1 && exit 0
grep -oE "undefined reference to \`[^']*'" "$dir/link.log" | sed "s/.*\`//; s/'//" | sort -u > "$dir/missing.list"
[ -s "$dir/missing.list" ] || { cat "$dir/link.log" >&2; exit 1; }
{
	echo 'void fuzz_fail(const char *fmt, ...);'
	while read -r name; do
		case $name in
		# static calls, which do nothing until they are told to
		__SCT__*) echo "void *$name(void); void *$name(void) { return 0; }" ;;
		system_*_wq | __tracepoint_* | *_caches | *_state | __start_notes | __stop_notes | init_*)
			echo "char ${name}[8192] __attribute__((aligned(64)));"
			;;
		*) echo "void *$name(void); void *$name(void) { fuzz_fail(\"%s() is called, which fuzz/ lacks\", \"$name\"); return 0; }" ;;
		esac
	done < "$dir/missing.list"
} > "$dir/missing.c"
$clang -w -O1 -fno-builtin -c "$dir/missing.c" -o "$dir/missing.o" && link "$@" "$dir/missing.o"
