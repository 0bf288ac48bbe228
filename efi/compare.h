/*
 * compare.h - a capture of an earlier boot, as text, and this boot's e820 map -> lines on the
 * console: what changed, and whether Linux would resume from hibernation.
 */
#ifndef EFI_COMPARE_H
#define EFI_COMPARE_H

#include "efi/state.h"

/*
 * @name is what the capture is called on the console. EFI_CRC_ERROR if the text is no whole
 * capture, EFI_INCOMPATIBLE_VERSION if it is one of a later format, EFI_MEDIA_CHANGED if it is of
 * another machine, EFI_OUT_OF_RESOURCES if there is no memory; nothing has been printed then.
 */
EFI_STATUS compare_with(struct boot *boot, const char *name, const char *text, size_t bytes);

#endif
