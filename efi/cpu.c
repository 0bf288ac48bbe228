/* cpu.c - CPUID (Intel SDM 2A, AMD APM 3 Appendix E) and the registers that say what the CPU runs
 * on: see cpu.h. */
#include "efi/cpu.h"

#include <cpuid.h>

#include "bootmem/mem.h"
#include "efi/memory.h"

#define CPUID_ENCRYPTION 0x8000001f
#define CPUID_SEV        0x2
#define CPUID_TDX        0x21
#define MSR_SEV_STATUS   0xc0010131

/* CPUID leaf 1. */
#define ECX_HYPERVISOR (1u << 31)
#define EDX_MSR        (1u << 5)
#define EDX_MTRR       (1u << 12)

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

static uint64_t read_msr(void *context, uint32_t number)
{
	uint32_t low, high;

	(void)context;
	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(number));
	return (uint64_t)high << 32 | low;
}

/* AMD APM 2 §15.34: the CPU has it, and this machine uses it. */
static bool is_sev_guest(void)
{
	unsigned eax, ebx, ecx, edx;

	return __get_cpuid(CPUID_ENCRYPTION, &eax, &ebx, &ecx, &edx) && (eax & CPUID_SEV) != 0 &&
	       (read_msr(NULL, MSR_SEV_STATUS) & 1) != 0;
}

/* Intel TDX Module, CPUID Virtualization: "IntelTDX    ". */
static bool is_tdx_guest(void)
{
	unsigned eax, ebx, ecx, edx;

	return __get_cpuid_count(CPUID_TDX, 0, &eax, &ebx, &ecx, &edx) && ebx == 0x65746e49 &&
	       edx == 0x5844546c && ecx == 0x20202020;
}

/*
 * Reading a register that is not there is a fault. CPUID tells of MTRRs, but in a guest of TDX the
 * read faults all the same. Of AMD's registers only the family tells, and hypervisors leave some
 * out.
 */
static void look_for_mtrrs(struct cpu *cpu)
{
	unsigned eax, ebx, ecx, edx;
	bool is_amd = memcmp(cpu->vendor, "AuthenticAMD", sizeof cpu->vendor) == 0 ||
	              memcmp(cpu->vendor, "HygonGenuine", sizeof cpu->vendor) == 0;

	if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx))
		return;
	cpu->has_mtrrs = (edx & EDX_MSR) != 0 && (edx & EDX_MTRR) != 0 && !is_tdx_guest();
	cpu->has_tom2 = is_amd && (eax >> 8 & 0xf) == 0xf && (ecx & ECX_HYPERVISOR) == 0;
}

enum mtrr_err cpu_find_mtrrs(const struct cpu *cpu, struct mtrr_list *ret_list)
{
	const struct mtrr_source source = { .read = read_msr, .has_tom2 = cpu->has_tom2 };

	ret_list->n = 0;
	return cpu->has_mtrrs ? mtrr_find(&source, ret_list) : MTRR_NONE;
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
	look_for_mtrrs(ret_cpu);
}

/* What SGDT and SIDT store. */
struct table_register {
	uint16_t limit;
	uintptr_t base;
} __attribute__((packed));

void cpu_read_state(struct cpu_state *ret_state)
{
	struct table_register gdtr, idtr;
	uint16_t tr;

	__asm__ volatile("sgdt %0" : "=m"(gdtr));
	__asm__ volatile("sidt %0" : "=m"(idtr));
	__asm__ volatile("str %0" : "=r"(tr));
	*ret_state = (struct cpu_state){
		.paging = { .cr0 = read_cr0(), .cr3 = read_cr3(), .cr4 = read_cr4() },
		.is_encrypted = is_sev_guest(),
		.sp = (uintptr_t)__builtin_frame_address(0),
		.gdt_paddr = gdtr.base,
		.idt_paddr = idtr.base,
		.gdt_limit = gdtr.limit,
		.idt_limit = idtr.limit,
		.tr = tr,
	};
	ret_state->paging.is_long_mode = sizeof(void *) == 8; /* UEFI 2.10 §2.3.4 */
}

/* In assembly, as 0 is an address here, and a null pointer to a compiler. */
bool cpu_copy_page_zero(void *to)
{
	uintptr_t from = 0, count = 4096;
	struct cpu_state state;

	cpu_read_state(&state);
	if (state.is_encrypted || !paging_is_identity(&state.paging, &memory_phys, 0))
		return false;
	__asm__ volatile("rep movsb" : "+S"(from), "+D"(to), "+c"(count) : : "memory");
	return true;
}
