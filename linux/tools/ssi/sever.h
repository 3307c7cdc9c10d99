/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TOOLS_SSI_SEVER_H
#define _TOOLS_SSI_SEVER_H

#include "tool.h"

int sever_open(struct tool *t, int *fd);
bool sever(int fd, const struct address *peer, unsigned int own_port);

#endif /* _TOOLS_SSI_SEVER_H */
