# SPDX-License-Identifier: GPL-2.0
# The verbs of this repository. Each is a script in ci/, and says there what it
# does; variables are handed to it through the environment.

ARCH ?=
VARIANT ?=
LINUX_SRC ?=
FORCE ?=
SIGNOFF ?=
TO ?=
JOBS ?=
ifneq ($(ARCH),)
export ARCH
endif
ifneq ($(JOBS),)
export JOBS
endif
export VARIANT LINUX_SRC FORCE SIGNOFF TO

all: kernel

help:
	@sed -n 's/^## //p' Makefile

## LinuxSSI: make VERB [VARIABLE=value]...
##
##   tree          assemble build/linux: base kernel, patches/, linux/ linked in
##   kernel        build the kernel that demo and tests boot; prints its path
##   demo          three virtual machines, a running program moves between them
##   check         gates and tests, as CI runs them (GATES="name..." for some)
##   model         check the models of the protocol, and what breaks without its rules
##   fuzz          fuzz what takes apart the bytes of a peer
##   bench         measure; table and plot in build/bench
##   soak          random moves, kills and cuts on a cluster
##   chaos         FAULTS=N faults of nodes and links, one after another, while processes work
##   inject        allocations fail, one call after another, while processes move
##   scale         NODES="8 32" instances: what a member costs as a cluster grows
##   series        the queue as a mailable patch series in build/series
##   series-check  build every commit of it, CONFIG_SSI on and off, both ARCHes
##   refresh       write the commits of build/linux back to patches/
##   rebase TO=X   try the queue on another kernel; shows conflicts as git does
##   clean         remove build/ (downloads stay in the cache directory)
##   help          this text
##
## Variables
##   ARCH=x86_64|arm64   the architecture; default: this machine's
##   LINUX_SRC=X         base: a tree, tarball, REPOSITORY@REF or linux-source package
##   VARIANT=X           kernel: debug, kasan, kcsan, nossi, distro
##   JOBS=N              compilers at a time; default: the number of CPUs
##   LONG=1              check, model: also what takes long
##   MINUTES=N           soak: for how long; default: 30
##   SEED=N              soak, chaos, inject, fuzz: repeat the run that had this one
##   FAULTS=N            chaos: how many; default: 100
##   SITES=N ONLY=REGEX  inject: how many calls at random, and which; default: all
##   NODES="8 32"        scale: the sizes; default: 8 16
##   RUNS=N              fuzz: executions of each target; default: 1000000
##   FORCE=1             tree: drop work in build/linux that patches/ lacks
##   SIGNOFF="N <a@b>"   series: your certificate of origin
##   MIRROR=URL          Debian mirror; default: the one of this machine's apt
##   XDG_CACHE_HOME=DIR  where downloads are kept; default: ~/.cache

tree kernel check model fuzz soak series series-check refresh rebase:
	@ci/$@

# These are Python: on a fresh machine nothing has installed it before.
demo bench chaos inject scale:
	@ci/packages +python3
	@ci/$@

clean:
	@ci/clean

.PHONY: all help tree kernel demo check model fuzz bench soak chaos inject scale series \
	series-check refresh rebase clean
