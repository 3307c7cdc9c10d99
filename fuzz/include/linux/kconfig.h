/* SPDX-License-Identifier: GPL-2.0 */
/* For noise.h in a program of user space. */
#define IS_ENABLED(option)	0
