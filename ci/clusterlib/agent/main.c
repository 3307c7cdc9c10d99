// SPDX-License-Identifier: GPL-2.0
#include <libgen.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "agent.h"

void die(const char *fmt, ...)
{
	va_list ap;

	fputs("agent: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	/* As the first process this panics the kernel, which the host sees. */
	exit(125);
}

int main(int argc, char **argv)
{
	const char *name = basename(argv[0]);

	if (getpid() == 1) {
		boot();
		serve();
	}
	if (argc > 1 && !strcmp(argv[1], "serve"))
		serve();	/* where init is the system's own */
	if (argc > 1 && !strcmp(argv[1], "netem"))
		return netem_main(argc - 2, argv + 2);
	return client_main(name, argc, argv);
}
