# bootmem: two EFI applications, two stub kernels, mapdiff, and everything that boots and tests them.
# `make help' lists what can be made. All that is built lands in build/, one folder an environment.

define HELP
make            build everything
make mapdiff    build mapdiff alone, for which a C compiler, jansson, libarchive and zlib are enough
make run        boot it in QEMU on OVMF, and show the boot; exit status 0 only for verdict PASS
                FIRMWARE=x64|ia32 KERNEL=amd64|ia32 MEMORY=512M MACHINE=q35|pc CPU=... DISPLAY=gtk
                CONF=file  another bootmem.conf       USB=1  from a USB stick
                FILES="my.elf=/my.elf ..."  what it names, to be put on the volume
                SMP=4  CPUs    TIMEOUT=60  seconds, then it has failed    QEMU_ARGS="..."  as they are
make debug      the same, waiting for gdb (port 1234) before the first instruction
make report     boot twice, and show what is different as text and, in build/report/, as a page
                REPORT_MEMORY="512M 600M"  how much memory the two boots have
                FIRMWARE=x64|ia32          the captures are left there too
make install    mapdiff and its manual page, below PREFIX (/usr/local), in DESTDIR
make usb        build/bootmem-usb.img, what is on a USB stick: there the answer stays on the screen
                CONF=file  with another bootmem.conf, as it is    FILES=...  as above
                The sums of the files that it names are added to it (kernel-sha256 =).
                SIGN_KEY=file.key SIGN_CERT=file.pem  signed for Secure Boot: starts these files only
make usb-write  the same, with the same variables, written to the stick that is DEVICE=/dev/sdX, which it asks about first
make install-esp ESP=/boot/efi
                on the EFI system partition that is mounted there, with a boot entry of its own that starts what
                was first before; to install again updates it    PIN=yes  with `pin = yes' in its configuration
                CONF=file  with that configuration, as it is     DRY_RUN=1  only say what would be done
                SIGN_KEY=file.key SIGN_CERT=file.pem  signed for Secure Boot, with this configuration only
make uninstall-esp ESP=/boot/efi
                take it away again    CAPTURES=delete  and its captures, which are kept else
make pictures   esp/pictures, the pictures of the stick's screens, taken in QEMU
make test       all tests; test-unit, test-floors, test-build, lint, test-mapdiff, test-budget,
                test-resume and test-qemu are its parts
make test-deep  what takes longer: every map of three descriptors, not one in 31; 100,000 random
                machines and calls against a literal Linux 2.6.24, not 4,000; all of the machines that
                people have, not those few that cover the most
make bench      what things cost, beside their limits and their peers; tables and plots are in build/bench
make budget     measure what tests/bench/budget has a number for, and write it there
make test-hibernate
                all pairs of boots of Debian's kernels, which are fetched: does a hibernated machine resume?
make fuzz       the fuzzers, FUZZ_SECONDS (60) each; fuzz-boot and so on are one
make mutate     would the tests notice a defect? 150 of them, one at a time; an hour on two cores
                SEED=1  which ones      MUTATE_ARGS="--group x86 --each 5"  see tests/mutate/mutate --help
make format     format the sources
make clean      remove build/
endef

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:

# Tools. CC=clang builds everything with clang.
CC      = gcc
LD      = ld
OBJCOPY = objcopy
B       = build

FIRMWARE = x64
KERNEL   =
FILES    =
MEMORY   = 512M
MACHINE  = q35
CPU      =
CONF     = esp/bootmem.conf
USB      =
SMP      =
TIMEOUT  =
QEMU_ARGS =
DEVICE   =
ESP      =
PIN      = no
DRY_RUN  =
CAPTURES =
SIGN_KEY  =
SIGN_CERT =

# One short line for each thing that is made; V=1 shows the commands.
V =
Q = $(if $(V),,@printf '  %-8s%s\n' $(1) $@;)

# What is compiled: by floor, see CONTRIBUTING.md.
CORE   := $(wildcard bootmem/*.c x86/*.c handoff/*.c handoff/load/*.c handoff/capture/*.c)
SCREEN := $(wildcard handoff/screen/*.c) handoff/screen/font_data.S
DEVICE := $(wildcard handoff/device/*.c)
EFI    := $(wildcard efi/*.c efi/screen/*.c handoff/launch/*.c) efi/sbat.S handoff/launch/pad.S $(SCREEN) $(DEVICE) \
          efi/gates_images.S efi/manifest_data.S
STUB   := $(wildcard handoff/stub/*.c) handoff/launch/freestanding.c $(SCREEN) $(DEVICE)
MAPDIFF := $(shell find mapdiff -name "*.c") mapdiff/report/page.S

# Flags; all objects are made anew when a makefile changes. -MMD writes the dependencies that are
# included at the end.
WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef
COMMON   := -std=c11 -O2 -g $(WARNINGS) -I. -I$(B) -MMD -MP -ffile-prefix-map=$(CURDIR)=.
# Nothing of a C library, no stack protector (it needs one), no SSE: at entry it may be off.
FREE     := -ffreestanding -fno-stack-protector -fno-asynchronous-unwind-tables \
            -fcf-protection=none -mgeneral-regs-only

# An EFI application is position-independent (gnu-efi relocates it), has 16-bit wide characters, and
# runs on the firmware's stack, on which interrupts arrive: no red zone. gcc needs the last flag
# for functions of the Microsoft ABI. In UEFI's structures 64-bit fields are aligned to 8 bytes on
# IA-32 too (UEFI 2.10 §2.3.1), which gcc has to be told.
EFI_FLAGS     := $(FREE) -Os -fpic -fshort-wchar -fvisibility=hidden -isystem /usr/include/efi
EFI_x64_FLAGS := -m64 -mno-red-zone -DGNU_EFI_USE_MS_ABI -isystem /usr/include/efi/x86_64 \
                 $(if $(findstring clang,$(CC)),,-maccumulate-outgoing-args)
EFI_ia32_FLAGS := -m32 -march=i686 -malign-double -isystem /usr/include/efi/ia32

# A kernel runs where it is linked; the variant that is a PIE, anywhere.
KERNEL_FLAGS       := $(FREE) -fno-pic
KERNEL_PIE_FLAGS   := $(FREE) -fpie -fvisibility=hidden
# What each kernel has in its memory is small.
GATES_FLAGS        := $(KERNEL_PIE_FLAGS) -Os -ffunction-sections -fdata-sections
KERNEL_amd64_FLAGS := -m64 -mno-red-zone -mcmodel=small
KERNEL_ia32_FLAGS  := -m32 -march=i686

.PHONY: all help run debug usb usb-write install-esp uninstall-esp pictures report install test test-unit test-floors test-build test-mapdiff \
	test-qemu lint format clean
all: efi kernels mapdiff

help:
	$(info $(HELP))
	@:

# The packages that a step needs, installed if that is possible; see there.
SETUPS := $(addprefix setup-,mapdiff build run sign test fuzz hibernate mutate bench)
.PHONY: $(SETUPS)
$(SETUPS): setup-%:
	@CC='$(CC)' bash tests/setup $*
# mapdiff can be built where nothing else can: its objects need what it needs, and no more.
SETUP_host    := mapdiff
SETUP_checked := mapdiff

MAKEFILES_HERE := Makefile tests/tests.mk

# $(call objects,environment,sources)
objects = $(patsubst %,$(B)/$(1)/%.o,$(basename $(2)))

# $(call environment,name,flags): the objects of one environment.
define environment
$(B)/$(1)/%.o: %.c $(MAKEFILES_HERE) | setup-$(or $(SETUP_$(1)),build)
	@mkdir -p $$(@D)
	$$(call Q,CC)$$(CC) $(COMMON) $(2) -c $$< -o $$@
$(B)/$(1)/%.o: %.S $(MAKEFILES_HERE) | setup-$(or $(SETUP_$(1)),build)
	@mkdir -p $$(@D)
	$$(call Q,AS)$$(CC) $(2) -g -I. -I$(B) -MMD -MP -ffile-prefix-map=$(CURDIR)=. -c $$< -o $$@
endef

$(eval $(call environment,x64,$(EFI_FLAGS) $(EFI_x64_FLAGS)))
$(eval $(call environment,ia32,$(EFI_FLAGS) $(EFI_ia32_FLAGS)))
$(eval $(call environment,kernel-amd64,$(KERNEL_FLAGS) $(KERNEL_amd64_FLAGS)))
$(eval $(call environment,kernel-ia32,$(KERNEL_FLAGS) $(KERNEL_ia32_FLAGS)))
$(eval $(call environment,kernel-amd64-pie,$(KERNEL_PIE_FLAGS) $(KERNEL_amd64_FLAGS)))
$(eval $(call environment,kernel-ia32-pie,$(KERNEL_PIE_FLAGS) $(KERNEL_ia32_FLAGS)))
$(eval $(call environment,gates-amd64,$(GATES_FLAGS) $(KERNEL_amd64_FLAGS)))
$(eval $(call environment,gates-ia32,$(GATES_FLAGS) $(KERNEL_ia32_FLAGS)))

# EFI applications. Unlike gnu-efi's own rules, -z defs: one with an undefined symbol links, and
# dies on the user's machine.
EFI_x64_LD   := -m elf_x86_64 /usr/lib/crt0-efi-x86_64.o
EFI_ia32_LD  := -m elf_i386 /usr/lib32/crt0-efi-ia32.o
EFI_x64_LIB  := /usr/lib/libgnuefi.a
EFI_ia32_LIB := /usr/lib32/libgnuefi.a
EFI_x64_BFD  := efi-app-x86_64
EFI_ia32_BFD := efi-app-ia32
EFI_SECTIONS := $(addprefix -j ,.text .rodata .sbat .data .dynamic .rel .rela .reloc)

# $(call efi_app,width,name,objects): a rule for build/WIDTH/NAME.efi
define efi_app
$(B)/$(1)/$(2).so: $(3) efi/efi.ld | setup-build
	$$(call Q,LD)$$(LD) -nostdlib -shared -Bsymbolic -z defs -z text -z nocombreloc -z noexecstack \
		--build-id=none -T efi/efi.ld $(EFI_$(1)_LD) $$(filter %.o,$$^) -o $$@ \
		$(EFI_$(1)_LIB)
$(B)/$(1)/$(2).efi: $(B)/$(1)/$(2).so efi/nx-compat
	$$(call Q,OBJCOPY)$$(OBJCOPY) -S $(EFI_SECTIONS) --target $(EFI_$(1)_BFD) $$< $$@ && efi/nx-compat $$@
endef

# The application that hands over what is wrong: another leave.c, and what it calls.
sabotage_objects = $(call objects,$(1),$(CORE) $(filter-out efi/leave.c,$(EFI)) tests/efi/lines.c) \
                   $(call objects,$(1)/fail,efi/leave.c tests/efi/sabotage.c)
define sabotage
$(call environment,$(1)/fail,$(EFI_FLAGS) $(EFI_$(1)_FLAGS) -DBOOTMEM_SABOTAGE)
$(call efi_app,$(1),bootmem-fail,$(call sabotage_objects,$(1)))
endef

# An odd machine, and firmware that fails, for the application to start on.
PLANT := $(addprefix tests/efi/,plant.c events.c file_path.c lines.c $(notdir $(wildcard tests/efi/hook*.c)))

WIDTHS := x64 ia32
$(foreach w,$(WIDTHS),$(eval $(call efi_app,$(w),bootmem,$(call objects,$(w),$(CORE) $(EFI)))))
$(foreach w,$(WIDTHS),$(eval $(call efi_app,$(w),plant,\
	$(call objects,$(w),$(PLANT) handoff/capture/text.c handoff/launch/freestanding.c))))
# What it starts with `chain ='.
$(foreach w,$(WIDTHS),$(eval $(call efi_app,$(w),chained,\
	$(call objects,$(w),tests/efi/chained.c tests/efi/lines.c handoff/capture/text.c handoff/launch/freestanding.c \
	efi/sbat.S))))
$(eval $(call efi_app,ia32,mixed,$(call objects,ia32,$(addprefix tests/efi/,mixed.c file_path.c lines.c) \
	handoff/capture/text.c handoff/launch/freestanding.c)))
$(foreach w,$(WIDTHS),$(eval $(call sabotage,$(w))))

# A path with blanks, as make takes it for one file.
BLANK := $(subst ,, )
one_file = $(subst $(BLANK),\$(BLANK),$(1))

# The application that will be signed: it has the list of the files on the stick in it, or of those on an ESP.
# $(call listed,width,name,folder)
APPLICATION_WITHOUT_LIST := $(CORE) $(filter-out efi/manifest_data.S,$(EFI))
define listed
$(call environment,$(1)/$(2),$(EFI_$(1)_FLAGS) -DMANIFEST='"$(B)/$(3)/manifest"')
$(B)/$(1)/$(2)/efi/manifest_data.o: $(B)/$(3)/manifest
$(call efi_app,$(1),bootmem-$(2),$(call objects,$(1),$(APPLICATION_WITHOUT_LIST)) \
	$(call objects,$(1)/$(2),efi/manifest_data.S))
$(B)/$(3)/$(1)/bootmem.efi: $(B)/$(1)/bootmem-$(2).efi $(call one_file,$(SIGN_KEY)) $(call one_file,$(SIGN_CERT)) | setup-sign
	@mkdir -p $$(@D)
	$$(call Q,SIGN)sbsign --key '$(SIGN_KEY)' --cert '$(SIGN_CERT)' --output $$@ $$< >$$@.log 2>&1 || \
		{ cat $$@.log; exit 1; }
endef
$(foreach w,$(WIDTHS),$(eval $(call listed,$(w),listed,signed)))
$(foreach w,$(WIDTHS),$(eval $(call listed,$(w),listed-esp,signed-esp)))

.PHONY: efi kernels test-programs
efi: $(WIDTHS:%=$(B)/%/bootmem.efi)
kernels: $(foreach t,amd64 ia32,$(foreach k,stub example allocate,$(B)/kernel-$(t)/$(k).elf))

# The font of all screens: a PSF1 file of 512 glyphs, of which the first 256 are taken, with ASCII among
# them; the table behind them says which characters they are for, glyph by glyph.
$(foreach e,x64 ia32 kernel-amd64 kernel-amd64-pie kernel-ia32 kernel-ia32-pie gates-amd64 gates-ia32 host64 host32 fuzz,\
	$(B)/$(e)/handoff/screen/font_data.o): $(B)/spleen.psf
$(B)/spleen.psf: /usr/share/consolefonts/spleen-8x16.psfu.gz $(MAKEFILES_HERE)
	@mkdir -p $(@D)
	$(call Q,GUNZIP)gzip -dc $< > $@.all && { printf '\066\004\002\020'; \
		head -c 4100 $@.all | tail -c 4096; tail -c +8197 $@.all; } > $@
/usr/share/consolefonts/spleen-8x16.psfu.gz: | setup-build
	@test -e $@

# The program of the gates that a kernel is entered with, which both applications bring along.
GATES := $(wildcard handoff/gates/*.c) handoff/capture/text.c handoff/launch/freestanding.c $(SCREEN) $(DEVICE)

# $(call gates,target)
define gates
$(B)/gates-$(1)/gates.elf: $(call objects,gates-$(1),$(GATES) handoff/gates/gates_$(1).S) handoff/gates/gates.ld
	$$(call Q,LD)$$(LD) $(KERNEL_$(1)_LD) -pie --no-dynamic-linker -nostdlib -z noexecstack -z defs \
		-z max-page-size=4096 --gc-sections --build-id=none -T handoff/gates/gates.ld \
		$$(filter %.o,$$^) -o $$@
# As the applications bring it along.
$(B)/gates-$(1)/gates-$(1).elf: $(B)/gates-$(1)/gates.elf
	$$(call Q,OBJCOPY)$$(OBJCOPY) -S $$< $$@
endef
KERNEL_amd64_LD := -m elf_x86_64
KERNEL_ia32_LD  := -m elf_i386
$(foreach t,amd64 ia32,$(eval $(call gates,$(t))))

$(foreach e,x64 ia32 host64 host32 fuzz,$(B)/$(e)/efi/gates_images.o): $(foreach t,amd64 ia32,$(B)/gates-$(t)/gates-$(t).elf)

# Stub kernels: at 1 MiB, where the firmware stands (so that it must be moved), and anywhere.
# Boot services memory of both OVMFs in a machine of 192 MiB, which is what tests/qemu boots.
MOVED_PADDR     := 0xa400000
KERNEL_LDFLAGS  := -nostdlib -z noexecstack -z max-page-size=4096 -z defs --build-id=none \
                   -T handoff/stub/kernel.ld

# $(call kernel,target)
define kernel
$(B)/kernel-$(1)/stub.elf $(B)/kernel-$(1)/stub-moved.elf: \
		$(call objects,kernel-$(1),$(CORE) $(STUB) handoff/stub/start_$(1).S) handoff/stub/kernel.ld
	$$(call Q,LD)$$(LD) $(KERNEL_$(1)_LD) -static $(KERNEL_LDFLAGS) $$(KERNEL_AT) $$(filter %.o,$$^) -o $$@
$(B)/kernel-$(1)/stub-moved.elf: KERNEL_AT = --defsym=KERNEL_PADDR=$(MOVED_PADDR)
$(B)/kernel-$(1)/stub-pie.elf: \
		$(call objects,kernel-$(1)-pie,$(CORE) $(STUB) handoff/stub/start_$(1).S) handoff/stub/kernel.ld
	$$(call Q,LD)$$(LD) $(KERNEL_$(1)_LD) -pie --no-dynamic-linker --defsym=KERNEL_PADDR=0 $(KERNEL_LDFLAGS) \
		$$(filter %.o,$$^) -o $$@
endef
$(foreach t,amd64 ia32,$(eval $(call kernel,$(t))))

# mapdiff, for the host.
MAPDIFF_FLAGS := -D_GNU_SOURCE
MAPDIFF_LIBS  := -ljansson -larchive -lz
$(eval $(call environment,host,$(MAPDIFF_FLAGS)))
$(B)/mapdiff: $(call objects,host,$(CORE) $(MAPDIFF))
	$(call Q,LD)$(CC) $(filter %.o,$^) -o $@ $(MAPDIFF_LDFLAGS) $(MAPDIFF_LIBS)
$(foreach e,host checked,$(B)/$(e)/mapdiff/report/page.o): $(wildcard mapdiff/report/page/*)
.PHONY: mapdiff
mapdiff: $(B)/mapdiff

PREFIX  = /usr/local
DESTDIR =
install: $(B)/mapdiff
	install -D -m 755 $< '$(DESTDIR)$(PREFIX)/bin/mapdiff'
	install -D -m 644 mapdiff/mapdiff.1 '$(DESTDIR)$(PREFIX)/share/man/man1/mapdiff.1'
	install -D -m 644 mapdiff/report.schema.json '$(DESTDIR)$(PREFIX)/share/mapdiff/report.schema.json'

test-programs: all $(B)/esp.conf $(foreach w,$(WIDTHS),$(B)/$(w)/plant.efi $(B)/$(w)/chained.efi $(B)/$(w)/bootmem-fail.efi) \
	$(B)/ia32/mixed.efi \
	$(foreach t,amd64 ia32,$(foreach k,stub-moved stub-pie example allocate faulty faulty-pie spoilt,$(B)/kernel-$(t)/$(k).elf))

# What is on the volume: local file = path on it. A stick has two: one for the firmware, and one for its
# owner, where an editor may be Windows' own.
PROGRAMS := $(B)/x64/bootmem.efi=/EFI/BOOT/BOOTX64.EFI $(B)/ia32/bootmem.efi=/EFI/BOOT/BOOTIA32.EFI \
            $(B)/kernel-ia32/stub.elf=/bootmem/kernel-ia32.elf \
            $(B)/kernel-amd64/stub.elf=/bootmem/kernel-amd64.elf
DATA     := $(B)/README.TXT=/README.TXT =/bootmem/captures/ $(FILES)
WITH_CR  = @mkdir -p $(@D); sed 's/\r*$$/\r/' $< > $@
$(B)/README.TXT: esp/README.TXT
	$(WITH_CR)
# What goes on a stick: with a key, the application that was signed. Where two files have one path, that
# of the first partition counts.
SIGNED       := $(SIGN_KEY)$(SIGN_CERT)
ifneq ($(SIGNED),)
$(if $(and $(SIGN_KEY),$(SIGN_CERT)),,$(error SIGN_KEY and SIGN_CERT go together: the key, and its certificate))
endif
STICK        := $(if $(SIGNED),$(foreach w,$(WIDTHS),$(patsubst $(B)/$(w)/%,$(B)/signed/$(w)/%,\
	$(filter $(B)/$(w)/%,$(PROGRAMS)))) $(filter-out $(WIDTHS:%=$(B)/%/%),$(PROGRAMS)),$(PROGRAMS))
NAMED_FILES  := $(filter-out =%,$(DATA) $(PROGRAMS))
$(B)/manifest: $(call objects,host,$(CORE) efi/config.c efi/manifest.c esp/manifest.c)
	$(call Q,LD)$(CC) $(filter %.o,$^) -o $@
# The stick is for a person, who wants to read the answer. A configuration of one's own is as it is, but
# for the sums.
$(B)/usb.conf: $(CONF) $(B)/manifest kernels FORCE
	@mkdir -p $(@D)
	@sed -e 's/\r*$$//' -e '$$a\' $< > $@
	@$(if $(filter esp/bootmem.conf,$(CONF)),sed -i 's/^timeout = 0/timeout = never/' $@)
	@$(B)/manifest --sums $@ $(NAMED_FILES) > $@.sums && cat $@.sums >> $@ && sed -i 's/$$/\r/' $@
	@[ "$$(wc -c < $@)" -le 65536 ] || { echo '$(CONF): larger than 64 KiB, with the sums and CR LF' >&2; exit 1; }
$(B)/signed/manifest: $(B)/usb.conf
	@mkdir -p $(@D)
	@$(B)/manifest --list $< $(NAMED_FILES) 2>/dev/null > $@

# DISPLAY is in the environment of every X session: only make's own counts.
SHOW := $(if $(filter command,$(firstword $(origin DISPLAY))),$(DISPLAY),none)

# The configuration of a run is the given one; KERNEL, if given, says which target. The stub kernel
# writes all memory: more than the host may have, so above 12G it is told to write some of it, unless
# the configuration has a command line. An error waits for a key where there is a display to see it on.
LARGE := $(filter-out $(addsuffix G,1 2 3 4 5 6 7 8 9 10 11 12),$(filter %G %T,$(MEMORY)))
$(B)/run.conf: $(CONF) FORCE
	@mkdir -p $(@D)
	@sed '$$a\' $(CONF) > $@.new
	@$(if $(KERNEL),sed -i '/^[[:blank:]]*target[[:blank:]]*=/d' $@.new; echo 'target = $(KERNEL)' >> $@.new)
	@$(if $(LARGE),grep -q '^[[:blank:]]*cmdline[[:blank:]]*=[[:blank:]]*[^[:blank:]]' $@.new || { \
		sed -i '/^[[:blank:]]*cmdline[[:blank:]]*=/d' $@.new; echo 'cmdline = stub.memory=4G' >> $@.new; })
	@$(if $(filter none,$(SHOW)),$(if $(filter esp/bootmem.conf,$(CONF)),sed -i '/^on-error =/d' $@.new;) \
		grep -q '^[[:blank:]]*on-error[[:blank:]]*=' $@.new || echo 'on-error = continue' >> $@.new)
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@
.PHONY: FORCE
FORCE:

IMAGE := tests/qemu/image
$(B)/bootmem.img: all $(B)/run.conf $(IMAGE) | setup-run
	@$(IMAGE) $@ $(PROGRAMS) $(FILES) $(B)/run.conf=/bootmem.conf
$(B)/run-usb.img: all $(B)/run.conf $(B)/README.TXT $(IMAGE) | setup-run
	@$(IMAGE) $@ $(PROGRAMS) --data $(DATA) $(B)/run.conf=/bootmem.conf
USB_IMAGE = $(B)/bootmem-usb.img
$(USB_IMAGE): all $(B)/usb.conf $(B)/README.TXT $(IMAGE) $(if $(SIGNED),$(WIDTHS:%=$(B)/signed/%/bootmem.efi)) | setup-run
	@$(IMAGE) $@ $(STICK) --data $(DATA) $(B)/usb.conf=/bootmem.conf

usb: $(USB_IMAGE)
	@echo 'bootmem: $< is made$(if $(SIGNED), and signed); make usb-write $(if $(SIGNED),SIGN_KEY=... SIGN_CERT=... )DEVICE=/dev/sdX writes it to a stick'
usb-write: $(USB_IMAGE)
	@esp/usb-write $< $(DEVICE)
# A machine's own loader stays in charge: it is started next.
$(B)/esp.conf: $(CONF) FORCE
	@mkdir -p $(@D)
	@sed $(if $(filter esp/bootmem.conf,$(CONF)),-e 's/^chain =$$/chain = next/' -e 's/^pin = no$$/pin = $(PIN)/') \
		-e '$$a\' $< > $@
$(B)/signed-esp/manifest: $(B)/esp.conf $(B)/manifest
	@mkdir -p $(@D)
	@$(B)/manifest --list $< 2>/dev/null > $@
INSTALL_ESP := esp/install-esp --build '$(B)$(if $(SIGNED),/signed-esp)' --conf '$(B)/esp.conf'
install-esp: $(B)/esp.conf $(WIDTHS:%=$(B)/$(if $(SIGNED),signed-esp/)%/bootmem.efi)
	@$(INSTALL_ESP) $(if $(filter yes no,$(PIN)),,$(error PIN=$(PIN): say yes or no)) $(if $(DRY_RUN),--dry-run) $(ESP)
uninstall-esp:
	@$(INSTALL_ESP) --remove $(if $(filter delete,$(CAPTURES)),--captures) $(if $(DRY_RUN),--dry-run) $(ESP)
# README's pictures of its screens, and of mapdiff's page.
pictures: $(B)/bootmem-usb.img $(B)/mapdiff | setup-test
	@tests/qemu/pictures $< esp/pictures
	@tests/mapdiff/picture $(B)/mapdiff mapdiff/report.png

DISK = $(B)/$(if $(USB),run-usb.img,bootmem.img)
RUN = tests/qemu/run --firmware $(FIRMWARE) --memory $(MEMORY) --machine $(MACHINE) \
      --display $(SHOW) $(if $(CPU),--cpu $(CPU)) $(if $(USB),--usb) --image $(DISK) \
      $(if $(SMP),--smp $(SMP)) $(if $(TIMEOUT),--timeout $(TIMEOUT))
run: $(DISK)
	@$(RUN) $(if $(QEMU_ARGS),-- $(QEMU_ARGS))
debug: $(DISK)
	@symbols=$$(tests/qemu/symbols $(B)/run.conf '$(CPU)' $(PROGRAMS) $(FILES)) && \
		$(RUN) --gdb --symbols "-x tests/qemu/debug.gdb $$symbols" $(if $(QEMU_ARGS),-- $(QEMU_ARGS))

# The demonstration of the map diff report.
REPORT_MEMORY = 512M 600M
report: $(B)/bootmem.img $(B)/mapdiff
	@tests/qemu/report --mapdiff $(B)/mapdiff --image $< --out $(B)/report --firmware $(FIRMWARE) $(REPORT_MEMORY)

clean:
	rm -rf $(B)

include handoff/example/example.mk
include tests/tests.mk
-include $(shell find $(B) -name '*.d' 2>/dev/null)
