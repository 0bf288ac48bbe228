/*
 * reservation.c - appends to the list of what is reserved, by whom and why.
 *
 * The texts are copied and padded with zeroes: the entries go into the hand-off block and its
 * checksum, and two runs over one map must give the same bytes.
 */
#include "x86/reservation.h"

void reservation_copy_text(char *field, size_t bytes, const char *text)
{
	for (size_t i = 0; i + 1 < bytes && text[i] != '\0'; i++)
		field[i] = text[i];
}

struct reservation reservation_make(enum reservation_kind kind, enum reservation_origin origin,
                                    enum reservation_lifetime lifetime, struct span span,
                                    const char *owner, const char *reason)
{
	struct reservation made = { .start_paddr = span.start_paddr,
		                    .end_paddr = span.end_paddr,
		                    .kind = (uint8_t)kind,
		                    .origin = (uint8_t)origin,
		                    .lifetime = (uint8_t)lifetime };

	reservation_copy_text(made.owner, sizeof made.owner, owner);
	reservation_copy_text(made.reason, sizeof made.reason, reason);
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
