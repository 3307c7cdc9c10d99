/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_TLSKEY_H
#define _KERNEL_SSI_TLSKEY_H

#include <linux/kconfig.h>
#include <linux/types.h>

#include <uapi/linux/tls.h>

#define SSI_TLSKEY_SECRET_LEN	32

void ssi_tlskey_fill(struct tls12_crypto_info_chacha20_poly1305 *info,
		     const u8 secret[at_least SSI_TLSKEY_SECRET_LEN]);

#if IS_ENABLED(CONFIG_KUNIT)
void ssi_tlskey_expand(const u8 secret[at_least SSI_TLSKEY_SECRET_LEN], const char *label,
		       u8 *out, u8 len);
#endif

#endif /* _KERNEL_SSI_TLSKEY_H */
