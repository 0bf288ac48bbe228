/* bridges.c - see bridges.h. */
#include "efi/bridges.h"

#include "efi/protocol.h"
#include "x86/resources.h"
#include "x86/wire.h"

#define SERVICES_SIGNATURE UINT64_C(0x565245535f455844) /* "DXE_SERV" */
#define MMIO               3                            /* EfiGcdMemoryTypeMemoryMappedIo */
#define MOST_STEPS         1024                         /* of a window: a device or two each */

static EFI_GUID root_bridge_guid = EFI_PCI_ROOT_BRIDGE_IO_PROTOCOL_GUID;

/* PI 1.8 volume 2 §7.2.4.5; gnu-efi does not have these. */
struct gcd_descriptor {
	uint64_t start_paddr, bytes, capabilities, attributes;
	uint32_t type;
	void *image, *device;
};

struct dxe_services {
	EFI_TABLE_HEADER head;
	void *add_space, *allocate_space, *free_space, *remove_space;
	EFI_STATUS(EFIAPI *get_descriptor)(EFI_PHYSICAL_ADDRESS, struct gcd_descriptor *);
};

/* NULL if they are not what they should be. */
static const struct dxe_services *find_services(const struct phys_mem *phys, paddr_t paddr)
{
	const struct dxe_services *services =
		paddr != 0 ? phys_read(phys, paddr, sizeof *services) : NULL;

	return services != NULL && wire_u64(&services->head.Signature) == SERVICES_SIGNATURE &&
	                       wire_u32(&services->head.HeaderSize) >= sizeof *services &&
	                       services->get_descriptor != NULL
	               ? services
	               : NULL;
}

/* The piece of I/O space that holds @paddr; false if that is something else. */
static bool find_piece(const struct dxe_services *services, paddr_t paddr, struct span *ret_piece)
{
	struct gcd_descriptor piece = { .bytes = 0 };

	if (EFI_ERROR(services->get_descriptor(paddr, &piece)) || piece.type != MMIO ||
	    piece.start_paddr > paddr || piece.bytes > UINT64_MAX - piece.start_paddr ||
	    piece.start_paddr + piece.bytes <= paddr)
		return false;
	*ret_piece = (struct span){ piece.start_paddr, piece.start_paddr + piece.bytes };
	return true;
}

/* Pieces are of a device each. */
static bool widen(const struct dxe_services *services, struct span *window)
{
	struct span piece;
	unsigned n = 0;

	if (!find_piece(services, window->start_paddr, &piece))
		return false;
	*window = piece;
	for (; n < MOST_STEPS && find_piece(services, window->end_paddr, &piece); n++)
		window->end_paddr = piece.end_paddr;
	for (; n < MOST_STEPS && window->start_paddr > 0 &&
	       find_piece(services, window->start_paddr - 1, &piece);
	     n++)
		window->start_paddr = piece.start_paddr;
	return n < MOST_STEPS;
}

static void add(struct bridges *bridges, struct span window)
{
	for (size_t i = 0; i < bridges->n_windows; i++)
		if (bridges->windows[i].start_paddr == window.start_paddr)
			return;
	if (bridges->n_windows < BRIDGES_MOST_WINDOWS)
		bridges->windows[bridges->n_windows++] = window;
	else
		bridges->fault = "there are too many";
}

static void look_at(EFI_PCI_ROOT_BRIDGE_IO_PROTOCOL *io, const struct phys_mem *phys,
                    const struct dxe_services *services, struct bridges *bridges)
{
	struct span spans[RESOURCES_MOST];
	enum resources_err err;
	void *list = NULL;
	size_t n;

	if (EFI_ERROR(io->Configuration(io, &list)) || list == NULL) {
		bridges->fault = "the driver of a bridge does not tell";
		return;
	}
	err = resources_find(phys, (uintptr_t)list, spans, &n);
	if (err != RESOURCES_OK)
		bridges->fault = resources_err_text(err);
	for (size_t i = 0; i < n; i++) {
		if (widen(services, &spans[i]))
			add(bridges, spans[i]);
		else
			bridges->fault = "the firmware's own map does not have one as I/O space";
	}
}

void bridges_find(const struct firmware *firmware, const struct phys_mem *phys,
                  paddr_t services_paddr, struct bridges *ret_bridges)
{
	const struct dxe_services *services = find_services(phys, services_paddr);
	EFI_HANDLE *handles;
	UINTN n_handles;

	ret_bridges->n_windows = 0;
	ret_bridges->fault = NULL;
	handles = protocol_handles(firmware, &root_bridge_guid, &n_handles);
	if (n_handles > 0 && services == NULL)
		ret_bridges->fault = "the firmware does not give its own map";
	for (UINTN i = 0; i < n_handles && services != NULL; i++) {
		EFI_PCI_ROOT_BRIDGE_IO_PROTOCOL *io =
			protocol_of(firmware, handles[i], &root_bridge_guid);

		if (io != NULL)
			look_at(io, phys, services, ret_bridges);
	}
	protocol_free(firmware, handles);
}
