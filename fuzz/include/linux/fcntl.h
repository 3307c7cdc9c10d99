/* SPDX-License-Identifier: GPL-2.0 */
/* For placemsg.h in a program of user space, which has <fcntl.h>. */
#include <fcntl.h>
