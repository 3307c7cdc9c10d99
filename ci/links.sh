# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# ci/links.sh: puts the files of linux/ into the tree. Source it after ci/lib.sh.
#
# They are symbolic links, so that an edit under linux/ is an edit of the tree;
# directories are real, so that what a build leaves there does not land in
# linux/.

# linux_files: the files of linux/, relative to it, sorted. New files count
# before they are committed, what .gitignore names does not.
linux_files()
{
	if git -C "$top" rev-parse --git-dir >/dev/null 2>&1; then
		(cd "$top" && git ls-files -co --exclude-standard -- linux) |
			while read -r f; do [ -f "$top/$f" ] && echo "${f#linux/}"; done
	else
		(cd "$top/linux" && find . -type f ! -name '*.o' ! -name '*~' ! -name '.*.swp' -printf '%P\n')
	fi | sort -u
}

# link_files: makes the links of the tree those of linux/. The list of the last
# run tells which files are gone since.
link_files()
{
	local links=$tree/.git/ssi-links added=0 removed=0 f up to

	# git does not read a .gitignore that is a link, and says so each time.
	linux_files | grep -v '\.gitignore$' > "$links.new"
	touch "$links"

	while read -r f; do
		[ -L "$tree/$f" ] || continue
		rm -f "$tree/$f"
		removed=$((removed + 1))
		(cd "$tree" && rmdir -p --ignore-fail-on-non-empty "$(dirname "$f")" 2>/dev/null)
	done < <(comm -23 "$links" "$links.new")

	while read -r f; do
		up=${f//[^\/]/}
		to=../../${up//\//../}linux/$f
		[ "$(readlink "$tree/$f")" = "$to" ] && continue
		if [ -e "$tree/$f" ] && ! [ -L "$tree/$f" ]; then
			repo_git ls-files --error-unmatch -- "$f" >/dev/null 2>&1 &&
				die "linux/$f is a file of the base: a change of an existing file belongs in patches/"
			cmp -s "$tree/$f" "$top/linux/$f" ||
				die "build/linux/$f is not a link and differs from linux/$f: copy it there if you mean it, or remove it"
		fi
		mkdir -p "$(dirname "$tree/$f")" && ln -sfn "$to" "$tree/$f" ||
			die "could not link linux/$f into the tree"
		added=$((added + 1))
	done < "$links.new"
	mv "$links.new" "$links"
	[ $((added + removed)) -eq 0 ] || say "linked $added new and unlinked $removed old files of linux/"

	# git in the tree must see neither the links nor what tools built beside them.
	{ echo '# written by ci/tree'; sed -e 's|^|/|' "$links"; } > "$tree/.git/info/exclude"
}
