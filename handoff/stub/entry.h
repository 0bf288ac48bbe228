/*
 * entry.h - the state of the CPU at the very entry, as start_*.S keeps it before it changes
 * anything: all that PROTOCOL.md §2 promises. Fields of 8 bytes on both CPUs; IA-32 fills in the
 * low halves. state.h compares them.
 */
#ifndef HANDOFF_STUB_ENTRY_H
#define HANDOFF_STUB_ENTRY_H

#define ENTRY_AX         0x000
#define ENTRY_CX         0x008
#define ENTRY_DX         0x010
#define ENTRY_BX         0x018
#define ENTRY_SP         0x020
#define ENTRY_BP         0x028
#define ENTRY_SI         0x030
#define ENTRY_DI         0x038
#define ENTRY_R8         0x040
#define ENTRY_R9         0x048
#define ENTRY_R10        0x050
#define ENTRY_R11        0x058
#define ENTRY_R12        0x060
#define ENTRY_R13        0x068
#define ENTRY_R14        0x070
#define ENTRY_R15        0x078
#define ENTRY_FLAGS      0x080
#define ENTRY_CS         0x088
#define ENTRY_DS         0x090
#define ENTRY_ES         0x098
#define ENTRY_FS         0x0a0
#define ENTRY_GS         0x0a8
#define ENTRY_SS         0x0b0
#define ENTRY_LDTR       0x0b8
#define ENTRY_GDTR_LIMIT 0x0c0
#define ENTRY_GDTR_BASE  0x0c8
#define ENTRY_IDTR_LIMIT 0x0d0
#define ENTRY_IDTR_BASE  0x0d8
#define ENTRY_CR0        0x0e0
#define ENTRY_CR3        0x0e8
#define ENTRY_CR4        0x0f0
#define ENTRY_EFER       0x0f8
#define ENTRY_DR7        0x100
#define ENTRY_FCW        0x108
#define ENTRY_FSW        0x110
#define ENTRY_FTW        0x118
#define ENTRY_MXCSR      0x120
#define ENTRY_FS_BASE    0x128
#define ENTRY_GS_BASE    0x130
#define ENTRY_DS_WORD    0x138
#define ENTRY_ES_WORD    0x140
#define ENTRY_FS_WORD    0x148
#define ENTRY_GS_WORD    0x150
#define ENTRY_SS_WORD    0x158
#define ENTRY_FEATURES   0x160
#define ENTRY_A20        0x168
#define ENTRY_BYTES      0x170

/* What is at entry_probe, and so read there through a segment of base 0. */
#define ENTRY_PROBE 0x70726f62

/* Of our own GDT. */
#define SELECTOR_CODE 0x08
#define SELECTOR_DATA 0x10
#define SELECTOR_TSS  0x18

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>

struct entry_state {
	uint64_t ax, cx, dx, bx, sp, bp, si, di;
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15; /* AMD64 */
	uint64_t flags;
	uint64_t cs, ds, es, fs, gs, ss, ldtr;
	uint64_t gdtr_limit, gdtr_base, idtr_limit, idtr_base;
	uint64_t cr0, cr3, cr4;
	uint64_t efer; /* 0 where the CPU has no long mode */
	uint64_t dr7;
	uint64_t fcw, fsw, ftw;                               /* 0 with CR0.EM or CR0.TS */
	uint64_t mxcsr;                                       /* the same, and without CR4.OSFXSR */
	uint64_t fs_base, gs_base;                            /* AMD64 */
	uint64_t ds_word, es_word, fs_word, gs_word, ss_word; /* IA-32; 0 if it is not flat data */
	uint64_t features;                                    /* IA-32: EDX of CPUID 1 */
	uint64_t a20; /* the difference, after a write to the address with the other bit 20 */
};

#define ENTRY_ASSERT(field, offset) \
	_Static_assert(offsetof(struct entry_state, field) == (offset), "start_*.S")

ENTRY_ASSERT(ax, ENTRY_AX);
ENTRY_ASSERT(cx, ENTRY_CX);
ENTRY_ASSERT(dx, ENTRY_DX);
ENTRY_ASSERT(bx, ENTRY_BX);
ENTRY_ASSERT(sp, ENTRY_SP);
ENTRY_ASSERT(bp, ENTRY_BP);
ENTRY_ASSERT(si, ENTRY_SI);
ENTRY_ASSERT(di, ENTRY_DI);
ENTRY_ASSERT(r8, ENTRY_R8);
ENTRY_ASSERT(r9, ENTRY_R9);
ENTRY_ASSERT(r10, ENTRY_R10);
ENTRY_ASSERT(r11, ENTRY_R11);
ENTRY_ASSERT(r12, ENTRY_R12);
ENTRY_ASSERT(r13, ENTRY_R13);
ENTRY_ASSERT(r14, ENTRY_R14);
ENTRY_ASSERT(r15, ENTRY_R15);
ENTRY_ASSERT(flags, ENTRY_FLAGS);
ENTRY_ASSERT(cs, ENTRY_CS);
ENTRY_ASSERT(ds, ENTRY_DS);
ENTRY_ASSERT(es, ENTRY_ES);
ENTRY_ASSERT(fs, ENTRY_FS);
ENTRY_ASSERT(gs, ENTRY_GS);
ENTRY_ASSERT(ss, ENTRY_SS);
ENTRY_ASSERT(ldtr, ENTRY_LDTR);
ENTRY_ASSERT(gdtr_limit, ENTRY_GDTR_LIMIT);
ENTRY_ASSERT(gdtr_base, ENTRY_GDTR_BASE);
ENTRY_ASSERT(idtr_limit, ENTRY_IDTR_LIMIT);
ENTRY_ASSERT(idtr_base, ENTRY_IDTR_BASE);
ENTRY_ASSERT(cr0, ENTRY_CR0);
ENTRY_ASSERT(cr3, ENTRY_CR3);
ENTRY_ASSERT(cr4, ENTRY_CR4);
ENTRY_ASSERT(efer, ENTRY_EFER);
ENTRY_ASSERT(dr7, ENTRY_DR7);
ENTRY_ASSERT(fcw, ENTRY_FCW);
ENTRY_ASSERT(fsw, ENTRY_FSW);
ENTRY_ASSERT(ftw, ENTRY_FTW);
ENTRY_ASSERT(mxcsr, ENTRY_MXCSR);
ENTRY_ASSERT(fs_base, ENTRY_FS_BASE);
ENTRY_ASSERT(gs_base, ENTRY_GS_BASE);
ENTRY_ASSERT(ds_word, ENTRY_DS_WORD);
ENTRY_ASSERT(es_word, ENTRY_ES_WORD);
ENTRY_ASSERT(fs_word, ENTRY_FS_WORD);
ENTRY_ASSERT(gs_word, ENTRY_GS_WORD);
ENTRY_ASSERT(ss_word, ENTRY_SS_WORD);
ENTRY_ASSERT(features, ENTRY_FEATURES);
ENTRY_ASSERT(a20, ENTRY_A20);
_Static_assert(sizeof(struct entry_state) == ENTRY_BYTES, "start_*.S");

extern struct entry_state entry_state; /* filled in by start_*.S */
extern uint32_t entry_probe;

/* Which of the two this is; and the register that has the block. */
#if defined(__x86_64__)
#define STUB_BITS   64
#define STUB_TARGET HANDOFF_TARGET_AMD64
#define ENTRY_BLOCK di
#else
#define STUB_BITS   32
#define STUB_TARGET HANDOFF_TARGET_IA32
#define ENTRY_BLOCK bx
#endif

static inline uint64_t entry_block_paddr(void)
{
	return entry_state.ENTRY_BLOCK;
}

/* main.c; called by start_*.S on a stack of our own. */
_Noreturn void stub_main(void);

#endif /* __ASSEMBLER__ */
#endif
