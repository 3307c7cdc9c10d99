// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: tracepoints
 */

#define CREATE_TRACE_POINTS
#include "trace.h"
