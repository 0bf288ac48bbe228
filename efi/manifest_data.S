/*
 * manifest_data.S - the list of the files that may be started (manifest.h), in an image that will be
 * signed; the Makefile says where it is. Nothing in any other image.
 */
	.section .rodata
	.globl	manifest_start, manifest_end
	.hidden	manifest_start, manifest_end
manifest_start:
#ifdef MANIFEST
	.incbin	MANIFEST
#endif
manifest_end:

	.section .note.GNU-stack, "", @progbits
