/*
 * reservation.h - the list of what is reserved, by whom and why: what reports print, what the block
 * carries, and what mapdiff compares. Each reservation is made through it, so that none is
 * without a reason.
 */
#ifndef X86_RESERVATION_H
#define X86_RESERVATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bootmem/pfn.h"

/* What lies there. The numbers are those of the hand-off protocol (asserted where it is sealed). */
enum reservation_kind {
	RESERVATION_KERNEL = 1,
	RESERVATION_BOOTMAP,
	RESERVATION_BLOCK,
	RESERVATION_STACK,
	RESERVATION_PAGE_TABLES,
	RESERVATION_INITRD,
	RESERVATION_LOW_MEMORY,
	RESERVATION_WAKEUP,
	RESERVATION_SMP_CONFIG,
	RESERVATION_ACPI,
	RESERVATION_SMBIOS,
	RESERVATION_FRAMEBUFFER,
	RESERVATION_RUNTIME,
	RESERVATION_BOOT_SERVICES,
	RESERVATION_CONFIGURED,
	RESERVATION_GATES,
	RESERVATION_END, /* one past the kinds */
};

/* Who asks for it: 2.6.24 did, or we do beyond it (policy safe only). */
enum reservation_origin { ORIGIN_EXTENSION, ORIGIN_LINUX };

/* When the kernel may free it. */
enum reservation_lifetime { LIFETIME_FOREVER, LIFETIME_BOOT, LIFETIME_ACPI };

#define RESERVATION_OWNER_BYTES  24
#define RESERVATION_REASON_BYTES 72

struct reservation {
	paddr_t start_paddr; /* as asked for: the bitmap rounds outward */
	paddr_t end_paddr;
	uint64_t checksum; /* of the contents, where is_checked */
	uint8_t kind;      /* enum reservation_kind */
	uint8_t origin;    /* enum reservation_origin */
	uint8_t lifetime;  /* enum reservation_lifetime */
	bool is_checked;
	char owner[RESERVATION_OWNER_BYTES];   /* "ACPI FACP" */
	char reason[RESERVATION_REASON_BYTES]; /* "fixed description table, found through XSDT" */
};

/* The caller's buffer; what does not fit is counted, so that it can be made large enough. */
struct reservation_list {
	struct reservation *entries;
	size_t n_entries;
	size_t capacity;
	size_t n_lost; /* did not fit: an error of whoever planned the capacity */
};

/* A reservation of @span: owner and reason are cut to what fits. */
struct reservation reservation_make(enum reservation_kind kind, enum reservation_origin origin,
                                    enum reservation_lifetime lifetime, struct span span,
                                    const char *owner, const char *reason);

/* Copy @text, at most @bytes - 1 characters of it, into @field, which is 0 so far: the last byte
 * stays 0, and no rest of an older text gets into a checksum. */
void reservation_copy_text(char *field, size_t bytes, const char *text);

/* Append a copy. False, and n_lost one more, when the list is full. An empty range is passed over
 * (true). */
bool reservation_add(struct reservation_list *list, const struct reservation *reservation);

#endif
