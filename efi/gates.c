/* gates.c - an image of this program's -> pages with an IDT, and what the handler has to know: see
 * gates.h. */
#include "efi/gates.h"

#include "bootmem/mem.h"
#include "efi/console.h"
#include "handoff/load/gates.h"

/* gates_images.S. */
extern const uint8_t gates_amd64_start[] __attribute__((visibility("hidden")));
extern const uint8_t gates_amd64_end[] __attribute__((visibility("hidden")));
extern const uint8_t gates_ia32_start[] __attribute__((visibility("hidden")));
extern const uint8_t gates_ia32_end[] __attribute__((visibility("hidden")));

struct image {
	const uint8_t *start;
	size_t bytes;
	uint16_t selector; /* of code, in the GDT that is handed over */
};

static struct image image_for(const struct plan *plan)
{
	if (plan->booted == &plan->amd64)
		return (struct image){ gates_amd64_start,
			               (UINTN)gates_amd64_end - (UINTN)gates_amd64_start,
			               LAUNCH_CODE64 };
	return (struct image){ gates_ia32_start, (UINTN)gates_ia32_end - (UINTN)gates_ia32_start,
		               LAUNCH_CODE32 };
}

static bool overlap(paddr_t a_paddr, uint64_t a_bytes, struct span b)
{
	return a_paddr < b.end_paddr && b.start_paddr < a_paddr + a_bytes;
}

/* "\bootmem\kernel-amd64.elf" -> "kernel-amd64.elf"; its end, if it is too long. */
static void copy_name(const char *path, char name[GATES_NAME_BYTES])
{
	const char *start = path;
	size_t length;

	for (; *path != '\0'; path++)
		if (*path == '\\' || *path == '/')
			start = path + 1;
	length = (size_t)(path - start);
	if (length > GATES_NAME_BYTES - 1)
		start = path - (GATES_NAME_BYTES - 1);
	text_format(name, GATES_NAME_BYTES, "%s", start);
}

static void tell(const struct boot *boot, struct gates_known *known)
{
	const struct kernel *kernel = &boot->handed.kernel;
	bool is_amd64 = boot->plan.booted == &boot->plan.amd64;

	known->kernel_start_paddr = kernel->span.start_paddr;
	known->kernel_end_paddr = kernel->span.end_paddr;
	known->link_offset = kernel->elf.entry_vaddr - kernel->entry_paddr;
	known->page_table_paddr =
		is_amd64 ? boot->handed.pages.final_paddr + boot->handed.layout.page_tables_offset
			 : 0;
	known->framebuffer = boot->facts.framebuffer;
	copy_name(is_amd64 ? boot->config.kernel_amd64 : boot->config.kernel_ia32,
	          known->kernel_name);
}

EFI_STATUS place_gates(struct boot *boot, paddr_t limit_paddr)
{
	struct handed_gates *gates = &boot->handed.gates;
	struct image image = image_for(&boot->plan);
	EFI_STATUS status;

	if (!boot->config.paints_exceptions)
		return EFI_SUCCESS;
	gates->n_pages = gates_pages(image.start, image.bytes);
	status = memory_claim(&boot->memory, EfiLoaderData, gates->n_pages, PAGE_BYTES, limit_paddr,
	                      &gates->paddr);
	if (EFI_ERROR(status))
		return console_error(&boot->firmware, status,
		                     "no memory for the handler of exceptions; exceptions = none "
		                     "does without it");
	gates->head = gates_load(image.start, image.bytes, image.selector, memory_at(gates->paddr),
	                         gates->paddr);
	if (gates->head == NULL)
		return console_error(&boot->firmware, EFI_LOAD_ERROR,
		                     "the handler of exceptions in this program is damaged");
	tell(boot, &gates->head->known);
	plan_add_piece(&boot->plan, RESERVATION_GATES,
	               (struct span){ gates->paddr, gates->paddr + pfn_paddr(gates->n_pages) },
	               "hand-off gates",
	               "the IDT at entry, and the handler that its gates lead to");
	return EFI_SUCCESS;
}

bool gates_are_clear(const struct handed *handed)
{
	struct span gates = { handed->gates.paddr,
		              handed->gates.paddr + pfn_paddr(handed->gates.n_pages) };

	for (uint32_t i = 0; i < handed->pad->n_moves; i++) {
		const struct launch_move *move = &handed->pad->moves[i];

		if (overlap(move->to_paddr, move->copy_bytes + move->clear_bytes, gates))
			return false;
	}
	return true;
}

void gates_tell_mapped(const struct handed *handed, const struct pgtable *table)
{
	if (handed->gates.head != NULL)
		handed->gates.head->known.mapped_end_paddr = table->mapped_end_paddr;
}
