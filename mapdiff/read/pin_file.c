/* pin_file.c - the variable BootmemPin -> a record: see pin_file.h. */
#include "mapdiff/read/pin_file.h"

#include <string.h>

#include "bootmem/count.h"
#include "x86/pin_block.h"
#include "x86/pin_home.h"

#define ATTRIBUTE_BYTES sizeof(uint32_t)
#define HEAD_BYTES      (ATTRIBUTE_BYTES + offsetof(struct pin_record, block_paddr))
#define KEPT            7     /* EFI_VARIABLE_NON_VOLATILE, with the two below */
#define VOLATILE        6     /* ..._BOOTSERVICE_ACCESS, ..._RUNTIME_ACCESS: UEFI 2.10 §8.2 */
#define MOST_BYTES      65536 /* of a record of any version */

static uint32_t word_at(const struct bytes *bytes, size_t offset)
{
	uint32_t word;

	memcpy(&word, bytes->text + offset, sizeof word);
	return word;
}

/* No text has 0 bytes where a small number has them, and says its own length behind. */
bool pin_file_is(const char *name, const struct bytes *bytes)
{
	static const char variable[] = "BootmemPin-";
	const char *slash = strrchr(name, '/');
	uint32_t attributes;

	if (strncmp(slash != NULL ? slash + 1 : name, variable, strlen(variable)) == 0)
		return true;
	if (bytes->n_text < HEAD_BYTES)
		return false;
	attributes = word_at(bytes, 0);
	return (attributes == KEPT || attributes == VOLATILE) &&
	       word_at(bytes, ATTRIBUTE_BYTES) < MOST_BYTES &&
	       word_at(bytes, ATTRIBUTE_BYTES + sizeof(uint32_t)) < MOST_BYTES;
}

/* What is wrong with its length and its version; NULL if nothing. */
static const char *wrong_frame(const struct bytes *bytes)
{
	const size_t whole_bytes = ATTRIBUTE_BYTES + sizeof(struct pin_record);
	uint32_t version;

	if (bytes->n_text < HEAD_BYTES)
		return memory_printf("it is cut off: it has %zu bytes, not even a version and a "
		                     "length",
		                     bytes->n_text);
	version = word_at(bytes, ATTRIBUTE_BYTES);
	if (version != PIN_RECORD_VERSION)
		return memory_printf("it is of version %" PRIu32 ", and only %d is known here: "
		                     "this takes a newer mapdiff",
		                     version, PIN_RECORD_VERSION);
	if (word_at(bytes, ATTRIBUTE_BYTES + sizeof version) != sizeof(struct pin_record))
		return memory_printf("byte 8 says that it has %" PRIu32 " bytes, and version %d "
		                     "has %zu",
		                     word_at(bytes, ATTRIBUTE_BYTES + sizeof version),
		                     PIN_RECORD_VERSION, sizeof(struct pin_record));
	if (bytes->n_text != whole_bytes)
		return memory_printf("it %s: it has %zu bytes, and not %zu",
		                     bytes->n_text < whole_bytes ? "is cut off" : "is too long",
		                     bytes->n_text, whole_bytes);
	return NULL;
}

/* And with what it says. */
static const char *wrong_values(const struct pin_record *pin)
{
	if (pin->block_pages == 0 || pin->block_pages > PIN_MOST_PAGES)
		return memory_printf("its block has %" PRIu32 " pages: there are 1 to %" PRIu32,
		                     pin->block_pages, PIN_MOST_PAGES);
	if (!pin_home_is_good(pin->block_paddr, pin->block_pages))
		return memory_printf("no block lies at 0x%" PRIx64, pin->block_paddr);
	if (pin->most_bytes > pfn_paddr(pin->block_pages))
		return memory_printf("0x%" PRIx32
		                     " bytes of the block were in use, which has fewer",
		                     pin->most_bytes);
	if (pin->n_owners > PIN_RECORD_OWNERS)
		return memory_printf("it has %" PRIu32 " owners: there is room for %d",
		                     pin->n_owners, PIN_RECORD_OWNERS);
	return NULL;
}

static void add_owner(struct record_pin *pin, const struct pin_owner *owner)
{
	char *name = memory_text(owner->name, strnlen(owner->name, sizeof owner->name));

	for (char *c = name; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	name += strspn(name, " ");
	for (size_t n = strlen(name); n > 0 && name[n - 1] == ' '; n--)
		name[n - 1] = '\0';
	*MEMORY_ADD(pin, owners) =
		(struct record_pin_owner){ owner->paddr, owner->image_bytes, owner->served_bytes,
		                           owner->refused_bytes, name };
}

static void fill_in(struct record_pin *pin, const struct pin_record *said)
{
	*pin = (struct record_pin){
		.is_known = true,
		.is_of_this_boot = true,
		.block = { said->block_paddr, said->block_paddr + pfn_paddr(said->block_pages) },
		.served_bytes = said->served_bytes,
		.refused_bytes = said->refused_bytes,
	};
	for (size_t i = 0; i < said->n_owners; i++)
		add_owner(pin, &said->owners[i]);
	for (size_t i = 0; i < COUNT(said->asked); i++)
		if (said->asked[i].n > 0)
			*MEMORY_ADD(pin, asked) =
				(struct record_pin_asked){ said->asked[i].type, said->asked[i].n,
				                           said->asked[i].bytes };
}

bool pin_file_read(const char *name, const struct bytes *bytes, struct records *records,
                   const char **ret_error)
{
	const char *wrong = wrong_frame(bytes);
	struct pin_record said;
	struct record *record;

	if (wrong == NULL) {
		memcpy(&said, bytes->text + ATTRIBUTE_BYTES, sizeof said);
		wrong = wrong_values(&said);
	}
	if (wrong != NULL) {
		*ret_error = memory_printf("this is bootmem's record of a pinned block "
		                           "(BootmemPin), and %s",
		                           wrong);
		return false;
	}
	record = records_add(records, name, SOURCE_PIN);
	fill_in(&record->pin, &said);
	record_finish(record);
	return true;
}
