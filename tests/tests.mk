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
EFI_TESTS    := $(filter test_answer test_arguments test_boot test_capture_file test_chain test_config test_console test_device_path test_dialogue test_fat test_gates test_launch \
                  test_manifest test_medium test_memmap test_memory test_pages test_recall test_ribbon test_texts test_thin test_trust test_volume,$(UNIT_TESTS))
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
# They read whole screens, thousands of times.
READERS          := tests/unit/glyphs.c tests/unit/read_canvas.c
HOST_READER_FLAGS := -O2 -fno-sanitize=all
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
	tests/unit/fake_launch% $(addprefix tests/fuzz/,machine.c fuzz_boot.c fuzz_capture.c) $(EFI_TESTS:%=tests/unit/%.c),$$<),\
	$(HOST_EFI_FLAGS) $(HOST_$(1)_EFI)) $$(if $$(filter $(READERS),$$<),$(HOST_READER_FLAGS)))
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
test-deep: setup-test test-programs $(B)/host64/test_exhaust $(B)/host64/test_literal
	@$(B)/host64/test_exhaust all
	@$(B)/host64/test_literal 100000
	@/usr/bin/python3 -m pytest -q -n $(QEMU_JOBS) -m deep tests/qemu

# mapdiff is tested as a program: with the sanitizers, and as it is where speed is measured.
$(eval $(call environment,checked,$(HOST_host64_FLAGS) $(MAPDIFF_FLAGS)))
$(B)/mapdiff-checked: $(call objects,checked,$(CORE) $(MAPDIFF))
	$(call Q,LD)$(CC) $(HOST_host64_FLAGS) $(filter %.o,$^) -o $@ $(MAPDIFF_LDFLAGS) $(MAPDIFF_LIBS)
test-mapdiff: setup-test $(B)/mapdiff $(B)/mapdiff-checked
	@MAPDIFF=$(abspath $(B)/mapdiff-checked) MAPDIFF_FAST=$(abspath $(B)/mapdiff) \
		/usr/bin/python3 -m pytest -q -n $(QEMU_JOBS) tests/mapdiff

# Fuzzers: what each of them tries, beside CORE. By clang's libFuzzer for as long as one likes, which is
# no part of `make test'. What a fuzzer has learned stays in build/fuzz/NAME, and an input that breaks
# something is written to build/fuzz/NAME-crash-... By gcc and the tests' flags, `make test' replays seeds
# and random bytes, so many and so long.
FUZZ_SECONDS   = 60
FUZZERS        := boot mapdiff changes setup elf tables map config block capture
FUZZED_boot    := tests/fuzz/machine.c tests/unit/fake_kernel.c $(EFI_SUPPORT) $(EFI_TESTED) $(SCREEN)
FUZZED_capture := $(EFI_SUPPORT) $(EFI_TESTED) $(SCREEN)
FUZZED_mapdiff := $(filter-out mapdiff/main.c,$(MAPDIFF))
FUZZED_setup   := $(addprefix tests/unit/,setup_case.c literal_bootmem.c literal_setup.c)
FUZZED_map     := $(FUZZED_setup)
FUZZED_config  := efi/config.c
FUZZED_tables  := tests/unit/fake_phys.c
FUZZ_boot      := -max_len=1024 -len_control=0
FUZZ_changes   := -max_len=1536
FUZZ_setup     := -max_len=1024 -len_control=0
FUZZ_elf       := -max_len=1024 -len_control=0
FUZZ_tables    := -max_len=2048 -len_control=0
FUZZ_map       := -max_len=1024 -len_control=0
FUZZ_config    := -max_len=2048 -dict=tests/fuzz/config.dict
FUZZ_block     := -max_len=512 -len_control=0
FUZZ_capture   := -max_len=6144
FUZZ_mapdiff   := -max_len=8192 -dict=tests/fuzz/mapdiff.dict
REPLAY_boot_host64    := 800 400
REPLAY_boot_host32    := 100 400
REPLAY_changes_host64 := 2000 600
REPLAY_changes_host32 := 100 600
REPLAY_setup_host64   := 300 600
REPLAY_setup_host32   := 20 600
REPLAY_elf_host64     := 20000 500
REPLAY_elf_host32     := 1000 500
REPLAY_tables_host64  := 2000 900
REPLAY_tables_host32  := 100 900
REPLAY_map_host64     := 1000 700
REPLAY_map_host32     := 50 700
REPLAY_config_host64  := 4000 300
REPLAY_config_host32  := 200 300
REPLAY_block_host64   := 10000 200
REPLAY_block_host32   := 500 200
REPLAY_capture_host64 := 60 300
REPLAY_capture_host32 := 5 300
# Those of efi/ run on the made-up firmware.
FUZZ_LDFLAGS_boot    := $(HOST_EFI_LDFLAGS)
FUZZ_LDFLAGS_capture := $(HOST_EFI_LDFLAGS)
FUZZ_LDFLAGS_mapdiff := $(MAPDIFF_LIBS)
FUZZ_EFI := efi/% tests/unit/fake_firmware% tests/unit/fake_launch% $(addprefix tests/fuzz/,machine.c fuzz_boot.c fuzz_capture.c)

# What is not to be explored is only checked: the firmware's own loops over all pages.
FUZZ_FLAGS := -O2 -fsanitize=address,undefined -fno-sanitize-recover=all
$(B)/fuzz/%: CC = clang
$(eval $(call environment,fuzz,$(FUZZ_FLAGS) $$(if $$(filter tests/unit/%,$$<),,-fsanitize=fuzzer-no-link) \
	$$(if $$(filter mapdiff/% tests/fuzz/fuzz_mapdiff.c,$$<),$(MAPDIFF_FLAGS)) \
	$$(if $$(filter $(FUZZ_EFI),$$<),$(HOST_EFI_FLAGS) $(HOST_host64_EFI))))
$(foreach f,$(FUZZERS),$(eval $(B)/fuzz/fuzz_$(f): $(call objects,fuzz,$(CORE) $(FUZZED_$(f)))))
$(FUZZERS:%=$(B)/fuzz/fuzz_%): $(B)/fuzz/fuzz_%: $(B)/fuzz/tests/fuzz/fuzz_%.o $(B)/fuzz/tests/fuzz/fuzz.o | setup-fuzz
	$(call Q,LD)$(CC) -fsanitize=fuzzer,address,undefined $(filter %.o,$^) -o $@ $(FUZZ_LDFLAGS_$*)
.PHONY: fuzz $(FUZZERS:%=fuzz-%)
fuzz: $(FUZZERS:%=fuzz-%)
$(FUZZERS:%=fuzz-%): fuzz-%: $(B)/fuzz/fuzz_%
	@tests/fuzz/seeds $* $(B)/fuzz/seeds/$*
	@mkdir -p $(B)/fuzz/$*
	ASAN_OPTIONS=malloc_context_size=4 $< -max_total_time=$(FUZZ_SECONDS) -timeout=0 -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix=$(B)/fuzz/$*- $(FUZZ_$*) $(B)/fuzz/$* $(B)/fuzz/seeds/$*

REPLAYED := $(filter-out mapdiff,$(FUZZERS))
define replay
$(foreach f,$(REPLAYED),$(eval $(B)/$(1)/fuzz_$(f): $(call objects,$(1),$(CORE) $(FUZZED_$(f)))))
$(REPLAYED:%=$(B)/$(1)/fuzz_%): $(B)/$(1)/fuzz_%: \
		$(B)/$(1)/tests/fuzz/fuzz_%.o $(call objects,$(1),tests/fuzz/fuzz.c tests/fuzz/replay.c)
	$$(call Q,LD)$$(CC) $(HOST_$(1)_FLAGS) $$(filter %.o,$$^) -o $$@ $$(FUZZ_LDFLAGS_$$*)
.PHONY: $(REPLAYED:%=run-$(1)-fuzz_%)
$(REPLAYED:%=run-$(1)-fuzz_%): run-$(1)-fuzz_%: $(B)/$(1)/fuzz_%
	@tests/fuzz/seeds $$* $(B)/$(1)/seeds/$$*
	@$(HOST_$(1)_RUN) $$< $$(REPLAY_$$*_$(1)) $(B)/$(1)/seeds/$$*/* > $$<.log 2>&1 && echo "ok      $(1) fuzz_$$*" || \
		{ tail -n 200 $$<.log; echo "FAILED  $(1) fuzz_$$*"; exit 1; }
endef
$(foreach e,host64 host32,$(eval $(call replay,$(e))))
test-unit: $(REPLAYED:%=run-host64-fuzz_%) $(REPLAYED:%=run-host32-fuzz_%)

# Defects, one at a time, and which test notices each. What is not changed is built once, here.
SEED        = 1
MUTATE_ARGS =
.PHONY: mutate
mutate: setup-mutate test-programs $(B)/mapdiff-checked $(B)/bootmem-usb.img \
		$(foreach e,host64 host32,$(UNIT_TESTS:%=$(B)/$(e)/%))
	@/usr/bin/python3 -m pytest -q -p no:cacheprovider tests/mutate
	@tests/mutate/mutate --seed '$(SEED)' $(MUTATE_ARGS)

# What things cost: the core under callgrind, boots under a plugin of QEMU's. tests/bench/BENCHMARKS.md
# says how. No sanitizers, and the string functions of the loader.
$(eval $(call environment,bench,))
$(B)/bench/core: $(call objects,bench,$(CORE) handoff/launch/freestanding.c tests/bench/core.c)
	$(call Q,LD)$(CC) $(filter %.o,$^) -o $@
$(B)/bench/tests/bench/core.o: | setup-test
.PHONY: test-budget budget bench
test-budget: setup-test test-programs $(B)/bench/core
	@tests/bench/check-budget
budget: setup-test test-programs $(B)/bench/core
	@tests/bench/check-budget --rewrite
bench: setup-bench test-programs $(B)/bench/core
	@tests/bench/bench $(B)/bench

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

# With Debian's packaged kernels, which are fetched: does it resume? Some rows are a part of `make test'.
.PHONY: test-resume test-hibernate
test-resume: setup-hibernate test-programs $(B)/mapdiff
	@/usr/bin/python3 -m pytest -q -m 'not deep' tests/hibernate
test-hibernate: setup-hibernate test-programs $(B)/mapdiff
	@/usr/bin/python3 -m pytest -q tests/hibernate

LINTED_C := $(shell git ls-files '*.c' '*.h' 2>/dev/null)
lint: setup-test
	@tests/lint $(B)

format:
	clang-format -i $(LINTED_C)

test: setup-test
	@tests/run-all $(B)
