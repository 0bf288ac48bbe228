/* fake_kernel.c - see fake_kernel.h. */
#include "tests/unit/fake_kernel.h"

#include <elf.h>
#include <string.h>

uint8_t fake_kernel_byte(size_t offset)
{
	return (uint8_t)(offset * 7 + offset / 251);
}

void fake_kernel_fill(uint8_t *bytes, size_t n_bytes)
{
	for (size_t i = 0; i < n_bytes; i++)
		bytes[i] = fake_kernel_byte(i);
}

/* The fields have the same names in both widths. */
#define BUILD(width, file, class, machine_type, file_type, start_paddr)                     \
	do {                                                                                \
		uint64_t data_paddr = (start_paddr) + FAKE_KERNEL_DATA_OFFSET;              \
		Elf##width##_Ehdr header = {                                                \
			.e_ident = { 0x7f, 'E', 'L', 'F', class, ELFDATA2LSB, EV_CURRENT }, \
			.e_type = file_type,                                                \
			.e_machine = machine_type,                                          \
			.e_version = EV_CURRENT,                                            \
			.e_entry = (uint32_t)(start_paddr) + FAKE_KERNEL_ENTRY,             \
			.e_phoff = sizeof header,                                           \
			.e_ehsize = sizeof header,                                          \
			.e_phentsize = sizeof(Elf##width##_Phdr),                           \
			.e_phnum = 2,                                                       \
		};                                                                          \
		Elf##width##_Phdr segments[2] = {                                           \
			{ .p_type = PT_LOAD,                                                \
			  .p_offset = 0x1000,                                               \
			  .p_vaddr = (uint32_t)(start_paddr),                               \
			  .p_paddr = (uint32_t)(start_paddr),                               \
			  .p_filesz = FAKE_KERNEL_CODE_BYTES,                               \
			  .p_memsz = FAKE_KERNEL_CODE_BYTES,                                \
			  .p_align = 4096 },                                                \
			{ .p_type = PT_LOAD,                                                \
			  .p_offset = FAKE_KERNEL_DATA_OFFSET,                              \
			  .p_vaddr = (uint32_t)data_paddr,                                  \
			  .p_paddr = (uint32_t)data_paddr,                                  \
			  .p_filesz = FAKE_KERNEL_DATA_BYTES,                               \
			  .p_memsz = FAKE_KERNEL_DATA_BYTES + FAKE_KERNEL_BSS_BYTES,        \
			  .p_align = 4096 },                                                \
		};                                                                          \
		memcpy(file, &header, sizeof header);                                       \
		memcpy((file) + sizeof header, segments, sizeof segments);                  \
	} while (0)

void fake_kernel_build(uint8_t *file, bool is_64, uint16_t file_type, paddr_t start_paddr)
{
	fake_kernel_fill(file, FAKE_KERNEL_FILE_BYTES);
	if (is_64)
		BUILD(64, file, ELFCLASS64, EM_X86_64, file_type, start_paddr);
	else
		BUILD(32, file, ELFCLASS32, EM_386, file_type, start_paddr);
}

const char *fake_kernel_fault(const uint8_t *image)
{
	const uint8_t *data = image + FAKE_KERNEL_DATA_OFFSET;

	for (size_t i = 0; i < FAKE_KERNEL_CODE_BYTES; i++)
		if (image[i] != fake_kernel_byte(0x1000 + i))
			return "the first segment is not that of the file";
	for (size_t i = 0; i < FAKE_KERNEL_DATA_BYTES; i++)
		if (data[i] != fake_kernel_byte(FAKE_KERNEL_DATA_OFFSET + i))
			return "the second segment is not that of the file";
	for (size_t i = 0; i < FAKE_KERNEL_BSS_BYTES; i++)
		if (data[FAKE_KERNEL_DATA_BYTES + i] != 0)
			return "what is behind the file is not cleared";
	return NULL;
}
