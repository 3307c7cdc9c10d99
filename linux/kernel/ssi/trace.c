// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: tracepoints
 */

/**
 * DOC: tracepoints
 *
 * What a developer wants to see in order and with times: moves, traps, faults, and
 * what happens to ranges of pages. trace.h defines the events; here is their code,
 * once. They name a process by its pid in the initial namespace and change nothing.
 */

#define CREATE_TRACE_POINTS
#include "trace.h"
