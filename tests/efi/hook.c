/* hook.c - which file has the hook of a line, and the tables as they were: see hook.h. */
#include "tests/efi/hook.h"

#include "bootmem/count.h"
#include "tests/efi/hook_list.h"
#include "tests/efi/lines.h"

struct hook_tables hook_tables;
static bool is_hooked;

static const struct {
	bool (*install)(const char *line);
	void (*reset)(void);
} files[] = {
	{ hook_map_install, hook_map_reset },           { hook_pages_install, hook_pages_reset },
	{ hook_runtime_install, hook_runtime_reset },   { hook_gop_install, hook_gop_reset },
	{ hook_protocol_install, hook_protocol_reset }, { hook_file_install, hook_file_reset },
};

/* A kernel holds the tables against their checksums (UEFI 2.10 §4.2). */
static void seal(EFI_TABLE_HEADER *header)
{
	UINT32 crc32 = 0;

	header->CRC32 = 0;
	hook_tables.real_boot.CalculateCrc32(header, header->HeaderSize, &crc32);
	header->CRC32 = crc32;
}

static void begin(EFI_SYSTEM_TABLE *table)
{
	hook_tables.system = table;
	hook_tables.boot = table->BootServices;
	hook_tables.runtime = table->RuntimeServices;
	if (!is_hooked) {
		hook_tables.real_system = *table;
		hook_tables.real_boot = *table->BootServices;
		hook_tables.real_runtime = *table->RuntimeServices;
	}
	is_hooked = true;
}

static bool ends(const char *at)
{
	return *at <= ' ';
}

bool hook_take(const struct hook *hooks, size_t n, const char *line)
{
	for (size_t i = 0; i < n; i++) {
		const char *rest = lines_after(line, hooks[i].name);

		if (rest == NULL || !ends(rest))
			continue;
		while (*rest == ' ')
			rest++;
		return hooks[i].install(rest);
	}
	return false;
}

bool hook_install(EFI_SYSTEM_TABLE *table, const char *line)
{
	bool is_installed = false;

	begin(table);
	for (size_t i = 0; i < COUNT(files) && !is_installed; i++)
		is_installed = files[i].install(line);
	seal(&table->Hdr);
	seal(&hook_tables.boot->Hdr);
	seal(&hook_tables.runtime->Hdr);
	return is_installed;
}

void hook_remove_all(EFI_SYSTEM_TABLE *table)
{
	begin(table);
	*table = hook_tables.real_system;
	*hook_tables.boot = hook_tables.real_boot;
	*hook_tables.runtime = hook_tables.real_runtime;
	for (size_t i = 0; i < COUNT(files); i++)
		files[i].reset();
}
