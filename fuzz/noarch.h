/* SPDX-License-Identifier: GPL-2.0 */
/* After the kernel's configuration: ciphers in C, which sanitizers see. */
#undef CONFIG_CRYPTO_LIB_CHACHA_ARCH
#undef CONFIG_CRYPTO_LIB_CURVE25519_ARCH
#undef CONFIG_CRYPTO_LIB_POLY1305_ARCH
#undef CONFIG_CRYPTO_LIB_SHA256_ARCH
#undef CONFIG_CRYPTO_SELFTESTS
#undef CONFIG_CRYPTO_FIPS
