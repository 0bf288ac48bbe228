/* hook_map.c - GetMemoryMap() and ExitBootServices(): see hook.h. */
#include "bootmem/count.h"
#include "bootmem/mem.h"
#include "tests/efi/hook_list.h"
#include "tests/efi/lines.h"

#define MAP_BYTES 262144
#define FOR_EVER  UINT64_MAX

/* In our own image, so that taking a map does not change it. */
static UINT8 room[MAP_BYTES] __attribute__((aligned(8)));

bool hook_read_map(struct hook_map *ret_map)
{
	*ret_map = (struct hook_map){ .descriptors = room, .bytes = sizeof room };
	return !EFI_ERROR(hook_tables.real_boot.GetMemoryMap(
		&ret_map->bytes, (void *)room, &ret_map->key, &ret_map->stride, &ret_map->version));
}

EFI_PHYSICAL_ADDRESS hook_highest_free(UINT64 n_pages)
{
	EFI_PHYSICAL_ADDRESS highest_paddr = 0;
	struct hook_map map;

	if (!hook_read_map(&map))
		return 0;
	for (UINTN at = 0; at < map.bytes; at += map.stride) {
		const EFI_MEMORY_DESCRIPTOR *descriptor = (const void *)(map.descriptors + at);
		EFI_PHYSICAL_ADDRESS paddr =
			descriptor->PhysicalStart + pfn_paddr(descriptor->NumberOfPages - n_pages);

		if (descriptor->Type == EfiConventionalMemory &&
		    descriptor->NumberOfPages >= n_pages && paddr > highest_paddr)
			highest_paddr = paddr;
	}
	return highest_paddr;
}

/* Every second page of so many: neighbours do not merge. */
static void grow_map(UINT64 n_descriptors)
{
	EFI_PHYSICAL_ADDRESS start_paddr = hook_highest_free(n_descriptors + 2);

	for (UINT64 i = 1; start_paddr != 0 && i <= n_descriptors; i += 2) {
		EFI_PHYSICAL_ADDRESS paddr = start_paddr + pfn_paddr(i);

		hook_tables.real_boot.AllocatePages(AllocateAddress, EfiACPIMemoryNVS, 1, &paddr);
	}
}

/* --- GetMemoryMap --- */

static struct {
	UINT64 n_new;   /* descriptors, at each call */
	UINT64 at_call; /* at this one only, from 1; 0: at each */
	UINT64 n_calls;
	UINTN stride;   /* 0: the firmware's */
	UINT32 version; /* 0: the firmware's */
} shape;

/* The same descriptors, each so many bytes from the last one; what is between them is garbage. */
static EFI_STATUS read_with_stride(UINTN *bytes, UINT8 *to, UINTN *key, UINTN *stride,
                                   UINT32 *version)
{
	const UINTN capacity_bytes = *bytes;
	struct hook_map map;
	UINTN n;

	if (!hook_read_map(&map))
		return EFI_DEVICE_ERROR;
	n = map.bytes / map.stride;
	*stride = shape.stride;
	*bytes = n * shape.stride;
	if (capacity_bytes < *bytes)
		return EFI_BUFFER_TOO_SMALL;
	memset(to, 0xee, *bytes);
	for (UINTN i = 0; i < n; i++)
		memcpy(to + i * shape.stride, map.descriptors + i * map.stride,
		       sizeof(EFI_MEMORY_DESCRIPTOR));
	*key = map.key;
	*version = map.version;
	return EFI_SUCCESS;
}

/* What the map has more once the exit was refused. */
static struct {
	EFI_MEMORY_DESCRIPTOR first;
	UINT64 n, stride_pages; /* so many, each so much after the one before */
	bool is_there;
} late;

static EFI_STATUS add_late(UINTN *bytes, UINTN capacity_bytes, UINT8 *to, UINTN stride)
{
	EFI_MEMORY_DESCRIPTOR descriptor = late.first;
	UINT8 *end = to + *bytes;

	*bytes += (UINTN)late.n * stride;
	if (*bytes > capacity_bytes)
		return EFI_BUFFER_TOO_SMALL;
	for (UINT64 i = 0; i < late.n; i++) {
		memset(end, 0, stride);
		memcpy(end, &descriptor, sizeof descriptor);
		descriptor.PhysicalStart += pfn_paddr(late.stride_pages);
		end += stride;
	}
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI get_memory_map(UINTN *bytes, EFI_MEMORY_DESCRIPTOR *to, UINTN *key,
                                        UINTN *stride, UINT32 *version)
{
	const UINTN capacity_bytes = *bytes;
	EFI_STATUS status;

	shape.n_calls++;
	if (shape.n_new > 0 && (shape.at_call == 0 || shape.at_call == shape.n_calls))
		grow_map(shape.n_new);
	if (shape.stride != 0)
		status = read_with_stride(bytes, (UINT8 *)to, key, stride, version);
	else
		status = hook_tables.real_boot.GetMemoryMap(bytes, to, key, stride, version);
	if (!EFI_ERROR(status) && late.is_there)
		status = add_late(bytes, capacity_bytes, (UINT8 *)to, *stride);
	if (!EFI_ERROR(status) && shape.version != 0)
		*version = shape.version;
	return status;
}

static bool map_grows(const char *at)
{
	shape.n_new = lines_number(&at);
	shape.at_call = lines_number(&at);
	hook_tables.boot->GetMemoryMap = get_memory_map;
	return true;
}

static bool map_stride(const char *at)
{
	shape.stride = (UINTN)lines_number(&at);
	hook_tables.boot->GetMemoryMap = get_memory_map;
	return shape.stride >= sizeof(EFI_MEMORY_DESCRIPTOR);
}

static bool map_version(const char *at)
{
	shape.version = (UINT32)lines_number(&at);
	hook_tables.boot->GetMemoryMap = get_memory_map;
	return true;
}

/* --- ExitBootServices --- */

static struct {
	UINT64 n_refusals;
	EFI_STATUS error; /* of the next call */
	bool hangs;
	UINT64 n_new; /* descriptors, at the next call */
} leaving;

static EFI_STATUS EFIAPI exit_boot_services(EFI_HANDLE image, UINTN key)
{
	EFI_STATUS error = leaving.error;

	leaving.error = EFI_SUCCESS;
	if (EFI_ERROR(error))
		return error;
	while (leaving.hangs)
		__asm__ volatile("pause");
	if (leaving.n_new > 0)
		grow_map(leaving.n_new); /* which makes the key old */
	leaving.n_new = 0;
	if (late.n > 0 && !late.is_there)
		key = ~key;
	late.is_there = late.n > 0;
	if (leaving.n_refusals > 0) {
		leaving.n_refusals -= leaving.n_refusals != FOR_EVER;
		key = ~key; /* the firmware refuses it, and stops its timer */
	}
	return hook_tables.real_boot.ExitBootServices(image, key);
}

static bool exit_refused(const char *at)
{
	UINT64 n = lines_number(&at);

	leaving.n_refusals = n > 0 ? n : FOR_EVER;
	hook_tables.boot->ExitBootServices = exit_boot_services;
	return true;
}

static bool exit_error(const char *at)
{
	leaving.error = HOOK_ERROR(lines_number(&at));
	hook_tables.boot->ExitBootServices = exit_boot_services;
	return true;
}

static bool exit_hangs(const char *at)
{
	(void)at;
	leaving.hangs = true;
	hook_tables.boot->ExitBootServices = exit_boot_services;
	return true;
}

static bool exit_grows(const char *at)
{
	leaving.n_new = lines_number(&at);
	hook_tables.boot->ExitBootServices = exit_boot_services;
	return true;
}

static bool exit_adds(const char *at)
{
	late.first = (EFI_MEMORY_DESCRIPTOR){ .Attribute = EFI_MEMORY_WB };
	late.first.Type = (UINT32)lines_number(&at);
	late.first.PhysicalStart = lines_number(&at);
	late.first.NumberOfPages = lines_number(&at);
	late.n = max_u64(lines_number(&at), 1);
	late.stride_pages = lines_number(&at);
	hook_tables.boot->GetMemoryMap = get_memory_map;
	hook_tables.boot->ExitBootServices = exit_boot_services;
	return true;
}

/* --- all of them --- */

bool hook_map_install(const char *line)
{
	static const struct hook hooks[] = {
		{ "exit-refused", exit_refused }, { "exit-error", exit_error },
		{ "exit-grows", exit_grows },     { "exit-adds", exit_adds },
		{ "exit-hangs", exit_hangs },     { "map-grows", map_grows },
		{ "map-stride", map_stride },     { "map-version", map_version },
	};

	return hook_take(hooks, COUNT(hooks), line);
}

void hook_map_reset(void)
{
	memset(&leaving, 0, sizeof leaving);
	memset(&shape, 0, sizeof shape);
	memset(&late, 0, sizeof late);
}
