/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TOOLS_SSI_LEND_H
#define _TOOLS_SSI_LEND_H

#include "conf.h"

const char *lend_uids_flaw(const char *ranges);
int lend_set(struct tool *t, const struct conf *conf);

#endif /* _TOOLS_SSI_LEND_H */
