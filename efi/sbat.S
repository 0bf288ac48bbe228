/*
 * sbat.S - what shim asks of an image before it starts it: the generation of each component, by which
 * old ones can be revoked (SBAT, "Secure Boot Advanced Targeting", of shim). The first line is the
 * format's own, the second is ours: its generation goes up with each release that closes a hole in
 * what Secure Boot promises.
 *
 * The zeros at the end are for shims that end the text by writing one over its last byte.
 */
#include "handoff/version.h"

	.section .sbat, "a"
	.ascii "sbat,1,SBAT Version,sbat,1,https://github.com/rhboot/shim/blob/main/SBAT.md\n"
	.ascii "bootmem,1,bootmem,bootmem," BOOTMEM_VERSION ",https://bootmem.invalid/\n"
	.balign 512, 0
