/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_REASON_H
#define _KERNEL_SSI_REASON_H

#include <uapi/linux/ssi.h>

/* One more than the highest reason; the uapi enum is open-ended by design. */
#define SSI_NR_REASONS	(SSI_REASON_USER + 1)

const char *ssi_reason_text(enum ssi_reason reason);

#endif /* _KERNEL_SSI_REASON_H */
