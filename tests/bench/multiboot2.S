/* The least kernel that GRUB starts by the multiboot2 protocol. */
	.code32
	.text
	.balign 8
header:
	.long 0xe85250d6, 0, header_end - header, -(0xe85250d6 + header_end - header)
	.word 0, 0
	.long 8
header_end:
	.globl _start
_start:
	movl $0x6d656d62, %ebx
	movl $0x746f6f62, %ecx
	hlt
