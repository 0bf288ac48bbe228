# tests.mk - everything that `make test' does. Included by the Makefile.
#
# Unit tests are programs, one a file, linked with all of floors 0 and 1, and with efi/ where they
# are about it. The same text is run as 64-bit code with ASan and UBSan, and as 32-bit code by
# qemu-i386, where tests/harness32 stands in for cmocka: no i386 library is needed.

# A kernel that faults, as an ET_EXEC and as a static-PIE.
FAULTY_FLAGS := $(COMMON) -ffreestanding -mgeneral-regs-only -fno-stack-protector -fcf-protection=none -nostdlib \
                -Wl,-e,start,-z,max-page-size=4096 -Wl,-z,noexecstack,--build-id=none
define faulty
$(B)/kernel-$(1)/faulty.elf: $(MAKEFILES_HERE) tests/kernels/faulty.c handoff/example/start_$(1).S | setup-build
	@mkdir -p $$(@D)
	$$(call Q,CC)$$(CC) $(FAULTY_FLAGS) $(KERNEL_$(1)_FLAGS) -fno-pic -static -Wl,-Ttext-segment=0x200000 \
		$$(filter %.S %.c,$$^) -o $$@
$(B)/kernel-$(1)/faulty-pie.elf: $(MAKEFILES_HERE) tests/kernels/faulty.c handoff/example/start_$(1).S | setup-build
	@mkdir -p $$(@D)
	$$(call Q,CC)$$(CC) $(FAULTY_FLAGS) $(KERNEL_$(1)_FLAGS) -fpie -static-pie -Wl,--no-dynamic-linker \
		$$(filter %.S %.c,$$^) -o $$@
endef
$(foreach t,amd64 ia32,$(eval $(call faulty,$(t))))

# The stub kernel with another main, which spoils the state that it is entered in.
define spoilt
$(B)/kernel-$(1)/spoilt.elf: $(call objects,kernel-$(1),$(CORE) $(filter-out handoff/stub/main.c,$(STUB)) \
		handoff/stub/start_$(1).S tests/kernels/spoilt.c tests/kernels/spoilt_$(1).S) handoff/stub/kernel.ld
	$$(call Q,LD)$$(LD) $(KERNEL_$(1)_LD) -static $(KERNEL_LDFLAGS) $$(filter %.o,$$^) -o $$@
endef
$(foreach t,amd64 ia32,$(eval $(call spoilt,$(t))))

UNIT_TESTS   := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c))
UNIT_SUPPORT := $(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c))
# Tests of efi/ run against a made-up firmware.
EFI_TESTS    := $(filter test_arguments test_boot test_capture_file test_config test_console test_dialogue test_fat test_gates test_launch \
                  test_manifest test_medium test_memmap test_memory test_pages test_trust,$(UNIT_TESTS))
EFI_TESTED   := $(filter-out efi/main.c efi/cpu.c,$(wildcard efi/*.c efi/screen/*.c)) handoff/launch/launch.c handoff/launch/pad.S \
                efi/gates_images.S handoff/device/screen.c
EFI_SUPPORT  := $(wildcard tests/unit/fake_firmware*.c tests/unit/fake_launch*.c)
# And pure parts of the stub kernel.
STUB_TESTED  := $(addprefix handoff/stub/,naive.c amount.c owners.c picture.c draw.c outcome.c \
	proof_view.c proof_running.c proof_verdict.c) handoff/device/screen.c handoff/device/exception.c \
	handoff/gates/fault.c handoff/gates/fault_view.c
STUB_SUPPORT := tests/unit/made_view.c

HOST_FLAGS       := -DTESTS_MAPS='"$(CURDIR)/tests/maps"'
HOST_host64_FLAGS := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
HOST_host32_FLAGS := -m32 -malign-double -Itests/harness32
HOST_EFI_FLAGS   := -fshort-wchar -isystem /usr/include/efi
HOST_host64_EFI  := -DGNU_EFI_USE_MS_ABI -isystem /usr/include/efi/x86_64
HOST_host32_EFI  := -isystem /usr/include/efi/ia32
# launch_go() is machine code; the tests' own ends the boot instead.
HOST_EFI_LDFLAGS := -Wl,--wrap=launch_go
HOST_host64_LIBS := -lcmocka
HOST_host32_LIBS :=
HOST_host64_RUN  :=
HOST_host32_RUN  := qemu-i386

# $(call host,environment)
define host
$(call environment,$(1),$(HOST_FLAGS) $(HOST_$(1)_FLAGS) $$(if $$(filter efi/% tests/unit/fake_firmware% \
	tests/unit/fake_launch% $(EFI_TESTS:%=tests/unit/%.c),$$<),$(HOST_EFI_FLAGS) $(HOST_$(1)_EFI)))
$(foreach t,$(filter-out $(EFI_TESTS),$(UNIT_TESTS)),$(eval $(B)/$(1)/$(t): \
	$(call objects,$(1),$(CORE) $(SCREEN) $(filter-out $(EFI_SUPPORT),$(UNIT_SUPPORT)) $(STUB_TESTED))))
$(foreach t,$(EFI_TESTS),$(eval $(B)/$(1)/$(t): \
	$(call objects,$(1),$(CORE) $(SCREEN) $(filter-out $(STUB_SUPPORT),$(UNIT_SUPPORT)) $(EFI_TESTED))))
$(UNIT_TESTS:%=$(B)/$(1)/%): $(B)/$(1)/%: $(B)/$(1)/tests/unit/%.o
	$$(call Q,LD)$$(CC) $(HOST_$(1)_FLAGS) $$(if $$(filter $(EFI_TESTS),$$*),$$(HOST_EFI_LDFLAGS)) \
		$$(filter %.o,$$^) -o $$@ $(HOST_$(1)_LIBS)
.PHONY: $(UNIT_TESTS:%=run-$(1)-%)
$(UNIT_TESTS:%=run-$(1)-%): run-$(1)-%: $(B)/$(1)/%
	@$(HOST_$(1)_RUN) $$< > $$<.log 2>&1 && echo "ok      $(1) $$*" || \
		{ cat $$<.log; echo "FAILED  $(1) $$*"; exit 1; }
endef
$(foreach e,host64 host32,$(eval $(call host,$(e))))

test-unit: setup-test $(foreach e,host64 host32,$(UNIT_TESTS:%=run-$(e)-%))

# What takes longer than a test should, and is no part of `make test'.
.PHONY: test-deep
test-deep: setup-test $(B)/host64/test_exhaust $(B)/host64/test_literal
	@$(B)/host64/test_exhaust all
	@$(B)/host64/test_literal 100000

# mapdiff is tested as a program: with the sanitizers, and as it is where speed is measured.
$(eval $(call environment,checked,$(HOST_host64_FLAGS) $(MAPDIFF_FLAGS)))
$(B)/mapdiff-checked: $(call objects,checked,$(CORE) $(MAPDIFF))
	$(call Q,LD)$(CC) $(HOST_host64_FLAGS) $(filter %.o,$^) -o $@ $(MAPDIFF_LDFLAGS) $(MAPDIFF_LIBS)
test-mapdiff: setup-test $(B)/mapdiff $(B)/mapdiff-checked
	@MAPDIFF=$(abspath $(B)/mapdiff-checked) MAPDIFF_FAST=$(abspath $(B)/mapdiff) \
		/usr/bin/python3 -m pytest -q -n $(QEMU_JOBS) tests/mapdiff

# Fuzzing, for as long as one likes; not part of `make test'. What a fuzzer has learned stays in
# build/fuzz/NAME, and an input that breaks something is written to build/fuzz/NAME-crash-...
FUZZ_SECONDS = 60
FUZZERS      := mapdiff changes setup
FUZZ_changes := -max_len=1536
FUZZ_setup   := -max_len=1024 -len_control=0
FUZZ_mapdiff := -max_len=8192 -dict=tests/fuzz/mapdiff.dict $(B)/fuzz/seeds
FUZZ_FLAGS   := -O2 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all $(MAPDIFF_FLAGS)
$(B)/fuzz/%: CC = clang
$(eval $(call environment,fuzz,$(FUZZ_FLAGS)))
$(B)/fuzz/fuzz_setup: $(call objects,fuzz,$(filter %/setup_case.c %/literal_bootmem.c %/literal_setup.c,$(UNIT_SUPPORT)))
$(FUZZERS:%=$(B)/fuzz/fuzz_%): $(B)/fuzz/fuzz_%: $(B)/fuzz/tests/fuzz/fuzz_%.o \
		$(call objects,fuzz,$(CORE) $(filter-out mapdiff/main.c,$(MAPDIFF))) | setup-fuzz
	$(call Q,LD)$(CC) -fsanitize=fuzzer,address,undefined $(filter %.o,$^) -o $@ $(MAPDIFF_LIBS)
.PHONY: fuzz $(FUZZERS:%=fuzz-%)
fuzz: $(FUZZERS:%=fuzz-%)
$(FUZZERS:%=fuzz-%): fuzz-%: $(B)/fuzz/fuzz_%
	@tests/fuzz/seeds $(B)/fuzz/seeds
	@mkdir -p $(B)/fuzz/$*
	ASAN_OPTIONS=malloc_context_size=4 $< -max_total_time=$(FUZZ_SECONDS) -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix=$(B)/fuzz/$*- $(B)/fuzz/$* $(FUZZ_$*)

# Each folder includes and calls only what stands on its own floor or below.
test-floors: all $(foreach t,amd64 ia32,$(B)/kernel-$(t)/example.elf $(B)/kernel-$(t)/allocate.elf)
	@tests/check-floors $(B)
	@tests/check-protocol

# Two builds from two places give the same bytes; both compilers build everything.
test-build: all $(B)/bootmem-usb.img
	@tests/check-build $(B)

QEMU_JOBS = 2
test-qemu: setup-test test-programs $(B)/bootmem-usb.img
	@/usr/bin/python3 -m pytest -q -n $(QEMU_JOBS) tests/qemu

LINTED_C := $(shell git ls-files '*.c' '*.h' 2>/dev/null)
lint: setup-test
	@tests/lint

format:
	clang-format -i $(LINTED_C)

test: setup-test
	@tests/run-all $(B)
