/*
 * settings.h - the step of a boot that finds out what is wanted: the volume, the words of the
 * Shell, the configuration on the volume.
 */
#ifndef EFI_SETTINGS_H
#define EFI_SETTINGS_H

#include "efi/state.h"

/* Fills in boot->root and boot->config. Without a configuration the defaults hold; with a wrong one
 * what can be read of it. */
EFI_STATUS read_settings(struct boot *boot);

/* Refuses a kernel or an initrd of which the volume has a circle of clusters: see fat.h. */
EFI_STATUS check_files(struct boot *boot);

#endif
