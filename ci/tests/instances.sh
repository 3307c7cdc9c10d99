#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: all
# timeout: 600
#
# Several members in one kernel: the selftest of network namespaces.

. "$(dirname "$0")/lib.bash"

selftest instances.sh
finish
