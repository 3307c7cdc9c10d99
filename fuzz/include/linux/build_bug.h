/* SPDX-License-Identifier: GPL-2.0 */
/* For wire.h and its like in a program of user space. */
#ifndef _FUZZ_LINUX_BUILD_BUG_H
#define _FUZZ_LINUX_BUILD_BUG_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;

#define at_least	static
#ifndef __must_check
#define __must_check
#endif

#endif /* _FUZZ_LINUX_BUILD_BUG_H */
