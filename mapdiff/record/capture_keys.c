/* capture_keys.c - the words of a capture that only mapdiff knows: see capture_keys.h. */
#include "mapdiff/record/capture_keys.h"

#include "bootmem/count.h"

const char *const capture_view_names[] = {
	[VIEW_FIRMWARE] = "firmware",
	[VIEW_BOOTMEM] = "bootmem",
	[VIEW_KERNEL] = "kernel",
	[VIEW_GRUB] = "grub",
};
const size_t n_capture_view_names = COUNT(capture_view_names);

const struct capture_span_key capture_span_keys[] = {
	{ "smbios", LANDMARK_SMBIOS, "SMBIOS" },
	{ "framebuffer", LANDMARK_FRAMEBUFFER, "framebuffer" },
	{ "footprint", LANDMARK_FOOTPRINT, "bootmem" },
	{ "kernel", LANDMARK_KERNEL, "kernel" },
	{ "initrd", LANDMARK_INITRD, "initrd" },
	{ "stub", LANDMARK_STUB, "EFI stub" },
	{ "window", LANDMARK_DEVICE, "device" },
};
const size_t n_capture_span_keys = COUNT(capture_span_keys);
