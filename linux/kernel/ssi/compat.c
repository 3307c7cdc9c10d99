// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: do two nodes fit together?
 */

/**
 * DOC: compatibility
 *
 * A process that moves takes with it registers, and assumptions about the CPU
 * that it made when it started.  And the two kernels exchange their own
 * structures.  So nodes of a cluster run the same build of the kernel, on CPUs
 * that look the same to user mode: ssi_compat_self() describes this machine in a
 * &struct ssi_compat, which each HELLO carries, and ssi_compat_check() compares
 * two.  It is a pure function of two byte strings; the first difference is named
 * in a sentence that both sides show.
 *
 * Which bits of the CPU's description count is a matter of the architecture: what
 * user mode can find out or use does, what only the kernel uses does not.  A
 * description is compared after the build, so its order may change with any build.
 */

#include <kunit/visibility.h>
#include <linux/buildid.h>
#include <linux/cpufeature.h>
#include <linux/cpumask.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/utsname.h>

#include "compat.h"

#if defined(CONFIG_X86_64)
#include <asm/fpu/types.h>

#define SSI_COMPAT_ARCH	"x86_64"

/* Words of x86_capability that user mode can see, and bits that do not count. */
static const struct {
	const char *name;
	u8 word;
	u32 ignore;
} ssi_compat_words[] = {
	{ "cpuid 1 edx", CPUID_1_EDX,
	  /* vme pse mce apic sep mtrr pge pse36 acpi ht tm */
	  BIT(1) | BIT(3) | BIT(7) | BIT(9) | BIT(11) | BIT(12) | BIT(13) |
	  BIT(17) | BIT(22) | BIT(28) | BIT(29) },
	{ "cpuid 1 ecx", CPUID_1_ECX,
	  /* dtes64 monitor ds_cpl vmx smx est tm2 xtpr pdcm pcid dca x2apic
	   * deadline hypervisor
	   */
	  BIT(2) | BIT(3) | BIT(4) | BIT(5) | BIT(6) | BIT(7) | BIT(8) |
	  BIT(14) | BIT(15) | BIT(17) | BIT(18) | BIT(21) | BIT(24) | BIT(31) },
	{ "cpuid 80000001 edx", CPUID_8000_0001_EDX, 0 },
	{ "cpuid 80000001 ecx", CPUID_8000_0001_ECX,
	  /* cmp_legacy svm extapic osvw ibs skinit wdt topoext perfctr */
	  BIT(1) | BIT(2) | BIT(3) | BIT(9) | BIT(10) | BIT(12) | BIT(13) |
	  BIT(22) | BIT(23) | BIT(24) | BIT(28) },
	{ "cpuid 7 ebx", CPUID_7_0_EBX,
	  /* tsc_adjust smep invpcid cqm rdt smap intel_pt */
	  BIT(1) | BIT(7) | BIT(10) | BIT(12) | BIT(15) | BIT(20) | BIT(25) },
	{ "cpuid 7 ecx", CPUID_7_ECX, BIT(16) /* la57 is below */ },
	{ "cpuid 7 edx", CPUID_7_EDX,
	  /* what mitigates speculation is the kernel's business */
	  BIT(10) | BIT(26) | BIT(27) | BIT(28) | BIT(29) | BIT(30) | BIT(31) },
	{ "cpuid 7.1 eax", CPUID_7_1_EAX, 0 },
	{ "cpuid d.1 eax", CPUID_D_1_EAX, 0 },
};

static const char *const ssi_compat_more[] = {
	"xsave features", "xsave size", "address bits",
};

static unsigned int ssi_compat_features(u64 *f)
{
	unsigned int i, nr = 0;

	for (i = 0; i < ARRAY_SIZE(ssi_compat_words); i++)
		f[nr++] = boot_cpu_data.x86_capability[ssi_compat_words[i].word] &
			  ~ssi_compat_words[i].ignore;
	f[nr++] = fpu_user_cfg.max_features;
	f[nr++] = fpu_user_cfg.max_size;
	f[nr++] = __VIRTUAL_MASK_SHIFT;
	return nr;
}

static const char *ssi_compat_feature_name(unsigned int i)
{
	if (i < ARRAY_SIZE(ssi_compat_words))
		return ssi_compat_words[i].name;
	return ssi_compat_more[i - ARRAY_SIZE(ssi_compat_words)];
}

static_assert(ARRAY_SIZE(ssi_compat_words) + ARRAY_SIZE(ssi_compat_more) <=
	      SSI_COMPAT_FEATURES);

#elif defined(CONFIG_ARM64)
#include <asm/arch_timer.h>
#include <asm/fpsimd.h>
#include <asm/hwcap.h>
#include <asm/memory.h>
#include <asm/sysreg.h>

#define SSI_COMPAT_ARCH	"arm64"

static const struct {
	const char *name;
	u32 reg;
} ssi_compat_regs[] = {
	{ "ID_AA64ISAR0_EL1",	SYS_ID_AA64ISAR0_EL1 },
	{ "ID_AA64ISAR1_EL1",	SYS_ID_AA64ISAR1_EL1 },
	{ "ID_AA64ISAR2_EL1",	SYS_ID_AA64ISAR2_EL1 },
	{ "ID_AA64ISAR3_EL1",	SYS_ID_AA64ISAR3_EL1 },
	{ "ID_AA64ZFR0_EL1",	SYS_ID_AA64ZFR0_EL1 },
	{ "ID_AA64SMFR0_EL1",	SYS_ID_AA64SMFR0_EL1 },
	{ "ID_AA64FPFR0_EL1",	SYS_ID_AA64FPFR0_EL1 },
	{ "CTR_EL0",		SYS_CTR_EL0 },
	{ "DCZID_EL0",		SYS_DCZID_EL0 },
};

static const char *const ssi_compat_more[] = {
	"AT_HWCAP", "AT_HWCAP2", "AT_HWCAP3", "address bits", "CNTFRQ_EL0",
	"SVE vector lengths", "SME vector lengths",
};

/* The lengths up to 1024 bytes; the architecture ends at 256. */
static u64 ssi_compat_vector_lengths(enum vec_type type)
{
	u64 lengths = 0;
	unsigned int vq;

	if (type == ARM64_VEC_SVE ? !system_supports_sve() :
				    !system_supports_sme())
		return 0;
#if defined(CONFIG_ARM64_SVE) || defined(CONFIG_ARM64_SME)
	for (vq = 1; vq <= 64; vq++)
		if (vq_available(type, vq))
			lengths |= BIT_ULL(vq - 1);
#endif
	return lengths;
}

static unsigned int ssi_compat_features(u64 *f)
{
	unsigned int i, nr = 0;

	for (i = 0; i < ARRAY_SIZE(ssi_compat_regs); i++)
		f[nr++] = read_sanitised_ftr_reg(ssi_compat_regs[i].reg);
	f[nr++] = cpu_get_elf_hwcap();
	f[nr++] = cpu_get_elf_hwcap2();
	f[nr++] = cpu_get_elf_hwcap3();
	f[nr++] = vabits_actual;
	f[nr++] = arch_timer_get_cntfrq();
	f[nr++] = ssi_compat_vector_lengths(ARM64_VEC_SVE);
	f[nr++] = ssi_compat_vector_lengths(ARM64_VEC_SME);
	return nr;
}

static const char *ssi_compat_feature_name(unsigned int i)
{
	if (i < ARRAY_SIZE(ssi_compat_regs))
		return ssi_compat_regs[i].name;
	return ssi_compat_more[i - ARRAY_SIZE(ssi_compat_regs)];
}

static_assert(ARRAY_SIZE(ssi_compat_regs) + ARRAY_SIZE(ssi_compat_more) <=
	      SSI_COMPAT_FEATURES);
#endif

static_assert(sizeof(struct ssi_compat) + SSI_COMPAT_FEATURES * sizeof(u64) <=
	      SSI_COMPAT_MAX);

static void ssi_compat_build(u8 *build, size_t size)
{
	u8 id[BUILD_ID_SIZE_MAX] = {};

	build_id_parse_buf(&__start_notes, id, &__stop_notes - &__start_notes);
	memcpy(build, id, min(size, sizeof(id)));
}

/**
 * ssi_compat_self - describe this machine and kernel
 * @buf: where to
 * @size: bytes of @buf, SSI_COMPAT_MAX is enough
 *
 * Context: process context.
 * Return: bytes written.
 */
size_t ssi_compat_self(void *buf, size_t size)
{
	u64 features[SSI_COMPAT_FEATURES];
	struct ssi_compat *c = buf;
	unsigned int i, nr;

	nr = ssi_compat_features(features);
	if (WARN_ON_ONCE(struct_size(c, features, nr) > size))
		return 0;

	memset(c, 0, struct_size(c, features, nr));
	c->version = cpu_to_le32(SSI_COMPAT_VERSION);
	c->byte_order = 0x01020304;
	c->page_size = cpu_to_le32(PAGE_SIZE);
	c->nr_cpus = cpu_to_le32(nr_cpu_ids);
	strscpy(c->arch, SSI_COMPAT_ARCH, sizeof(c->arch));
	strscpy(c->release, init_utsname()->release, sizeof(c->release));
	ssi_compat_build(c->build, sizeof(c->build));
	c->nr_features = cpu_to_le32(nr);
	for (i = 0; i < nr; i++)
		c->features[i] = cpu_to_le64(features[i]);
	return struct_size(c, features, nr);
}
EXPORT_SYMBOL_IF_KUNIT(ssi_compat_self);

#define ssi_compat_refuse(reason, ...)					\
({									\
	snprintf(reason, SSI_REASON_MAX, __VA_ARGS__);			\
	-EOPNOTSUPP;							\
})

/**
 * ssi_compat_check - compare two machines
 * @self: description of one, from ssi_compat_self()
 * @self_len: bytes of @self
 * @peer: description of the other, as received
 * @peer_len: bytes of @peer
 * @nr_cpus: nr_cpu_ids of the other
 * @reason: SSI_REASON_MAX bytes for the sentence that names the difference
 *
 * Context: any; pure.
 * Return: 0, or -EOPNOTSUPP if they do not fit.
 */
int ssi_compat_check(const void *self, size_t self_len, const void *peer,
		     size_t peer_len, u32 *nr_cpus, char *reason)
{
	const struct ssi_compat *a = self, *b = peer;
	unsigned int i;

	if (peer_len < sizeof(*b) ||
	    le32_to_cpu(b->version) != SSI_COMPAT_VERSION)
		return ssi_compat_refuse(reason, "LinuxSSI versions differ");
	if (memcmp(a->arch, b->arch, sizeof(a->arch)))
		return ssi_compat_refuse(reason, "architectures differ");
	if (a->byte_order != b->byte_order)
		return ssi_compat_refuse(reason, "byte orders differ");
	if (a->page_size != b->page_size)
		return ssi_compat_refuse(reason, "page sizes differ");
	if (memcmp(a->release, b->release, sizeof(a->release)))
		return ssi_compat_refuse(reason, "kernel releases differ");
	if (memcmp(a->build, b->build, sizeof(a->build)))
		return ssi_compat_refuse(reason, "kernel builds differ");
	if (peer_len != self_len || a->nr_features != b->nr_features)
		return ssi_compat_refuse(reason, "descriptions of the CPU differ in length");

	for (i = 0; i < le32_to_cpu(a->nr_features); i++)
		if (a->features[i] != b->features[i])
			return ssi_compat_refuse(reason, "CPU features differ: %s, bits %#llx",
						 ssi_compat_feature_name(i),
						 le64_to_cpu(a->features[i] ^
							     b->features[i]));

	*nr_cpus = le32_to_cpu(b->nr_cpus);
	if (!*nr_cpus)
		return ssi_compat_refuse(reason, "a node without CPUs");
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_compat_check);

/**
 * ssi_compat_check_hello - compare a HELLO with what it should say
 * @expect: what it should say
 * @wire: message, of which @len bytes are there
 * @len: bytes of body, at least those of &struct ssi_wire_hello
 * @reason: SSI_REASON_MAX bytes for the sentence that names the difference
 *
 * Context: any; pure.
 * Return: 0, or -EOPNOTSUPP if it does not fit.
 */
int ssi_compat_check_hello(const struct ssi_hello_expect *expect,
			   const struct ssi_wire_hello *wire, size_t len,
			   char *reason)
{
	if (len < sizeof(*wire) || le32_to_cpu(wire->magic) != SSI_WIRE_MAGIC)
		return ssi_compat_refuse(reason, "not LinuxSSI");
	if (le32_to_cpu(wire->version) != SSI_WIRE_VERSION)
		return ssi_compat_refuse(reason, "protocol versions differ: %u and %u",
					 SSI_WIRE_VERSION,
					 le32_to_cpu(wire->version));
	if (le32_to_cpu(wire->compat_len) != len - sizeof(*wire))
		return ssi_compat_refuse(reason, "malformed greeting");
	if (wire->cluster[SSI_CLUSTER_NAME_MAX - 1] ||
	    strcmp(wire->cluster, expect->cluster))
		return ssi_compat_refuse(reason, "cluster names differ");
	if (le32_to_cpu(wire->from) != expect->from)
		return ssi_compat_refuse(reason, "node %u answers where node %u should be",
					 le32_to_cpu(wire->from), expect->from);
	if (le32_to_cpu(wire->to) != expect->to)
		return ssi_compat_refuse(reason, "node %u was looked for where node %u is",
					 le32_to_cpu(wire->to), expect->to);
	if (le32_to_cpu(wire->deadline_ms) != expect->deadline_ms)
		return ssi_compat_refuse(reason, "deadlines differ: %u and %u ms",
					 expect->deadline_ms,
					 le32_to_cpu(wire->deadline_ms));
	if (le32_to_cpu(wire->pid_stride) != expect->pid_stride)
		return ssi_compat_refuse(reason, "process ids per node differ: %u and %u",
					 expect->pid_stride,
					 le32_to_cpu(wire->pid_stride));
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_compat_check_hello);
