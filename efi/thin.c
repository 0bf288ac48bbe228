/* thin.c - see thin.h. */
#include "efi/thin.h"

#include "efi/recall.h"
#include "efi/volume.h"

#define MOST_WITH_CHAIN 50

uint32_t thin_most(const struct config *config)
{
	if (config->most_captures != 0)
		return config->most_captures;
	return config->chain[0] != '\0' ? MOST_WITH_CHAIN : THIN_NO_BOUND;
}

bool thin_has_room(const struct boot *boot)
{
	uint64_t free_bytes, all_bytes;

	if (thin_most(&boot->config) == THIN_NO_BOUND ||
	    EFI_ERROR(volume_space(boot->root, &free_bytes, &all_bytes)))
		return true;
	return (free_bytes >> 4) * 10 >= all_bytes >> 4;
}

static bool can_go(const struct history_entry *entry)
{
	return entry->is_capture && entry->is_read && entry->status == EFI_SUCCESS;
}

static bool has_newer(const struct history *history, unsigned number)
{
	const struct history_entry *entry = &history->entries[number];

	while (++number <= history->last_number) {
		const struct history_entry *newer = &history->entries[number];

		if (can_go(newer) && newer->machine == entry->machine &&
		    newer->boot.crc32 == entry->boot.crc32)
			return true;
	}
	return false;
}

unsigned thin_find(const struct history *history, unsigned kept, uint32_t machine, uint32_t crc32)
{
	unsigned oldest = 0;

	for (unsigned number = 1; number <= history->last_number; number++) {
		const struct history_entry *entry = &history->entries[number];

		if (number == kept || !can_go(entry))
			continue;
		if ((entry->machine == machine && entry->boot.crc32 == crc32) ||
		    has_newer(history, number))
			return number;
		oldest = oldest == 0 ? number : oldest;
	}
	return oldest;
}

static bool delete_capture(const struct boot *boot, struct history *history, unsigned number)
{
	char path[COMPARISON_PATH_BYTES];

	text_format(path, sizeof path, RECALL_PATH, number);
	if (volume_delete(boot->root, path) != EFI_SUCCESS)
		return false;
	history->entries[number] = (struct history_entry){ .is_taken = false };
	return true;
}

void thin_out(struct boot *boot, struct history *history, uint32_t machine)
{
	const struct comparison *comparison = &boot->comparison;
	unsigned kept = comparison->last != NULL ? comparison->last->number : 0;
	uint32_t n = 1, most = thin_most(&boot->config);

	for (unsigned number = 1; number <= history->last_number; number++)
		n += history->entries[number].is_capture;
	for (unsigned i = 0; i < THIN_AT_ONCE && n > most; i++, n--) {
		unsigned number = thin_find(history, kept, machine, comparison->now.crc32);

		if (number == 0 || !delete_capture(boot, history, number))
			return;
	}
}
