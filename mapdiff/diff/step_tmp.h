#ifndef STEP_TMP_H
#define STEP_TMP_H
#include "x86/changes.h"
#include "x86/uefi_map.h"
enum owner_kind {
	OWNER_NONE,
	OWNER_UNKNOWN,
	OWNER_ACPI,
	OWNER_FIRMWARE,
	OWNER_RUNTIME_CODE,
	OWNER_RUNTIME_DATA,
	OWNER_MMIO,
	OWNER_MMIO_PORTS,
	OWNER_PAL_CODE,
	OWNER_PERSISTENT,
	OWNER_UNACCEPTED,
	OWNER_OEM,
	OWNER_OS,
	OWNER_FAULTY,
	OWNER_SPECIAL,
	OWNER_KINDS
};
struct owner_kinds {
	uint8_t kinds[4];
	uint8_t n_kinds;
};
struct step_change {
	struct change change;
	struct owner_kinds uefi;
	enum owner_kind e820;
};
const char *owner_kind_name(enum owner_kind kind);
struct diff;
void step_tmp(const struct diff *diff, const struct change *change, struct step_change *ret);
#endif
