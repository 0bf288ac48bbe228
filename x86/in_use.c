/* in_use.c - registers, descriptors and page tables -> spans of memory: see in_use.h. */
#include "x86/in_use.h"

#include "x86/wire.h"

const char *const in_use_names[IN_USE_KINDS] = {
	[IN_USE_STACK] = "stack",
	[IN_USE_IDT] = "IDT",
	[IN_USE_GDT] = "GDT",
	[IN_USE_TSS] = "TSS",
	[IN_USE_PAGE_TABLES] = "page tables",
};

/* Takes what is in use. */
typedef void visit_fn(void *context, struct span span, enum in_use_kind kind);

struct visitor {
	visit_fn *visit;
	void *context;
};

/* @bytes from @paddr, or up to the end of all addresses. */
static struct span span_at(paddr_t paddr, uint64_t bytes)
{
	return (struct span){ paddr, bytes <= UINT64_MAX - paddr ? paddr + bytes : UINT64_MAX };
}

/* Present, of the system, and a TSS: available or busy (Intel SDM Vol. 3A §3.5). */
static bool is_tss(const uint8_t *descriptor)
{
	return (descriptor[5] & 0x9d) == 0x89;
}

/* The TSS by its descriptor in the GDT (Intel SDM Vol. 3A §7.2.2, §7.2.3). Empty if there is none.
 * It counts with 64 KiB at most. */
static struct span tss_of(const struct cpu_state *cpu, const struct phys_mem *phys)
{
	unsigned bytes = cpu->paging.is_long_mode ? 16 : 8;
	unsigned offset = cpu->tr & 0xfff8u;
	const uint8_t *at = NULL;
	uint64_t base, limit;

	if (offset != 0 && (cpu->tr & 4) == 0 && offset + bytes - 1 <= cpu->gdt_limit)
		at = phys_read(phys, cpu->gdt_paddr + offset, bytes);
	if (at == NULL || !is_tss(at))
		return (struct span){ 0, 0 };
	base = wire_u16(at + 2) | (uint64_t)at[4] << 16 | (uint64_t)at[7] << 24;
	if (bytes == 16)
		base |= (uint64_t)wire_u32(at + 8) << 32;
	limit = wire_u16(at) | (at[6] & 0xfu) << 16;
	return span_at(base, min_u64(limit, 0xffff) + 1);
}

static void visit_page_table(void *context, paddr_t page_paddr)
{
	const struct visitor *visitor = context;

	visitor->visit(visitor->context, span_at(page_paddr, PAGE_BYTES), IN_USE_PAGE_TABLES);
}

/* False if there are more page tables than can be followed. */
static bool each(const struct cpu_state *cpu, const struct phys_mem *phys, visit_fn *visit,
                 void *context)
{
	struct visitor visitor = { visit, context };
	struct span tss = tss_of(cpu, phys);
	paddr_t stack_paddr = cpu->sp - min_u64(cpu->sp, IN_USE_STACK_BYTES);

	visit(context, span_at(stack_paddr, cpu->sp - stack_paddr + IN_USE_STACK_BYTES),
	      IN_USE_STACK);
	visit(context, span_at(cpu->idt_paddr, cpu->idt_limit + UINT64_C(1)), IN_USE_IDT);
	visit(context, span_at(cpu->gdt_paddr, cpu->gdt_limit + UINT64_C(1)), IN_USE_GDT);
	if (tss.start_paddr < tss.end_paddr)
		visit(context, tss, IN_USE_TSS);
	return cpu->is_encrypted ||
	       paging_each_table(&cpu->paging, phys, visit_page_table, &visitor);
}

struct search {
	struct span span;
	bool is_found;
};

static void look_for(void *context, struct span span, enum in_use_kind kind)
{
	struct search *search = context;

	(void)kind;
	search->is_found |= span.start_paddr < search->span.end_paddr &&
	                    search->span.start_paddr < span.end_paddr;
}

bool in_use_touches(const struct cpu_state *cpu, const struct phys_mem *phys, struct span span)
{
	struct search search = { .span = span };

	each(cpu, phys, look_for, &search);
	return search.is_found;
}

struct listing {
	const struct uefi_map *map;
	struct in_use *in_use;
	paddr_t sp;
	struct span known; /* a descriptor: page tables lie beside each other */
	bool is_known_free;
};

/* Into the list, as whole pages: behind or before what is there of its kind, or by itself. */
static void add(struct in_use *in_use, struct span span, enum in_use_kind kind)
{
	span.start_paddr = align_down(span.start_paddr, PAGE_BYTES);
	span.end_paddr = pfn_paddr(pfn_up(span.end_paddr));
	for (size_t i = 0; i < in_use->n_ranges; i++) {
		struct span *other = &in_use->ranges[i].span;

		if (in_use->ranges[i].kind != kind || span.start_paddr > other->end_paddr ||
		    other->start_paddr > span.end_paddr)
			continue;
		other->start_paddr = min_u64(other->start_paddr, span.start_paddr);
		other->end_paddr = max_u64(other->end_paddr, span.end_paddr);
		return;
	}
	if (in_use->n_ranges == IN_USE_RANGES)
		in_use->n_lost++;
	else
		in_use->ranges[in_use->n_ranges++] = (struct in_use_range){ span, kind };
}

/* The part of @span that lies in a descriptor, if that one is free. */
static void add_part(struct listing *listing, const struct span *free, struct span span,
                     enum in_use_kind kind)
{
	bool is_stack_elsewhere = kind == IN_USE_STACK && (listing->sp < free->start_paddr ||
	                                                   listing->sp >= free->end_paddr);

	span.start_paddr = max_u64(span.start_paddr, free->start_paddr);
	span.end_paddr = min_u64(span.end_paddr, free->end_paddr);
	if (span.start_paddr < span.end_paddr && !is_stack_elsewhere)
		add(listing->in_use, span, kind);
}

static void list(void *context, struct span span, enum in_use_kind kind)
{
	struct listing *listing = context;
	size_t n = uefi_map_count(listing->map);

	if (span.start_paddr >= listing->known.start_paddr &&
	    span.end_paddr <= listing->known.end_paddr && !listing->is_known_free)
		return;
	for (size_t i = 0; i < n; i++) {
		struct uefi_descriptor descriptor = uefi_map_get(listing->map, i);
		struct span part;
		bool wraps;

		if (!uefi_descriptor_range(&descriptor, &part.start_paddr, &part.end_paddr, &wraps))
			continue;
		if (part.start_paddr <= span.start_paddr && span.end_paddr <= part.end_paddr) {
			listing->known = part;
			listing->is_known_free = descriptor.type == UEFI_CONVENTIONAL;
		}
		if (descriptor.type == UEFI_CONVENTIONAL)
			add_part(listing, &part, span, kind);
	}
}

void in_use_find(const struct cpu_state *cpu, const struct phys_mem *phys,
                 const struct uefi_map *map, struct in_use *ret_in_use)
{
	struct listing listing = { .map = map, .in_use = ret_in_use, .sp = cpu->sp };

	ret_in_use->n_ranges = 0;
	ret_in_use->n_lost = 0;
	ret_in_use->is_cut = !each(cpu, phys, list, &listing);
}
