/* checks.c - one function a check, in the order of the proof: see checks.h. */
#include "handoff/stub/checks.h"

#include <stddef.h>

#include "bootmem/count.h"
#include "handoff/block.h"
#include "handoff/stub/amount.h"
#include "handoff/stub/entry.h"
#include "handoff/stub/memtest.h"
#include "handoff/stub/runtime.h"

/* The most that this kernel can address before it knows what is mapped. */
#define MOST_PADDR (STUB_BITS == 32 ? UINT64_C(1) << 32 : UINT64_C(1) << 46)

/* The limits of low memory in Linux 2.6.24: MAXMEM of the two kernels. */
#define LOW_LIMIT_PFN (pfn_down(STUB_BITS == 32 ? UINT64_C(896) << 20 : (UINT64_C(1) << 46) - 1))

extern const unsigned char image_start[], image_constant_end[]; /* kernel.ld */

static uint64_t image_checksum(void)
{
	return handoff_checksum(image_start,
	                        (uintptr_t)image_constant_end - (uintptr_t)image_start);
}

void proof_init(struct proof *proof, progress_fn *progress)
{
	*proof = (struct proof){
		.block = (const void *)(uintptr_t)entry_block_paddr(),
		.end_paddr = MOST_PADDR,
		.image_checksum = image_checksum(),
		.progress = progress,
	};
}

/* ---- block ---- */

bool check_is_block(const struct proof *proof)
{
	enum handoff_err err = handoff_check(proof->block, entry_block_paddr(), proof->end_paddr);

	return err != HANDOFF_UNREADABLE && err != HANDOFF_BAD_MAGIC;
}

struct outcome check_block(struct proof *proof)
{
	const struct handoff_block *block = proof->block;
	enum handoff_err err = handoff_check(block, entry_block_paddr(), proof->end_paddr);

	if (err != HANDOFF_OK)
		return outcome_fail("%s", handoff_err_text(err));
	if (block->target != STUB_TARGET)
		return outcome_fail("the block is for the other target");
	if (block->kernel_start_paddr > (uintptr_t)image_start ||
	    block->kernel_end_paddr < (uintptr_t)image_constant_end)
		return outcome_fail("the kernel of the block is not where this one runs");
	if (STUB_BITS == 64)
		proof->end_paddr = min_u64(proof->end_paddr, block->mapped_end_paddr);
	if (pfn_paddr(block->node_low_pfn) > proof->end_paddr)
		return outcome_fail("page 0x%llx of the node is not mapped: that ends at 0x%llx",
		                    (ull)block->node_low_pfn - 1, (ull)proof->end_paddr);
	proof->view = naive_view_of(block);
	proof->bitmap = (unsigned char *)(uintptr_t)block->node_bootmem_map_paddr;
	proof->cmdline = (const char *)(uintptr_t)block->cmdline_paddr;
	return outcome_in_brief(
		outcome_ok(block->block_bytes,
	                   "version %u.%u, %llu bytes at 0x%llx, exit attempts %u",
	                   (unsigned)block->version_major, (unsigned)block->version_minor,
	                   (ull)block->block_bytes, (ull)entry_block_paddr(),
	                   (unsigned)block->exit_attempts),
		"version %u.%u", (unsigned)block->version_major, (unsigned)block->version_minor);
}

/* ---- limits ---- */

struct outcome check_limits(struct proof *proof)
{
	const struct handoff_block *block = proof->block;
	const struct naive_view *view = &proof->view;
	pfn_t uefi_max_pfn = naive_max_pfn(view, naive_uefi_type),
	      e820_max_pfn = naive_max_pfn(view, naive_e820_type);
	pfn_t low_pfn = min_u64(e820_max_pfn, LOW_LIMIT_PFN);
	struct naive_clash clash;
	size_t index;

	if (block->max_pfn != e820_max_pfn || e820_max_pfn > uefi_max_pfn)
		return outcome_fail("max_pfn 0x%llx; RAM ends at 0x%llx by e820, 0x%llx by UEFI",
		                    (ull)block->max_pfn, (ull)e820_max_pfn, (ull)uefi_max_pfn);
	if (block->node_low_pfn != low_pfn || block->max_low_pfn != low_pfn)
		return outcome_fail("node_low_pfn 0x%llx, max_low_pfn 0x%llx, expected 0x%llx",
		                    (ull)block->node_low_pfn, (ull)block->max_low_pfn,
		                    (ull)low_pfn);
	if (!naive_e820_is_canonical(view, &index))
		return outcome_fail("e820 range %zu at 0x%llx is not canonical", index,
		                    (ull)naive_range(view, index)->start_paddr);
	if (!naive_maps_agree(view, &clash))
		return outcome_fail("address 0x%llx: type %u in e820, %u by the UEFI map",
		                    (ull)clash.paddr, (unsigned)clash.e820_type,
		                    (unsigned)clash.uefi_type);
	return outcome_in_brief(
		outcome_ok(
			view->n_ranges + view->n_descriptors,
			"max_low_pfn 0x%llx, max_pfn 0x%llx (UEFI 0x%llx); %zu e820 ranges agree "
			"with %zu descriptors",
			(ull)low_pfn, (ull)block->max_pfn, (ull)uefi_max_pfn, view->n_ranges,
			view->n_descriptors),
		"RAM ends at %s", amount_of_pages(block->max_pfn).text);
}

/* ---- bitmap ---- */

/* Why the expected bit of a page is what it is, into @text. */
static void explain(const struct naive_view *view, const struct naive_page *page, char *text,
                    size_t bytes)
{
	struct naive_descriptor descriptor;

	switch (page->why) {
	case NAIVE_FREE:
		text_format(text, bytes, "RAM that no reservation touches");
		return;
	case NAIVE_CUT_OFF:
		text_format(text, bytes, "not RAM of e820's");
		return;
	case NAIVE_ISA_HOLE:
		text_format(text, bytes, "in the ISA hole");
		return;
	case NAIVE_RESERVED:
		text_format(text, bytes, "reserved for %s",
		            naive_reservation(view, page->index)->owner);
		return;
	case NAIVE_NOT_RAM:
		break;
	}
	if (page->index == NAIVE_NONE) {
		text_format(text, bytes, "not described whole as RAM by the UEFI map");
		return;
	}
	descriptor = naive_descriptor(view, page->index);
	text_format(text, bytes, "descriptor %zu has type %u, attribute 0x%llx", page->index,
	            (unsigned)descriptor.type, (ull)descriptor.attribute);
}

/* What no kernel could live without: each page of it must be in the list. NULL if it is. */
static const char *first_unreserved(const struct proof *proof, pfn_t *ret_pfn)
{
	const struct handoff_block *block = proof->block;
	paddr_t map_paddr = block->node_bootmem_map_paddr;
	paddr_t block_paddr = entry_block_paddr();
	const struct {
		const char *name;
		paddr_t start_paddr, end_paddr;
	} spans[] = {
		{ "page 0", 0, PAGE_BYTES },
		{ "the kernel", block->kernel_start_paddr, block->kernel_end_paddr },
		{ "the bitmap", map_paddr, map_paddr + block->node_bootmem_map_bytes },
		{ "the block", block_paddr, block_paddr + block->block_bytes },
		{ "the stack", block->stack_start_paddr, block->stack_end_paddr },
		{ "the page table", block->page_table_paddr,
		  block->page_table_paddr + (STUB_BITS == 64 ? PAGE_BYTES : 0) },
		{ "the initrd", block->initrd_start_paddr, block->initrd_end_paddr },
	};

	for (size_t i = 0; i < COUNT(spans); i++) {
		*ret_pfn = naive_first_unreserved(&proof->view, spans[i].start_paddr,
		                                  spans[i].end_paddr);
		if (spans[i].start_paddr < spans[i].end_paddr &&
		    *ret_pfn < pfn_up(spans[i].end_paddr))
			return spans[i].name;
	}
	return NULL;
}

struct outcome check_bitmap(struct proof *proof)
{
	const struct handoff_block *block = proof->block;
	enum handoff_err err = handoff_check_bitmap(block, proof->bitmap);
	const char *name;
	char reason[96];
	struct naive_wrong wrong;
	uint64_t free_pages;
	bool is_lost;
	pfn_t pfn;

	if (!naive_bitmap_is_right(&proof->view, proof->bitmap, &wrong, &free_pages)) {
		explain(&proof->view, &wrong.expected, reason, sizeof reason);
		is_lost = wrong.expected.why == NAIVE_FREE;
		return outcome_of_page(outcome_fail("page 0x%llx at 0x%llx is %s, but %s",
		                                    (ull)wrong.pfn, (ull)pfn_paddr(wrong.pfn),
		                                    is_lost ? "reserved" : "free", reason),
		                       wrong.pfn,
		                       is_lost ? "is reserved, and should be free"
		                               : "is free, and must not be");
	}
	if (err != HANDOFF_OK)
		return outcome_fail("%s", handoff_err_text(err));
	if (!naive_padding_is_set(&proof->view, proof->bitmap, block->node_bootmem_map_bytes))
		return outcome_fail("a bit behind page 0x%llx is 0", (ull)block->node_low_pfn - 1);
	if (free_pages != block->free_pages)
		return outcome_fail("%llu pages should be free, free_pages is %llu",
		                    (ull)free_pages, (ull)block->free_pages);
	name = first_unreserved(proof, &pfn);
	if (name != NULL)
		return outcome_of_page(
			outcome_fail("page 0x%llx of %s is in no reservation", (ull)pfn, name), pfn,
			"is in use, and in no reservation");
	return outcome_in_brief(outcome_ok(block->node_low_pfn, "%llu bits, %zu reservations",
	                                   (ull)block->node_low_pfn, proof->view.n_reservations),
	                        "%llu bits", (ull)block->node_low_pfn);
}

/* ---- memory ---- */

struct outcome check_memory(struct proof *proof)
{
	uint64_t budget_pages = memtest_budget_pages(proof->cmdline);
	uint64_t free_pages = proof->block->free_pages;
	struct memtest_result result;
	bootmem_data_t bdata;

	handoff_bootmem(proof->block, proof->bitmap, &bdata);
	result = memtest_run(&bdata, budget_pages, proof->progress);
	if (result.is_wrong)
		return outcome_of_page(outcome_fail("address 0x%llx: wrote 0x%llx, read 0x%llx",
		                                    (ull)result.paddr, (ull)result.expected,
		                                    (ull)result.found),
		                       pfn_down(result.paddr), "did not keep what was written");
	if (result.n_pages == 0)
		return free_pages == 0 ? outcome_in_brief(outcome_not_applicable("no page is free"),
		                                          "none free")
		                       : outcome_in_brief(outcome_not_applicable(
								  "stub.memory asks for none"),
		                                          "none asked for");
	if (budget_pages < free_pages)
		return outcome_in_brief(
			outcome_ok(result.n_pages,
		                   "%llu MiB of %llu, spread evenly, as stub.memory says",
		                   (ull)result.n_pages >> 8, (ull)free_pages >> 8),
			"%s, a part", amount_of_pages(result.n_pages).text);
	if (result.n_pages != free_pages)
		return outcome_fail("%llu pages filled, %llu are free", (ull)result.n_pages,
		                    (ull)free_pages);
	return outcome_in_brief(outcome_ok(result.n_pages, "%llu MiB filled and read back",
	                                   (ull)result.n_pages >> 8),
	                        "%s read back", amount_of_pages(result.n_pages).text);
}

/* ---- contents ---- */

#define KIND_BIT(kind) (UINT32_C(1) << (kind))
#define KINDS_NAMED                                                    \
	(KIND_BIT(HANDOFF_KIND_ACPI) | KIND_BIT(HANDOFF_KIND_SMBIOS) | \
	 KIND_BIT(HANDOFF_KIND_INITRD))

static struct outcome changed(const struct handoff_reservation *kept)
{
	bool is_one_page = pfn_up(kept->end_paddr) - pfn_down(kept->start_paddr) == 1;

	return outcome_of_page(
		outcome_fail("%s at 0x%llx has changed", kept->owner, (ull)kept->start_paddr),
		pfn_down(kept->start_paddr),
		is_one_page ? "changed, and must not" : "or one behind it changed, and must not");
}

/* Does what these kinds of reservations keep still have the checksum it had? */
static struct outcome check_contents(const struct proof *proof, uint32_t kinds)
{
	size_t n_good = 0, n_beyond = 0;

	for (size_t i = 0; i < proof->view.n_reservations; i++) {
		const struct handoff_reservation *kept = naive_reservation(&proof->view, i);

		if ((kept->flags & HANDOFF_RESERVATION_CHECKED) == 0 || kept->kind > 31 ||
		    (kinds & KIND_BIT(kept->kind)) == 0)
			continue;
		if (kept->end_paddr > proof->end_paddr) {
			n_beyond++;
			continue;
		}
		if (handoff_checksum((const void *)(uintptr_t)kept->start_paddr,
		                     kept->end_paddr - kept->start_paddr) != kept->checksum)
			return changed(kept);
		n_good++;
	}
	if (n_good + n_beyond == 0)
		return outcome_in_brief(outcome_not_applicable("no checksum was recorded"),
		                        "none recorded");
	if (n_good == 0)
		return outcome_in_brief(outcome_not_applicable("%zu beyond reach", n_beyond),
		                        "beyond reach");
	return outcome_in_brief(
		outcome_ok(n_good, "%zu as recorded, %zu beyond reach", n_good, n_beyond),
		"%zu as recorded", n_good);
}

struct outcome check_acpi(struct proof *proof)
{
	return check_contents(proof, KIND_BIT(HANDOFF_KIND_ACPI));
}

struct outcome check_smbios(struct proof *proof)
{
	return check_contents(proof, KIND_BIT(HANDOFF_KIND_SMBIOS));
}

struct outcome check_initrd(struct proof *proof)
{
	if (proof->block->initrd_start_paddr == proof->block->initrd_end_paddr)
		return outcome_in_brief(outcome_not_applicable("no initrd was loaded"), "none");
	return check_contents(proof, KIND_BIT(HANDOFF_KIND_INITRD));
}

struct outcome check_others(struct proof *proof)
{
	return check_contents(proof, ~KINDS_NAMED);
}

struct outcome check_unchanged(struct proof *proof)
{
	const struct handoff_block *block = proof->block;

	if (handoff_block_checksum(block) != block->checksum)
		return outcome_fail("the block has changed");
	if (handoff_checksum(proof->bitmap, block->node_bootmem_map_bytes) !=
	    block->node_bootmem_map_checksum)
		return outcome_fail("the bitmap has changed");
	if (image_checksum() != proof->image_checksum)
		return outcome_fail("text or constants of this kernel have changed");
	return outcome_in_brief(outcome_ok(block->block_bytes, "block, bitmap, kernel image"),
	                        "as handed over");
}

/* ---- runtime ---- */

/* UEFI 2.10 §8.3.1, the ranges of the fields of EFI_TIME. */
static bool is_plausible(const struct efi_time *time)
{
	return time->year >= 1900 && time->year <= 9999 && time->month >= 1 && time->month <= 12 &&
	       time->day >= 1 && time->day <= 31 && time->hour <= 23 && time->minute <= 59 &&
	       time->second <= 59 && time->nanosecond <= 999999999;
}

struct outcome check_runtime(struct proof *proof)
{
	struct efi_time time = { 0 };
	const void *services;
	enum runtime_err err = runtime_find(proof->block, proof->end_paddr, &services);
	efi_status_t status;

	if (err == RUNTIME_OTHER_WIDTH || err == RUNTIME_NO_TABLE)
		return outcome_in_brief(outcome_not_applicable("%s", runtime_err_text(err)),
		                        "cannot be called");
	if (err != RUNTIME_OK)
		return outcome_fail("%s", runtime_err_text(err));
	status = runtime_get_time(services, &time);
	if (status == EFI_UNSUPPORTED || status == EFI_DEVICE_ERROR)
		return outcome_in_brief(
			outcome_not_applicable("GetTime: status 0x%llx", (ull)status), "no clock");
	if (status != EFI_OK)
		return outcome_fail("GetTime: status 0x%llx", (ull)status);
	if (!is_plausible(&time))
		return outcome_fail("GetTime: %u-%u-%u %u:%u:%u", time.year, time.month, time.day,
		                    time.hour, time.minute, time.second);
	return outcome_in_brief(outcome_ok(1, "GetTime %04u-%02u-%02u %02u:%02u:%02u", time.year,
	                                   time.month, time.day, time.hour, time.minute,
	                                   time.second),
	                        "%04u-%02u-%02u %02u:%02u", time.year, time.month, time.day,
	                        time.hour, time.minute);
}
