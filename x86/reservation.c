/*
 * reservation.c - appends to the list of what is reserved, by whom and why.
 *
 * The texts are copied, and padded with zeroes: an entry goes into a capture and into the hand-off
 * block as it is, and nothing of the loader's memory may leak there.
 */
#include "x86/reservation.h"

#include "bootmem/mem.h"

/* At most @bytes - 1 characters of @text; the rest of @field is 0 already. */
static void copy_text(char *field, size_t bytes, const char *text)
{
	for (size_t i = 0; i + 1 < bytes && text[i] != '\0'; i++)
		field[i] = text[i];
}

struct reservation reservation_make(enum reservation_kind kind, enum reservation_origin origin,
                                    enum reservation_lifetime lifetime, const char *owner,
                                    const char *reason)
{
	struct reservation made;

	memset(&made, 0, sizeof made); /* not an initialiser: padding is cleared too */
	made.kind = (uint8_t)kind;
	made.origin = (uint8_t)origin;
	made.lifetime = (uint8_t)lifetime;
	copy_text(made.owner, sizeof made.owner, owner);
	copy_text(made.reason, sizeof made.reason, reason);
	return made;
}

bool reservation_add(struct reservation_list *list, const struct reservation *reservation)
{
	if (reservation->start_paddr >= reservation->end_paddr)
		return true;
	if (list->n_entries >= list->capacity) {
		list->n_lost++;
		return false;
	}
	list->entries[list->n_entries++] = *reservation;
	return true;
}
