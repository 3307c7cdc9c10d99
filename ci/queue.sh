# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# ci/queue.sh: turns a series of patch files into commits, and back. Source it
# after ci/lib.sh.
#
# The commits are made in an index of their own, so the work tree is not
# touched until the whole queue has applied, and a queue that does not apply
# changes nothing. Committer and date are those of the author: the same base
# and the same patches give the same commit names on every machine.

# queue_names: the patch files of the series, in order.
queue_names()
{
	[ -f "$top/patches/series" ] || return 0
	sed -e 's/[[:space:]]*#.*//' -e '/^[[:space:]]*$/d' "$top/patches/series"
}

# queue_apply COMMIT: applies the queue to a commit as `git am` does, with zero
# fuzz, and sets queue_head to the last commit. Where a patch does not apply it
# sets queue_error and fails.
queue_apply()
{
	local head=$1 name scratch tree_id author email date subject rc=0

	queue_error=
	scratch=$(mktemp -d) || return 1
	GIT_INDEX_FILE=$scratch/index repo_git read-tree "$head" || rc=1
	while [ $rc -eq 0 ] && read -r name; do
		if ! [ -f "$top/patches/$name" ]; then
			queue_error="patches/series names $name, which does not exist"
			rc=1; break
		fi
		if ! repo_git mailinfo "$scratch/message" "$scratch/diff" \
				< "$top/patches/$name" > "$scratch/info" || ! [ -s "$scratch/diff" ]; then
			queue_error="patches/$name is not a patch in git format-patch form"
			rc=1; break
		fi
		author=$(sed -n 's/^Author: //p' "$scratch/info")
		email=$(sed -n 's/^Email: //p' "$scratch/info")
		date=$(sed -n 's/^Date: //p' "$scratch/info")
		subject=$(sed -n 's/^Subject: //p' "$scratch/info")
		if [ -z "$author" ] || [ -z "$subject" ] || [ -z "$date" ]; then
			queue_error="patches/$name has no From:, Date: or Subject: line"
			rc=1; break
		fi
		if ! GIT_INDEX_FILE=$scratch/index repo_git apply --cached --whitespace=nowarn \
				"$scratch/diff" 2> "$scratch/error"; then
			cat "$scratch/error" >&2
			queue_error="patches/$name does not apply to $(repo_git log -1 --format=%s "$1"): rebase it (see Documentation/rebase.md)"
			rc=1; break
		fi
		{ printf '%s\n\n' "$subject"; cat "$scratch/message"; } |
			repo_git stripspace > "$scratch/commit"
		tree_id=$(GIT_INDEX_FILE=$scratch/index repo_git write-tree) &&
		head=$(GIT_AUTHOR_NAME=$author GIT_AUTHOR_EMAIL=$email GIT_AUTHOR_DATE=$date \
			GIT_COMMITTER_NAME=$author GIT_COMMITTER_EMAIL=$email GIT_COMMITTER_DATE=$date \
			repo_git commit-tree "$tree_id" -p "$head" -F "$scratch/commit") || {
			queue_error="git could not record patches/$name: is the disk full?"
			rc=1; break
		}
	done < <(queue_names)
	rm -rf "$scratch"
	[ $rc -eq 0 ] || return 1
	queue_head=$head
}

# queue_write BASE HEAD DIRECTORY: the commits of BASE..HEAD as patch files and
# a series file in an empty directory. The output depends on nothing else.
queue_write()
{
	local name

	repo_git -c diff.noprefix=false -c diff.mnemonicPrefix=false \
		-c diff.algorithm=myers -c core.abbrev=12 \
		format-patch -q --zero-commit --no-signature --no-numbered --no-thread \
		--no-cover-letter --no-renames --no-base --no-attach --no-to --no-cc \
		--no-color --no-ext-diff --no-encode-email-headers \
		--stat=72 -o "$3" "$1..$2" || return 1
	for name in "$3"/*.patch; do
		[ -e "$name" ] && basename "$name"
	done > "$3/series"
}

# is_dirty: does a tracked file of the tree have changes that are not committed?
is_dirty()
{
	repo_git update-index -q --refresh >/dev/null
	! repo_git diff-index --quiet HEAD --
}
