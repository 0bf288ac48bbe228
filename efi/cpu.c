/* cpu.c - CPUID (Intel SDM 2A, AMD APM 3 Appendix E) and the firmware's page tables: see cpu.h. */
#include "efi/cpu.h"

#include <cpuid.h>

#include "bootmem/mem.h"

#define CR0_PG   (UINT32_C(1) << 31)
#define CR4_PAE  (UINT32_C(1) << 5)
#define CR4_LA57 (UINT32_C(1) << 12)

#define CPUID_ENCRYPTION 0x8000001f
#define CPUID_SEV        0x2
#define MSR_SEV_STATUS   0xc0010131

#define ENTRY_PRESENT UINT64_C(0x001)
#define ENTRY_LARGE   UINT64_C(0x080)
#define ENTRY_PADDR   UINT64_C(0x000ffffffffff000)

#define READ_CONTROL_REGISTER(name)                                    \
	static uintptr_t read_##name(void)                             \
	{                                                              \
		uintptr_t value;                                       \
                                                                       \
		__asm__ volatile("mov %%" #name ", %0" : "=r"(value)); \
		return value;                                          \
	}

READ_CONTROL_REGISTER(cr0)
READ_CONTROL_REGISTER(cr3)
READ_CONTROL_REGISTER(cr4)

/* Address 0 has index 0 at each level: follow the first entries down (Intel SDM 3A §4.3 to §4.5).
 */
static bool is_page_zero_mapped(void)
{
	uintptr_t cr4 = read_cr4();
	bool has_wide_entries = (cr4 & CR4_PAE) != 0;
	unsigned level = sizeof(void *) == 8 ? (cr4 & CR4_LA57 ? 5 : 4) : has_wide_entries ? 3 : 2;
	uint64_t table_paddr = read_cr3() & ~(uintptr_t)(level == 3 ? 0x1f : 0xfff);

	if (!(read_cr0() & CR0_PG))
		return true;
	for (; level > 0; level--) {
		const void *table = (const void *)(uintptr_t)table_paddr;
		uint64_t entry =
			has_wide_entries ? *(const uint64_t *)table : *(const uint32_t *)table;

		if (!(entry & ENTRY_PRESENT))
			return false;
		if (level > 1 && (entry & ENTRY_LARGE))
			return true;
		table_paddr = entry & ENTRY_PADDR;
	}
	return true;
}

/* AMD APM 2 §15.34: the CPU has it, and this machine uses it. */
static bool is_sev_guest(void)
{
	unsigned eax, ebx, ecx, edx;

	if (!__get_cpuid(CPUID_ENCRYPTION, &eax, &ebx, &ecx, &edx) || !(eax & CPUID_SEV))
		return false;
	__asm__ volatile("rdmsr" : "=a"(eax), "=d"(edx) : "c"(MSR_SEV_STATUS));
	return (eax & 1) != 0;
}

void cpu_read(struct cpu *ret_cpu)
{
	unsigned eax, ebx, ecx, edx;

	*ret_cpu = (struct cpu){ .paddr_bits = 36 }; /* what PAE has at least */
	if (__get_cpuid(1, &eax, &ebx, &ecx, &edx)) {
		ret_cpu->has_sse = (edx & bit_FXSAVE) && (edx & bit_SSE);
		ret_cpu->has_tsc = (edx & (1u << 4)) != 0;
		ret_cpu->signature = eax;
	}
	if (__get_cpuid(0x80000001, &eax, &ebx, &ecx, &edx)) {
		ret_cpu->has_long_mode = (edx & bit_LM) != 0;
		ret_cpu->has_1g_pages = (edx & (1u << 26)) != 0;
	}
	ret_cpu->has_encrypted_memory = is_sev_guest();
	if (__get_cpuid(0x80000008, &eax, &ebx, &ecx, &edx) && (eax & 0xff) >= 32)
		ret_cpu->paddr_bits = eax & 0xff;
	if (__get_cpuid(0, &eax, &ebx, &ecx, &edx)) {
		const unsigned parts[] = { ebx, edx, ecx }; /* the order of the letters */

		memcpy(ret_cpu->vendor, parts, sizeof parts);
		ret_cpu->is_amd_k7 =
			ebx == signature_AMD_ebx && ((ret_cpu->signature >> 8) & 0xf) == 6;
	}
}

/* In assembly, as 0 is an address here, and a null pointer to a compiler. */
bool cpu_copy_page_zero(void *to)
{
	uintptr_t from = 0, count = 4096;

	if (is_sev_guest() || !is_page_zero_mapped())
		return false;
	__asm__ volatile("rep movsb" : "+S"(from), "+D"(to), "+c"(count) : : "memory");
	return true;
}
