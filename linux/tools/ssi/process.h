/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TOOLS_SSI_PROCESS_H
#define _TOOLS_SSI_PROCESS_H

struct ssi_process_get_rsp;
struct tool;

void process_json(const struct ssi_process_get_rsp *p);
struct ssi_process_get_rsp *process_get(struct tool *t, unsigned int pid);

#endif /* _TOOLS_SSI_PROCESS_H */
