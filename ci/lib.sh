# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# ci/lib.sh: what every script of ci/ begins with. Source it:
#
#	. "$(dirname "$0")/lib.sh"
#
# It sets these variables ...
#
#	top	the clone			cache	what survives `make clean`
#	build	$top/build			tree	the assembled kernel tree
#	ARCH	x86_64 or arm64			jobs	how many compilers at a time
#	log	$build/log
#
# ... and gives say, warn, die, begin, end, arch_setup, repo_git, apt_isolated.

set -u -o pipefail
umask 022
# Sorting, dates and tool messages must not depend on who runs a script.
export LC_ALL=C.UTF-8
# A make that started a script has variables and flags of its own.
unset MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL
# The tools, and the Python that has their modules, are those of the packages.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
build=$top/build
tree=$build/linux
log=$build/log
cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/linuxssi
jobs=${JOBS:-$(nproc)}
prog=${0##*/}

# say TEXT: progress, on standard error, so that standard output is a result.
say() { printf '%s: %s\n' "$prog" "$*" >&2; }
warn() { printf '%s: warning: %s\n' "$prog" "$*" >&2; }
# die TEXT: one sentence that says what is wrong and what to do.
die() { printf '%s: error: %s\n' "$prog" "$*" >&2; exit 1; }

# begin TEXT ... end [TEXT]: a step, with the time it took.
begin() { step=$*; step_start=$SECONDS; say "$step ..."; }
end() { say "$step: ${1:-done} ($((SECONDS - step_start)) s)"; }

case ${ARCH:-$(uname -m)} in
x86_64 | amd64 | x86) ARCH=x86_64 ;;
arm64 | aarch64) ARCH=arm64 ;;
*) die "ARCH=${ARCH:-$(uname -m)} is not supported, say ARCH=x86_64 or ARCH=arm64" ;;
esac
# The kernel's own makefiles have other names for the same thing, so ARCH is
# not exported but passed where it is meant.
export -n ARCH 2>/dev/null || true

# arch_setup: sets karch (the kernel's ARCH=), image (path of the boot image
# below an output directory), triplet, cross (CROSS_COMPILE=, empty if native).
arch_setup()
{
	case $ARCH in
	x86_64) karch=x86_64 image=arch/x86/boot/bzImage triplet=x86_64-linux-gnu ;;
	arm64) karch=arm64 image=arch/arm64/boot/Image triplet=aarch64-linux-gnu ;;
	esac
	case $(uname -m)-$ARCH in
	x86_64-x86_64 | aarch64-arm64) cross= ;;
	*) cross=$triplet- ;;
	esac
	# A compiler cache, where there is one. The base directory makes its
	# entries valid in every clone of this repository.
	if [ -d /usr/lib/ccache ] && [[ :$PATH: != *:/usr/lib/ccache:* ]]; then
		PATH=/usr/lib/ccache:$PATH
	fi
	export CCACHE_BASEDIR=$top CCACHE_NOHASHDIR=1
	export CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-time_macros}
}

# kmake [ARGUMENT]...: make in the tree, for ARCH, into $out.
kmake()
{
	make --no-print-directory -C "$tree" O="$out" ARCH="$karch" \
		CROSS_COMPILE="$cross" KBUILD_BUILD_USER=linuxssi \
		KBUILD_BUILD_HOST=localhost "$@"
}

# repo_git [ARGUMENT]...: git in the tree, with nobody's own configuration, so
# that what it writes is the same everywhere. The directories are named, or git
# would take the clone around a tree that is not there yet.
repo_git()
{
	GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 \
	git -C "$tree" --git-dir="$tree/.git" --work-tree="$tree" -c gc.auto=0 -c core.quotePath=false \
		-c user.name=LinuxSSI -c user.email=ssi@localhost "$@"
}

# room DIRECTORY MEBIBYTES: is there that much?
room()
{
	local free

	mkdir -p "$1" || die "cannot create $1"
	free=$(df -Pm "$1" | awk 'NR == 2 { print $4 }')
	[ "$free" -ge "$2" ] ||
		die "$1 has $free MiB free and this needs $2 MiB: free some space and run it again"
}

# apt_isolated DIRECTORY: sets the array apt_options so that apt-get and
# apt-cache use suites of their own (sid, experimental, stable backports) from
# the mirror that this machine uses already, with lists and cache in DIRECTORY:
# nothing of the machine's own package state is read or written.
# MIRROR=URL names another mirror.
apt_isolated()
{
	local dir=$1 mirror=${MIRROR:-} key=/usr/share/keyrings/debian-archive-keyring.gpg suite

	command -v apt-get >/dev/null ||
		die "this machine has no apt-get: say LINUX_SRC=TREE, TARBALL or REPOSITORY@REF instead"
	if [ -z "$mirror" ]; then
		mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
			grep -E '^(https?|file|mirror\+?[a-z]*)://?.*/debian/?$' | head -n 1)
		[ -n "$mirror" ] ||
			die "found no Debian mirror in this machine's apt sources: say MIRROR=URL, or LINUX_SRC=TREE, TARBALL or REPOSITORY@REF"
	fi
	mkdir -p "$dir"/{lists/partial,cache/archives/partial,state,etc} || die "cannot create $dir"
	[ -r "$key" ] || die "$key is missing: apt-get install debian-archive-keyring"
	for suite in ${SUITES:-sid experimental trixie-backports}; do
		echo "deb [signed-by=$key] $mirror $suite main"
	done > "$dir/sources.list"
	: > "$dir/state/status"
	apt_options=(-o Dir::Etc::sourcelist="$dir/sources.list"
		-o Dir::Etc::sourceparts=/dev/null -o Dir::Etc::preferencesparts=/dev/null
		-o Dir::Etc::preferences=/dev/null
		-o Dir::State="$dir/state" -o Dir::State::status="$dir/state/status"
		-o Dir::State::lists="$dir/lists" -o Dir::Cache="$dir/cache"
		-o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none
		-o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false
		-o Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false
		-o Acquire::Retries=3 -o APT::Get::List-Cleanup=true -q)
}
