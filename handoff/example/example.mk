# example.mk - the example kernels, with the very commands that PROTOCOL.md gives; tests/check-protocol
# compares them. They link with nothing but what is named, or not at all.

$(B)/kernel-amd64/example.elf: $(wildcard handoff/*.h handoff/example/*) | setup-build
	@mkdir -p $(@D)
	$(call Q,CC)$(CC) -m64 -mno-red-zone -std=c11 -O2 -Wall -Wextra -Werror -ffreestanding \
		-mgeneral-regs-only -fno-stack-protector -fcf-protection=none -fno-pic \
		-static -nostdlib -Wl,-Ttext-segment=0x200000,-e,start,-z,max-page-size=4096 \
		-Wl,-z,noexecstack,--build-id=none -I. handoff/example/start_amd64.S \
		handoff/example/example.c -o $@

$(B)/kernel-amd64/allocate.elf: $(wildcard bootmem/* handoff/*.[ch] handoff/example/* handoff/launch/*) | setup-build
	@mkdir -p $(@D)
	$(call Q,CC)$(CC) -m64 -mno-red-zone -std=c11 -O2 -Wall -Wextra -Werror -ffreestanding \
		-mgeneral-regs-only -fno-stack-protector -fcf-protection=none -fno-pic \
		-static -nostdlib -Wl,-Ttext-segment=0x200000,-e,start,-z,max-page-size=4096 \
		-Wl,-z,noexecstack,--build-id=none -I. handoff/example/start_amd64.S \
		handoff/example/allocate.c handoff/block.c bootmem/*.c handoff/launch/freestanding.c -o $@

$(B)/kernel-ia32/example.elf: $(wildcard handoff/*.h handoff/example/*) | setup-build
	@mkdir -p $(@D)
	$(call Q,CC)$(CC) -m32 -march=i686 -std=c11 -O2 -Wall -Wextra -Werror -ffreestanding \
		-mgeneral-regs-only -fno-stack-protector -fcf-protection=none -fno-pic \
		-static -nostdlib -Wl,-Ttext-segment=0x200000,-e,start,-z,max-page-size=4096 \
		-Wl,-z,noexecstack,--build-id=none -I. handoff/example/start_ia32.S \
		handoff/example/example.c -o $@

$(B)/kernel-ia32/allocate.elf: $(wildcard bootmem/* handoff/*.[ch] handoff/example/* handoff/launch/*) | setup-build
	@mkdir -p $(@D)
	$(call Q,CC)$(CC) -m32 -march=i686 -std=c11 -O2 -Wall -Wextra -Werror -ffreestanding \
		-mgeneral-regs-only -fno-stack-protector -fcf-protection=none -fno-pic \
		-static -nostdlib -Wl,-Ttext-segment=0x200000,-e,start,-z,max-page-size=4096 \
		-Wl,-z,noexecstack,--build-id=none -I. handoff/example/start_ia32.S \
		handoff/example/allocate.c handoff/block.c bootmem/*.c handoff/launch/freestanding.c -o $@
