/* launch.c - fill in the launch pad, check the moves, jump: see launch.h. */
#include "handoff/launch/launch.h"

#include "bootmem/mem.h"

/* pad.S. */
extern const uint8_t launch_code_start[], launch_code_end[];
extern const uint32_t launch_x64_offset, launch_ia32_offset;

/* Flat, ring 0, accessed: code of 32 bits, data, code of 64 bits (Intel SDM 3A §3.4.5). */
static const uint64_t gdt[LAUNCH_GDT_BYTES / 8] = {
	[LAUNCH_CODE32 / 8] = UINT64_C(0x00cf9b000000ffff),
	[LAUNCH_DATA / 8] = UINT64_C(0x00cf93000000ffff),
	[LAUNCH_CODE64 / 8] = UINT64_C(0x00af9b000000ffff),
};

static struct launch_table_register table_register(paddr_t paddr, uint16_t bytes)
{
	struct launch_table_register value = { .limit = (uint16_t)(bytes - 1) };

	for (unsigned i = 0; i < 4; i++)
		value.base[i] = (uint16_t)(paddr >> (16 * i));
	return value;
}

void launch_prepare(struct launch *pad, paddr_t pad_paddr, void *gdt_copy, paddr_t gdt_paddr)
{
	memset(pad, 0, sizeof *pad);
	memcpy(pad->gdt, gdt, sizeof gdt);
	memcpy(gdt_copy, gdt, sizeof gdt);
	pad->pad_gdtr = table_register(pad_paddr + LAUNCH_GDT, sizeof gdt);
	pad->gdtr = table_register(gdt_paddr, sizeof gdt);
	memcpy((uint8_t *)pad + LAUNCH_CODE_OFFSET, launch_code_start,
	       (uintptr_t)launch_code_end - (uintptr_t)launch_code_start);
}

void launch_set_idt(struct launch *pad, paddr_t idt_paddr, uint16_t idt_bytes)
{
	pad->idtr = table_register(idt_paddr, idt_bytes);
}

bool launch_add_move(struct launch *pad, const struct launch_move *move)
{
	if (move->from_paddr == move->to_paddr || (move->copy_bytes == 0 && move->clear_bytes == 0))
		return true;
	if (pad->n_moves == LAUNCH_MOVES)
		return false;
	pad->moves[pad->n_moves++] = *move;
	return true;
}

static bool ranges_overlap(paddr_t a_paddr, uint64_t a_bytes, paddr_t b_paddr, uint64_t b_bytes)
{
	if (a_bytes == 0 || b_bytes == 0)
		return false;
	return a_paddr < b_paddr ? b_paddr - a_paddr < a_bytes : a_paddr - b_paddr < b_bytes;
}

bool launch_moves_clash(const struct launch *pad, paddr_t pad_paddr)
{
	for (uint32_t i = 0; i < pad->n_moves; i++) {
		const struct launch_move *move = &pad->moves[i];
		uint64_t bytes = move->copy_bytes + move->clear_bytes;

		if (ranges_overlap(move->to_paddr, bytes, pad_paddr, LAUNCH_PAD_PAGES * PAGE_BYTES))
			return true;
		for (uint32_t j = i; j < pad->n_moves; j++)
			if (ranges_overlap(move->to_paddr, bytes, pad->moves[j].from_paddr,
			                   pad->moves[j].copy_bytes))
				return true;
	}
	return false;
}

_Noreturn void launch_go(const struct launch *pad)
{
	uint32_t offset = sizeof(void *) == 8 ? launch_x64_offset : launch_ia32_offset;
	uintptr_t code = (uintptr_t)pad + LAUNCH_CODE_OFFSET + offset;

	((void (*)(const struct launch *))code)(pad);
	__builtin_unreachable();
}
