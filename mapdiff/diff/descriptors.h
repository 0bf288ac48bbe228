/* descriptors.h - the UEFI maps of two records -> the descriptors that are in one of them only. */
#ifndef MAPDIFF_DIFF_DESCRIPTORS_H
#define MAPDIFF_DIFF_DESCRIPTORS_H

#include "mapdiff/diff/result.h"

/* Fill in diff->has_uefi and diff->uefi. With diff->subtracts_footprint bootmem's own memory is
 * taken for what it would be without bootmem: free. */
void descriptors_compare(struct diff *diff);

#endif
