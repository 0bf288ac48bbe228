/* pin_report.c - see pin_report.h. The record comes from a variable: whoever wrote it. */
#include "efi/pin_report.h"

#include "efi/event_log.h"
#include "handoff/capture/text.h"
#include "x86/pin_home.h"

/* How many pages would hold it. */
static unsigned pages_for(uint64_t bytes)
{
	return (unsigned)min_u64(pages_of(bytes), PIN_MOST_PAGES);
}

static size_t warn_of_log(const struct boot *boot, char *text, size_t bytes)
{
	uint64_t log_bytes = event_log_bytes(&boot->firmware) + PIN_BESIDE_LOG_BYTES;

	if (log_bytes <= pfn_paddr(boot->pinned.n_pages))
		return 0;
	return text_format(text, bytes,
	                   "; the block may be TOO SMALL for the TPM's log: pin-pages = %u",
	                   pages_for(log_bytes));
}

void pin_words(const struct boot *boot, char text[PIN_WORDS_BYTES])
{
	const struct pinned *pinned = &boot->pinned;
	size_t n;

	text[0] = '\0';
	if (!pinned->is_held) {
		if (boot->config.pins)
			text_format(text, PIN_WORDS_BYTES, ", NOT PINNED");
		return;
	}
	n = text_format(text, PIN_WORDS_BYTES, ", pinned at 0x%llx", (ull)pinned->paddr);
	n += warn_of_log(boot, text + n, PIN_WORDS_BYTES - n);
	if (pinned->last.n_refused > 0)
		text_format(text + n, PIN_WORDS_BYTES - n,
		            "; the LAST BOOT'S BLOCK was too small by %llu bytes: pin-pages = %u",
		            (ull)pinned->last.refused_bytes,
		            pages_for(pfn_paddr(pinned->last.block_pages) +
		                      min_u64(pinned->last.refused_bytes, UINT32_MAX)));
}

static void describe_owner(const struct pin_owner *owner, struct capture_writer *writer)
{
	capture_line(writer, "last-pin-owner", "0x%016llx 0x%x 0x%llx 0x%llx%s%.31s",
	             (ull)owner->paddr, (unsigned)owner->image_bytes, (ull)owner->served_bytes,
	             (ull)owner->refused_bytes, owner->name[0] != '\0' ? " " : "", owner->name);
}

void pin_describe(const struct boot *boot, struct capture_writer *writer)
{
	const struct pinned *pinned = &boot->pinned;
	const struct pin_record *last = &pinned->last;
	paddr_t end_paddr;

	if (pinned->is_held)
		capture_span(
			writer, "pin",
			(struct span){ pinned->paddr, pinned->paddr + pfn_paddr(pinned->n_pages) },
			NULL);
	if (last->version == 0)
		return;
	end_paddr = last->block_paddr + pfn_paddr(last->block_pages);
	capture_line(writer, "last-pin", "0x%016llx 0x%016llx 0x%llx 0x%llx",
	             (ull)last->block_paddr, (ull)end_paddr, (ull)last->served_bytes,
	             (ull)last->refused_bytes);
	for (uint32_t i = 0; i < min_u64(last->n_owners, PIN_RECORD_OWNERS); i++)
		describe_owner(&last->owners[i], writer);
	for (size_t i = 0; i < PIN_RECORD_TYPES; i++)
		if (last->asked[i].n > 0)
			capture_line(writer, "last-pin-asked", "%u %u 0x%llx",
			             (unsigned)last->asked[i].type, (unsigned)last->asked[i].n,
			             (ull)last->asked[i].bytes);
}
