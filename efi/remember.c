/* remember.c - a variable of one stage: see remember.h. */
#include "efi/remember.h"

#include "bootmem/mem.h"
#include "efi/console.h"
#include "efi/variable.h"
#include "handoff/capture/text.h"

/* At run time, too: what is started behind us has to be able to delete it (esp/install-esp). */
#define ATTRIBUTES \
	(EFI_VARIABLE_NON_VOLATILE | EFI_VARIABLE_BOOTSERVICE_ACCESS | EFI_VARIABLE_RUNTIME_ACCESS)

#define VARIABLE_VERSION 1

/* What is in the variable: the same from either width. */
struct kept {
	uint8_t version;
	uint8_t may_end;
	char stage[REMEMBER_STAGE_BYTES - 2];
};
_Static_assert(sizeof(struct kept) == REMEMBER_STAGE_BYTES, "no holes");

/* Ours alone: a number that was drawn. */
static EFI_GUID vendor_guid = {
	0x92c23a9a, 0x66cd, 0x47a8, { 0x8e, 0xa2, 0x5d, 0x0a, 0xe9, 0x9c, 0x2f, 0x85 }
};
static CHAR16 variable_name[] = L"BootmemStage";

static EFI_STATUS write(const struct firmware *firmware, const struct kept *kept, UINTN bytes)
{
	return firmware->system_table->RuntimeServices->SetVariable(
		variable_name, &vendor_guid, ATTRIBUTES, bytes, (VOID *)kept);
}

/* What was not written by us is not shown: no letters but ours. */
static bool is_ours(const struct kept *kept, UINTN bytes)
{
	bool ends = false;

	if (bytes != sizeof *kept || kept->version != VARIABLE_VERSION)
		return false;
	for (size_t i = 0; i < sizeof kept->stage && !ends; i++) {
		ends = kept->stage[i] == '\0';
		if (!ends && (kept->stage[i] < ' ' || kept->stage[i] > '~'))
			return false;
	}
	return ends;
}

void remember_begin(const struct firmware *firmware, struct remember *ret_remember)
{
	struct kept kept;
	UINTN bytes = sizeof kept;
	EFI_STATUS status = variable_read(firmware, variable_name, &vendor_guid, &kept, &bytes);

	memset(ret_remember, 0, sizeof *ret_remember);
	ret_remember->is_on = true;
	if (EFI_ERROR(status) || !is_ours(&kept, bytes))
		return;
	text_format(ret_remember->last, sizeof ret_remember->last, "%s", kept.stage);
	ret_remember->last_may_end = kept.may_end != 0;
}

static bool is_same(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b)
		a++, b++;
	return *a == *b;
}

void remember_reach(const struct firmware *firmware, struct remember *remember,
                    const struct remember_stage *stage)
{
	struct kept kept = { .version = VARIABLE_VERSION, .may_end = stage->may_end };
	EFI_STATUS status;

	if (!remember->is_on || stage->name[0] == '\0' || is_same(stage->name, remember->now))
		return;
	text_format(remember->now, sizeof remember->now, "%s", stage->name);
	text_format(kept.stage, sizeof kept.stage, "%s", stage->name);
	status = write(firmware, &kept, sizeof kept);
	if (!EFI_ERROR(status))
		return;
	remember->is_on = false;
	console_note(firmware, "how far this boot gets cannot be kept (%s)", status_name(status));
}

void remember_end(const struct firmware *firmware, struct remember *remember)
{
	if (remember->is_on && remember->now[0] != '\0')
		write(firmware, NULL, 0); /* which deletes it */
	remember->is_on = false;
}
