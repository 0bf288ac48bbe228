/* facts.c - configuration tables, screen, CPU: see facts.h. */
#include "efi/facts.h"

#include "bootmem/mem.h"

static const EFI_GUID acpi_guid = ACPI_TABLE_GUID;
static const EFI_GUID acpi20_guid = ACPI_20_TABLE_GUID;
static const EFI_GUID smbios_guid = SMBIOS_TABLE_GUID;
static const EFI_GUID smbios3_guid = SMBIOS3_TABLE_GUID;
/* PI 1.8 volume 2, EFI_DXE_SERVICES. */
static const EFI_GUID services_guid = {
	0x05ad34ba, 0x6f02, 0x4214, { 0x95, 0x2e, 0x4d, 0xa0, 0x39, 0x8e, 0x2b, 0xb9 }
};
/* UEFI 2.10 §4.6, EFI_MEMORY_ATTRIBUTES_TABLE. */
static const EFI_GUID attributes_guid = {
	0xdcfa911d, 0x26eb, 0x469f, { 0xa2, 0x20, 0x38, 0xb7, 0xdc, 0x46, 0x12, 0x20 }
};

/* The address of a configuration table (UEFI 2.10 §4.6), or 0. */
static paddr_t configuration_table(const struct firmware *firmware, const EFI_GUID *guid)
{
	const EFI_SYSTEM_TABLE *table = firmware->system_table;

	for (UINTN i = 0; i < table->NumberOfTableEntries; i++)
		if (memcmp(&table->ConfigurationTable[i].VendorGuid, guid, sizeof *guid) == 0)
			return (paddr_t)(UINTN)table->ConfigurationTable[i].VendorTable;
	return 0;
}

/* The end of the descriptor that holds @paddr and that is memory, or 0. */
static paddr_t described_until(const struct uefi_map *map, paddr_t paddr)
{
	size_t n = uefi_map_count(map);

	for (size_t i = 0; i < n; i++) {
		struct uefi_descriptor descriptor = uefi_map_get(map, i);
		paddr_t start_paddr, end_paddr;
		bool wraps;

		if (descriptor.type == UEFI_MMIO || descriptor.type == UEFI_MMIO_PORT_SPACE ||
		    descriptor.type == UEFI_UNACCEPTED)
			continue;
		if (uefi_descriptor_range(&descriptor, &start_paddr, &end_paddr, &wraps) &&
		    start_paddr <= paddr && paddr < end_paddr)
			return end_paddr;
	}
	return 0;
}

/* phys_mem.read. SMBIOS and RSDP of real machines lie below 1 MiB where no descriptor is. */
static const void *read_described(void *context, paddr_t start_paddr, uint64_t bytes)
{
	const struct facts *facts = context;
	paddr_t paddr = start_paddr, end_paddr;

	if (bytes > memory_reach_paddr() || start_paddr > memory_reach_paddr() - bytes)
		return NULL;
	if (start_paddr < PAGE_BYTES)
		return facts->page_zero == NULL || bytes > PAGE_BYTES - start_paddr
		               ? NULL
		               : (const uint8_t *)facts->page_zero + start_paddr;
	end_paddr = start_paddr + bytes;
	if (paddr < LOW_MEGABYTE_END_PADDR)
		paddr = min_u64(end_paddr, LOW_MEGABYTE_END_PADDR);
	while (paddr < end_paddr) {
		paddr = described_until(facts->uefi_map, paddr);
		if (paddr == 0)
			return NULL;
	}
	return memory_at(start_paddr);
}

/* All of the tables: count them first, since the list has the caller's capacity. */
static EFI_STATUS find_acpi(struct facts *facts, struct memory *memory)
{
	size_t most;

	acpi_find_tables(&facts->phys, facts->rsdp_paddr, NULL, 0, &facts->acpi_faults);
	most = facts->acpi_faults.n_no_room;
	if (most == 0)
		return EFI_SUCCESS;
	facts->acpi_tables = memory_claim_bytes(memory, most * sizeof *facts->acpi_tables);
	if (facts->acpi_tables == NULL)
		return EFI_OUT_OF_RESOURCES;
	facts->n_acpi_tables = acpi_find_tables(&facts->phys, facts->rsdp_paddr, facts->acpi_tables,
	                                        most, &facts->acpi_faults);
	return EFI_SUCCESS;
}

static void find_smbios(struct facts *facts)
{
	const paddr_t entries[] = { facts->smbios_paddr, facts->smbios3_paddr };

	for (size_t i = 0; i < 2; i++)
		if (entries[i] != 0)
			smbios_find(&facts->phys, entries[i], &facts->smbios[facts->n_smbios++]);
}

static EFI_STATUS copy_page_zero(struct facts *facts, struct memory *memory)
{
	void *copy = memory_claim_bytes(memory, PAGE_BYTES);

	if (copy == NULL)
		return EFI_OUT_OF_RESOURCES;
	if (cpu_copy_page_zero(copy))
		facts->page_zero = copy;
	return EFI_SUCCESS;
}

EFI_STATUS facts_find(const struct firmware *firmware, struct memory *memory,
                      const struct uefi_map *uefi_map, struct facts *ret_facts)
{
	EFI_STATUS status;

	memset(ret_facts, 0, sizeof *ret_facts);
	cpu_read(&ret_facts->cpu);
	status = copy_page_zero(ret_facts, memory);
	if (EFI_ERROR(status))
		return status;
	ret_facts->uefi_map = uefi_map;
	ret_facts->phys.read = read_described;
	ret_facts->phys.context = ret_facts;
	ret_facts->rsdp_paddr = configuration_table(firmware, &acpi20_guid);
	if (ret_facts->rsdp_paddr == 0)
		ret_facts->rsdp_paddr = configuration_table(firmware, &acpi_guid);
	ret_facts->smbios_paddr = configuration_table(firmware, &smbios_guid);
	ret_facts->smbios3_paddr = configuration_table(firmware, &smbios3_guid);
	ret_facts->attributes_paddr = configuration_table(firmware, &attributes_guid);
	ret_facts->services_paddr = configuration_table(firmware, &services_guid);
	ret_facts->framebuffer_err =
		framebuffer_find(firmware, uefi_map, ret_facts->cpu.paddr_bits,
	                         &ret_facts->framebuffer, &ret_facts->framebuffer_said_bytes);
	find_smbios(ret_facts);
	return find_acpi(ret_facts, memory);
}

void facts_model(const struct facts *facts, struct smbios_model *ret_model)
{
	size_t i = facts->n_smbios;

	while (i > 0 && facts->smbios[i - 1].table.end_paddr == 0)
		i--;
	memset(ret_model, 0, sizeof *ret_model);
	if (i > 0)
		smbios_read_model(&facts->phys, facts->smbios[i - 1].table, ret_model);
}
