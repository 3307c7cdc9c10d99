#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: all
# timeout: 600
#
# Containers in one kernel as members: the selftest of attached pid namespaces.

. "$(dirname "$0")/lib.bash"

selftest containers.sh
finish
