/* fault.c - a fault -> words: see fault.h. Error codes: AMD64 manual 2, §8.4. */
#include "handoff/gates/fault.h"

#include "handoff/capture/text.h"
#include "handoff/device/exception.h"

#define CODE_PRESENT  0x01 /* of a page fault */
#define CODE_WRITE    0x02
#define CODE_RESERVED 0x08
#define CODE_FETCH    0x10

#define CODE_IDT   0x2 /* of a fault about a selector */
#define CODE_LDT   0x4
#define CODE_INDEX 0xfff8

/* What it did, for those whose error code says no more. */
static const char *const deeds[EXCEPTIONS] = {
	[0] = "divided by zero, or the quotient did not fit",
	[1] = "hit a debug trap: a breakpoint register, or TF",
	[2] = "was stopped by the hardware (NMI), or ran INT 0x2",
	[3] = "ran INT3, a breakpoint",
	[4] = "ran INTO after an overflow",
	[5] = "ran BOUND, and the index was out of bounds",
	[6] = "ran bytes that are no instruction for this CPU, or UD2",
	[7] = "used x87 or SSE, which CR0 or CR4 does not allow",
	[8] = "faulted again while the CPU delivered a fault",
	[10] = "switched tasks by a TSS that is wrong",
	[11] = "used a descriptor that is marked as not present",
	[12] = "used a stack segment or stack address that is wrong",
	[13] = "did what the CPU does not allow: an address, value or instruction",
	[16] = "left an x87 error pending, which is not masked",
	[17] = "used an address that is not aligned, with AC on",
	[18] = "was stopped by the hardware, which reports an error",
	[19] = "caused an SSE error that MXCSR does not mask",
	[21] = "returned or jumped where CET does not allow it",
};

bool fault_is_exception(const struct fault *fault)
{
	return fault->vector < EXCEPTIONS && !fault->is_interrupt && !fault->has_no_memory;
}

bool fault_is_of_page(const struct fault *fault)
{
	return fault->vector == EXCEPTION_PAGE && fault_is_exception(fault);
}

void fault_say_title(const struct fault *fault, char *text, size_t bytes)
{
	const char *name = exception_name(fault->vector);

	if (fault->has_no_memory)
		text_format(text, bytes, "A fault in your kernel, whose stack is gone.");
	else if (!fault_is_exception(fault))
		text_format(text, bytes, "Interrupt 0x%x, which nobody handles.", fault->vector);
	else if (name == NULL)
		text_format(text, bytes, "Reserved exception in your kernel (vector %u).",
		            fault->vector);
	else
		text_format(text, bytes, "%c%s in your kernel (vector %u).",
		            name[0] >= 'a' && name[0] <= 'z' ? name[0] - 'a' + 'A' : name[0],
		            name + 1, fault->vector);
}

/* The bit for a fetch needs EFER.NXE, which the firmware may have left either way, or CR4.SMEP. */
static const char *access_of(const struct fault *fault)
{
	if ((fault->error_code & CODE_FETCH) != 0 || fault->cr2 == fault->ip)
		return "jumped to";
	return (fault->error_code & CODE_WRITE) != 0 ? "wrote to" : "read from";
}

static const char *page_of(uint32_t code)
{
	if ((code & CODE_PRESENT) == 0)
		return "a page that is not mapped";
	return (code & CODE_RESERVED) != 0 ? "a page with reserved bits set"
	                                   : "a page that is mapped, but not for that";
}

static bool is_about_selector(const struct fault *fault)
{
	return fault->vector >= 10 && fault->vector <= EXCEPTION_PROTECTION &&
	       fault->error_code != 0;
}

static void say_selector(uint32_t code, char *text, size_t bytes)
{
	const char *table = (code & CODE_LDT) != 0 ? "LDT" : "GDT";

	if ((code & CODE_IDT) != 0)
		text_format(text, bytes, "needed gate 0x%x of the IDT (error code 0x%x)",
		            (code & CODE_INDEX) >> 3, code);
	else
		text_format(text, bytes, "used selector 0x%x of the %s (error code 0x%x)",
		            code & CODE_INDEX, table, code);
}

void fault_say_did(const struct fault *fault, char *text, size_t bytes)
{
	const char *deed = fault_is_exception(fault) ? deeds[fault->vector] : NULL;
	bool has_code = fault_is_exception(fault) && exception_has_code(fault->vector);

	if (fault->has_no_memory)
		text_format(text, bytes,
		            "left its stack where no memory is: what happened is lost");
	else if (!fault_is_exception(fault))
		text_format(text, bytes, "let interrupts in (STI), and one came; or ran INT 0x%x",
		            fault->vector);
	else if (fault_is_of_page(fault))
		text_format(text, bytes, "%s %s (error code 0x%x)", access_of(fault),
		            page_of(fault->error_code), fault->error_code);
	else if (is_about_selector(fault))
		say_selector(fault->error_code, text, bytes);
	else if (has_code && deed != NULL)
		text_format(text, bytes, "%s (error code 0x%x)", deed, fault->error_code);
	else
		text_format(text, bytes, "%s", deed != NULL ? deed : "what no manual knows yet");
}

void fault_say_mapped(const struct fault *fault, char *text, size_t bytes, const char **ret_by)
{
	const struct gates_known *known = fault->known;
	const uint64_t low_end = UINT64_C(1) << 32;

	text_format(text, bytes, "0x0 to 0x%llx", (ull)low_end);
	if (!fault->has_paging) {
		*ret_by = "paging is off: each address is itself";
		return;
	}
	if (known->page_table_paddr == 0 || fault->cr3 != known->page_table_paddr) {
		text_format(text, bytes, "as CR3 says");
		*ret_by = "by page tables of the kernel's own";
		return;
	}
	*ret_by = "by the hand-off page tables, to itself";
	if (known->mapped_end_paddr > low_end) {
		text_format(text, bytes, "0x0 to 0x%llx", (ull)known->mapped_end_paddr);
		*ret_by = "by the hand-off page tables, in parts";
	}
}

/* Modulo what an address of this width can be. */
static uint64_t cut(const struct fault *fault, uint64_t address)
{
	return fault->bits == 32 ? (uint32_t)address : address;
}

uint64_t fault_linked_start(const struct fault *fault)
{
	return cut(fault, fault->known->kernel_start_paddr + fault->known->link_offset);
}

bool fault_find_in_kernel(const struct fault *fault, uint64_t address, uint64_t *ret_linked)
{
	const struct gates_known *known = fault->known;
	const uint64_t bytes = known->kernel_end_paddr - known->kernel_start_paddr;

	if (address - known->kernel_start_paddr < bytes) {
		*ret_linked = cut(fault, address + known->link_offset);
		return true;
	}
	*ret_linked = address;
	/* What is linked to 0 is a PIE, which does not run there. */
	return fault_linked_start(fault) != 0 &&
	       cut(fault, address - fault_linked_start(fault)) < bytes;
}

bool fault_is_cause(const struct fault *fault, const struct fault_register *kept)
{
	return fault_is_of_page(fault) && kept->value == fault->cr2 && kept->value != 0;
}

static const char *name_of_cause(const struct fault *fault)
{
	for (size_t i = 0; i < fault->n_registers; i++)
		if (fault_is_cause(fault, &fault->registers[i]))
			return fault->registers[i].name;
	return NULL;
}

/* The line in the source: of the instruction, or of the call that led nowhere. */
static void say_find(const struct fault *fault, char *text, size_t bytes)
{
	const char *name = fault->known->kernel_name;
	uint64_t linked;

	if (fault->has_no_memory)
		text_format(text, bytes, "Find what changes the stack pointer.");
	else if (fault_find_in_kernel(fault, fault->ip, &linked))
		text_format(text, bytes, "Find the line:  addr2line -e %s 0x%llx", name,
		            (ull)linked);
	else if (fault_find_in_kernel(fault, fault->caller - 1, &linked)) /* in the call */
		text_format(text, bytes, "If it was called, from:  addr2line -e %s 0x%llx", name,
		            (ull)linked);
	else
		text_format(text, bytes,
		            "The kernel left itself: look for a pointer to a function, a return "
		            "address or a jump that is wrong.");
}

/* What more can be said of this one; an empty text: nothing. */
static void say_advice(const struct fault *fault, char *text, size_t bytes)
{
	const struct gates_known *known = fault->known;
	const char *name = fault_is_of_page(fault) ? name_of_cause(fault) : NULL;
	bool is_above = fault_is_of_page(fault) && known->page_table_paddr != 0 &&
	                fault->cr3 == known->page_table_paddr &&
	                fault->cr2 >= known->mapped_end_paddr;
	size_t length = 0;

	text[0] = '\0';
	if (!fault_is_exception(fault) && !fault->has_no_memory)
		text_format(text, bytes,
		            "Load an IDT, and mask what may interrupt, before STI: see "
		            "PROTOCOL.md, section 2.");
	if (name != NULL)
		length = text_format(text, bytes,
		                     "Register %s (>) holds the address that it wanted. ", name);
	if (is_above)
		text_format(text + length, bytes - length,
		            "Nothing is mapped above 0x%llx by bootmem: see PROTOCOL.md, section "
		            "2.",
		            (ull)known->mapped_end_paddr);
}

bool fault_say_to_do(const struct fault *fault, size_t i, char *text, size_t bytes)
{
	if (i == 0)
		say_find(fault, text, bytes);
	else if (i == 1)
		say_advice(fault, text, bytes);
	return i < 2 && text[0] != '\0';
}
