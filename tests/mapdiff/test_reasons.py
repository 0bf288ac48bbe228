"""Would Linux resume: the reasons, all of them, in their order and in their words. Each rule alone."""

import boots
import pytest
from test_evidence import BRIDGE, FOUR_GIB, NIC, NVME, boot, low, top

SAME_MAP, SAME_PAGES = ("yes", "Both boots have the same e820 checksum."), ("yes",
                                                                     "The kernel manages 1047500 pages both times.")
ANOTHER_KERNEL = "Another kernel, %s, reads the image of %s. On x86 this is allowed; it is %s that goes on then."
BITS = "A kernel of %s bits hibernated, one of %s bits would have to read the image."
PAE = ("Linux %s reads the image of %s: only one of them has PAE, so their page tables have different formats. Linux does not "
       "compare that, and would crash.")
FORMAT = "Linux %s cannot read the image of %s: Linux %s changed its format (%s).%s"
MD5, CRC32, ZEROS = ("an MD5 sum of the e820 map in the image's header",
                     "a CRC-32 instead of an MD5 sum in the image's header",
                     "pages of zeros left out of the image")
FOR_THE_ONE = "Linux does not compare it, but what it set up for the one fails on the other."
LACKS = "The CPU lacks %s, which it had. Linux does not compare it, but the hibernated kernel would go on using it."
OTHER_CPU = ("The CPU is another one: %s, then %s. Linux does not compare it; a feature that is missing now would crash it.")
WORD_A, WORD_B = "%s in the command line of boot A: it cannot hibernate.", "%s in the command line of boot B: it does not look for an image."
LOCKED = "The kernel of boot %s is locked down%s: it neither hibernates nor resumes."
AS_SECURE = ", as Secure Boot is enabled"
SECURE = ("Secure Boot is enabled in boot %s: kernels that lock themselves down then, as most distributions' do, neither hibernate nor "
          "resume.")
MACHINES = "These may be two machines: %s, and %s."
TABLE = "%s within the same ranges (%s). Linux does not compare them; the hibernated kernel would go on with what it read%s."
DSDT_SAYS = ', and say "The DSDT has been corrupted or replaced"'
DEVICE, MISSED = "%s. Linux does not compare them%s.", "; a driver may miss its device"
TELLS = "The log of boot B itself says: "
LIMIT = 'With mem= the kernel would manage %s KiB of RAM, then %s KiB: Linux would say "Image mismatch: memory size".'
MEMMAP = 'memmap= differs: unless as much RAM is left as before, Linux would say "Image mismatch: memory size".'
OTHER_PAGES = 'The kernel manages %s pages, then %s: Linux would say "Image mismatch: memory size".%s'
NOT_THE_SAME = "The kernel manages %s pages both times, but not the same ones. %s differs. The image may hold pages that are not there."

INTEL = "Intel(R) Core(TM) i5 (family: 0x6, model: 0x8e, stepping: 0xa)"


def cpu(vendor):
    return {"cpu": f"{vendor} X (family: 0x6, model: 0x1, stepping: 0x1)"}


def kernels(before, after):
    return {"kernel": before}, {"kernel": after}


def acpi(name, place, size=256):
    return f"ACPI: {name} 0x{0x7F900000 + place:016X} {size:06X} (v01 OEM    TABLE    00000001 INTL 00000001)"


def xsave(*features):
    return {"more": [f"x86/fpu: Supporting XSAVE feature 0x001: '{feature}'" for feature in features]}


def lines(*words):
    """A log's command line, where nothing says how many pages there are."""
    return {"line": " ".join(("quiet", *words)), "kib": 0}


REASONS = (
    # the rule, both boots; the verdicts and reasons beside those that map and pages are the same
    ("nothing", ({}, {}), []),
    ("another kernel", kernels("6.1.0-1-amd64", "6.1.0-2-amd64"),
     [("unknown", ANOTHER_KERNEL % ("6.1.0-2-amd64", "6.1.0-1-amd64", "6.1.0-1-amd64"))]),
    ("64 bits, then 32", kernels("6.1.0-amd64", "6.1.0-686-pae"), [("no", BITS % (64, 32))]),
    ("32 bits, then 64", kernels("6.1.0-i386", "6.1.0-x86_64"), [("no", BITS % (32, 64))]),
    ("by another distribution's names", kernels("6.1.0-586", "6.1.0.x86_64"), [("no", BITS % (32, 64))]),
    ("bits that the first does not name", kernels("6.1.0-arch1", "6.1.0-686"),
     [("unknown", ANOTHER_KERNEL % ("6.1.0-686", "6.1.0-arch1", "6.1.0-arch1"))]),
    ("nor the second", kernels("6.1.0-686", "6.1.0-arch1"),
     [("unknown", ANOTHER_KERNEL % ("6.1.0-arch1", "6.1.0-686", "6.1.0-686"))]),
    ("PAE of the first", kernels("6.1.0-686-pae", "6.1.0-686"), [("no", PAE % ("6.1.0-686", "6.1.0-686-pae"))]),
    ("PAE of the second", kernels("6.1.0-686", "6.1.0-686-PAE"), [("no", PAE % ("6.1.0-686-PAE", "6.1.0-686"))]),
    ("PAE of both", kernels("6.1.0-1-686-pae", "6.1.0-2-686-pae"),
     [("unknown", ANOTHER_KERNEL % ("6.1.0-2-686-pae", "6.1.0-1-686-pae", "6.1.0-1-686-pae"))]),
    ("pae in the name of a kernel of 64 bits", kernels("6.1.0-amd64", "6.1.0-pae-amd64"),
     [("unknown", ANOTHER_KERNEL % ("6.1.0-pae-amd64", "6.1.0-amd64", "6.1.0-amd64"))]),
    ("pae where one does not name its bits", kernels("6.1.0-686", "6.1.0-pae"),
     [("unknown", ANOTHER_KERNEL % ("6.1.0-pae", "6.1.0-686", "6.1.0-686"))]),
    ("the format of 4.10, newer", kernels("4.9.0-amd64", "4.10.0-amd64"),
     [("no", FORMAT % ("4.10.0-amd64", "4.9.0-amd64", "4.10", MD5, ""))]),
    ("the format of 4.10, older", kernels("4.10.0-amd64", "4.9.0-amd64"),
     [("no", FORMAT % ("4.9.0-amd64", "4.10.0-amd64", "4.10", MD5, ""))]),
    ("the format of 5.13", kernels("5.12.19", "5.13.0"), [("no", FORMAT % ("5.13.0", "5.12.19", "5.13", CRC32, ""))]),
    ("the format of 6.6, older", kernels("6.6.0", "6.5.0"),
     [("no", FORMAT % ("6.5.0", "6.6.0", "6.6", ZEROS, ' It would fail with "Error -14".'))]),
    ("the format of 6.6, newer", kernels("6.5.0", "6.6.0"),
     [("unknown", ANOTHER_KERNEL % ("6.6.0", "6.5.0", "6.5.0"))]),
    ("several formats between: the first is named", kernels("6.6.0", "4.9.0"),
     [("no", FORMAT % ("4.9.0", "6.6.0", "4.10", MD5, ""))]),
    ("a version without a number", kernels("next-amd64", "4.9.0-amd64"),
     [("unknown", ANOTHER_KERNEL % ("4.9.0-amd64", "next-amd64", "next-amd64"))]),
    ("a version of another decade", kernels("10.2", "4.10.0"),
     [("no", FORMAT % ("4.10.0", "10.2", "5.13", CRC32, ""))]),

    ("another vendor's CPU", ({}, {"cpu": INTEL}), [("no", f"The CPU is AMD's, then Intel's. {FOR_THE_ONE}")]),
    ("another family", ({}, {"cpu": boots.CPU.replace("0x17", "0x19")}),
     [("no", f"The CPU is of family 0x17, then 0x19. {FOR_THE_ONE}")]),
    ("another stepping", ({}, {"cpu": boots.CPU.replace("0x1)", "0x2)")}),
     [("unknown", OTHER_CPU % (boots.CPU, boots.CPU.replace("0x1)", "0x2)")))]),
    ("another family of a CPU that no table knows", (cpu("Cyrix"),
                                                     {"cpu": "Cyrix X (family: 0x5, model: 0x1, stepping: 0x1)"}),
     [("no", f"The CPU is of family 0x6, then 0x5. {FOR_THE_ONE}")]),
    ("a feature that is missing", (xsave("x87", "SSE", "AVX"), xsave("x87", "SSE")), [("no", LACKS % "AVX")]),
    ("a feature that is new", (xsave("x87", "SSE"), xsave("x87", "SSE", "AVX")), []),
    ("the first that is missing, by name", (xsave("x87", "SSE", "AVX"), xsave("x87")), [("no", LACKS % "AVX")]),
    ("one that the other only begins like", (xsave("AVX", "x87"), xsave("AVX-512", "x87")), [("no", LACKS % "AVX")]),
    ("one that begins like the other", (xsave("AVX-512", "x87"), xsave("AVX", "x87")), [("no", LACKS % "AVX-512")]),
    ("the last is missing", (xsave("AVX", "x87"), xsave("AVX", "SSE")), [("no", LACKS % "x87")]),
    ("the only one, of words", (xsave("x87 floating point registers"), xsave("SSE registers")),
     [("no", LACKS % "x87")]),
    ("features of one boot", (xsave("x87"), {}), []),
    ("features of the other", ({}, xsave("x87")), []),

    ("nohibernate of the first", ({"line": "nohibernate"}, {"line": "quiet"}), [("no", WORD_A % "nohibernate")]),
    ("nohibernate of the second", ({"line": "quiet"}, {"line": "nohibernate"}), [("no", WORD_B % "nohibernate")]),
    ("hibernate=no of both", ({"line": "hibernate=no"}, {"line": "hibernate=no"}),
     [("no", WORD_A % "hibernate=no"), ("no", WORD_B % "hibernate=no")]),
    ("both words, in whatever order", ({"line": "hibernate=no nohibernate"}, {"line": "quiet"}),
     [("no", WORD_A % "nohibernate"), ("no", WORD_A % "hibernate=no")]),
    ("behind a word of one letter", ({"line": "3 nohibernate"}, {"line": "quiet"}), [("no", WORD_A % "nohibernate")]),
    ("noresume of the first", ({"line": "noresume"}, {"line": "quiet"}), []),
    ("noresume of the second", ({"line": "quiet"}, {"line": "noresume"}), [("no", WORD_B % "noresume")]),
    ("hibernate=noresume of the first", ({"line": "hibernate=noresume"}, {"line": "quiet"}), []),
    ("hibernate=noresume of the second", ({"line": "quiet"}, {"line": "hibernate=noresume"}),
     [("no", WORD_B % "hibernate=noresume")]),

    ("lockdown= of the first", ({"line": "lockdown=integrity"}, {"line": "quiet"}), [("no", LOCKED % ("A", ""))]),
    ("lockdown= of the second", ({"line": "quiet"}, {"line": "lockdown=integrity"}), [("no", LOCKED % ("B", ""))]),
    ("lockdown= of both is told once", ({"line": "lockdown=integrity"}, {"line": "lockdown=integrity"}),
     [("no", LOCKED % ("A", ""))]),
    ("a kernel that says it is locked down",
     ({}, {"more": ["Kernel is locked down from EFI Secure Boot; see man kernel_lockdown.7"]}),
     [("no", LOCKED % ("B", ""))]),
    ("as Secure Boot is enabled", ({}, {"more": ["Kernel is locked down from EFI Secure Boot; see man",
                                                 "secureboot: Secure boot enabled"]}),
     [("no", LOCKED % ("B", AS_SECURE))]),
    ("Secure Boot is disabled", ({}, {"more": ["Kernel is locked down from Kernel configuration; see man",
                                               "secureboot: Secure boot disabled"]}),
     [("no", LOCKED % ("B", ""))]),
    ("Secure Boot of the first", ({"more": ["secureboot: Secure boot enabled"]}, {}), [("unknown", SECURE % "A")]),
    ("Secure Boot of the second", ({}, {"more": ["secureboot: Secure boot enabled"]}), [("unknown", SECURE % "B")]),
    ("Secure Boot of neither", ({"more": ["secureboot: Secure boot disabled"]},
                                {"more": ["secureboot: Secure boot disabled"]}), []),

    ("two machines", ({}, {"dmi": "Other Desktop/Board, BIOS 1.07 01/02/2023"}),
     [("unknown", MACHINES % ("Example Laptop/Board", "Other Desktop/Board"))]),
    ("one machine in more words", ({}, {"dmi": "Example Laptop/Board 2, BIOS 1.07 01/02/2023"}), []),

    ("a table elsewhere", ({"more": [acpi("SSDT", 0)]}, {"more": [acpi("SSDT", 16)]}),
     [("unknown", TABLE % ("1 ACPI table differs", "SSDT moved by +16 bytes", ""))]),
    ("a table of another size", ({"more": [acpi("SSDT", 0)]}, {"more": [acpi("SSDT", 0, 257)]}),
     [("unknown", TABLE % ("1 ACPI table differs", "SSDT grew by 1 byte", ""))]),
    ("two of them: the first by name", ({"more": [acpi("SSDT", 0), acpi("APIC", 64)]},
                                        {"more": [acpi("SSDT", 16), acpi("APIC", 80)]}),
     [("unknown", TABLE % ("2 ACPI tables differ", "APIC moved by +16 bytes", ""))]),
    ("the DSDT before all", ({"more": [acpi("SSDT", 0), acpi("DSDT", 64), acpi("APIC", 0)]},
                             {"more": [acpi("SSDT", 16), acpi("DSDT", 80), acpi("APIC", 1)]}),
     [("unknown", TABLE % ("3 ACPI tables differ", "DSDT moved by +16 bytes", DSDT_SAYS))]),
    ("a DSDT that is new", ({"more": [acpi("SSDT", 0)]}, {"more": [acpi("SSDT", 0), acpi("DSDT", 0)]}),
     [("unknown", TABLE % ("1 ACPI table differs", "DSDT appeared", ""))]),
    ("a table that is gone", ({"more": [acpi("SSDT", 0), acpi("FACP", 0)]}, {"more": [acpi("SSDT", 0)]}),
     [("unknown", TABLE % ("1 ACPI table differs", "FACP vanished", ""))]),

    ("a new device", ({"more": [BRIDGE]}, {"more": [BRIDGE, NIC]}),
     [("unknown", DEVICE % ("1 PCI device differs", ""))]),
    ("a device that is gone", ({"more": [BRIDGE, NIC]}, {"more": [BRIDGE]}),
     [("unknown", DEVICE % ("1 PCI device differs", MISSED))]),
    ("two devices", ({"more": [BRIDGE, NIC]}, {"more": [BRIDGE, NVME]}),
     [("unknown", DEVICE % ("2 PCI devices differ", MISSED))]),

    ("all that there is to say, in its order",
     ({"kernel": "6.1.0-1-amd64", "more": [BRIDGE, acpi("SSDT", 0)]},
      {"kernel": "6.1.0-2-amd64", "cpu": boots.CPU.replace("0x1)", "0x2)"), "dmi": "Other Desktop/Board, BIOS 1.07 01/02/2023",
       "more": [BRIDGE, NIC, acpi("SSDT", 16), "secureboot: Secure boot enabled", "PM: Image mismatch: memory size"]}),
     [("unknown", ANOTHER_KERNEL % ("6.1.0-2-amd64", "6.1.0-1-amd64", "6.1.0-1-amd64")),
      ("unknown", OTHER_CPU % (boots.CPU, boots.CPU.replace("0x1)", "0x2)"))), ("unknown", SECURE % "B"),
      ("unknown", MACHINES % ("Example Laptop/Board", "Other Desktop/Board")),
      ("unknown", TABLE % ("1 ACPI table differs", "SSDT moved by +16 bytes", "")),
      ("unknown", DEVICE % ("1 PCI device differs", "")), ("unknown", TELLS + "Image mismatch: memory size")]),

    ("what the log says", ({}, {"more": ["PM: Image mismatch: memory size"]}),
     [("unknown", TELLS + "Image mismatch: memory size")]),
    ("the log of the first is not asked", ({"more": ["PM: Image mismatch: memory size"]}, {}), []),
    ("that it went well", ({}, {"more": ["PM: Image successfully loaded"]}),
     [("yes", TELLS + "Image successfully loaded")]),
    ("that it failed with an error", ({}, {"more": ["PM: Error -14 resuming"]}),
     [("no", TELLS + "Error -14 resuming")]),
    ("that it failed", ({}, {"more": ["PM: hibernation: resume failed (-14)"]}),
     [("no", TELLS + "resume failed (-14)")]),
    ("that it failed to load", ({}, {"more": ["PM: Failed to load image, recovering."]}),
     [("no", TELLS + "Failed to load image, recovering.")]),
)


@pytest.mark.parametrize("rule, texts, reasons", REASONS, ids=[row[0] for row in REASONS])
def test_all_reasons(report, tmp_path, rule, texts, reasons):
    """What is against it, what is for it, what there is to say: each in the order of the judges."""
    resume = report(*boots.write(tmp_path, *map(boot, texts)))["resume"]
    every = [SAME_MAP, SAME_PAGES, *reasons]
    expected = [row for verdict in ("no", "yes", "unknown") for row in every if row[0] == verdict]
    assert list(zip(resume["reason_verdicts"], resume["reasons"])) == expected, rule
    assert resume["verdict"] == ("no" if expected[0][0] == "no" else "yes")


VENDORS = ("Intel", "AMD", "Hygon", "Zhaoxin", "Centaur", "VIA")


@pytest.mark.parametrize("vendor, other", [*zip(VENDORS, VENDORS[1:]), ("VIA", "Intel")])
def test_vendors_of_cpus(report, tmp_path, vendor, other):
    reasons = report(*boots.write(tmp_path, boots.log(**cpu(vendor)), boots.log(**cpu(other))))["resume"]["reasons"]
    assert reasons[0] == f"The CPU is {vendor}'s, then {other}'s. {FOR_THE_ONE}"


CPUID = (
    # the rule, what captures of both boots have, the reason, if there is one
    ("vendors", ["cpu-vendor GenuineTMx86"], ["cpu-vendor CyrixInstead"],
     f"The CPU is GenuineTMx86's, then CyrixInstead's. {FOR_THE_ONE}"),
    ("families", ["cpu-signature 0x00000633"], ["cpu-signature 0x00000533"],
     f"The CPU is of family 0x6, then 0x5. {FOR_THE_ONE}"),
    ("extended families", ["cpu-signature 0x00800f11"], ["cpu-signature 0x00a00f11"],
     f"The CPU is of family 0x17, then 0x19. {FOR_THE_ONE}"),
    ("an extended family, and one that is not", ["cpu-signature 0x00000f11"], ["cpu-signature 0x00100f11"],
     f"The CPU is of family 0xf, then 0x10. {FOR_THE_ONE}"),
    ("an extension that does not count", ["cpu-signature 0x00800633"], ["cpu-signature 0x00000633"],
     OTHER_CPU % ("0x00800633", "0x00000633")),
    ("models", ["cpu-signature 0x000306c3"], ["cpu-signature 0x000306d4"], OTHER_CPU % ("0x000306c3", "0x000306d4")),
    ("features of words", ["cpu-features NX SMEP"], ["cpu-features SMEP"], LACKS % "NX"),
    ("features with commas", ["cpu-features a b, c d"], ["cpu-features c d"], LACKS % "a b"),
    ("features of two kinds", ["cpu-features a b"], ["cpu-features a b, c d"], None),
)


@pytest.mark.parametrize("rule, before, after, reason", CPUID, ids=[row[0] for row in CPUID])
def test_what_captures_have_of_the_cpu(report, tmp_path, rule, before, after, reason):
    reasons = report(*boots.write(tmp_path, boots.capture(more=before), boots.capture(more=after)))["resume"]["reasons"]
    assert [text for text in reasons if "The CPU" in text] == ([reason] if reason else []), rule


def test_a_capture_beside_a_log_tells_families(report, tmp_path):
    """CPUID's number, and what the log has printed of it."""
    for signature, is_said in (("0x00810f81", False), ("0x00a00f11", True)):
        paths = boots.write(tmp_path, boots.capture(more=["cpu-vendor AuthenticAMD", f"cpu-signature {signature}"]),
                            boots.log())
        assert any("family" in text for text in report(*paths)["resume"]["reasons"]) == is_said


ALL_KIB = (0xA0000 + 0x7F000000 - 0x100000 + 0x7F800000 - 0x7F00D000 + (2 << 30)) >> 10
LIMITS = (
    # the rule, words of both command lines; the reasons that come of them
    ("none", [], [], []),
    ("1 GiB", [], ["mem=1G"], [LIMIT % (ALL_KIB, 1048192)]),
    ("behind a word of one letter", [], ["3", "mem=1G"], [LIMIT % (ALL_KIB, 1048192)]),
    ("1 GiB before", ["mem=1G"], [], [LIMIT % (1048192, ALL_KIB)]),
    ("in KiB", [], ["mem=1048576K"], [LIMIT % (ALL_KIB, 1048192)]),
    ("in MiB", [], ["mem=1024m"], [LIMIT % (ALL_KIB, 1048192)]),
    ("in bytes", [], ["mem=0x40000000"], [LIMIT % (ALL_KIB, 1048192)]),
    ("in octal bytes", [], ["mem=010000000000"], [LIMIT % (ALL_KIB, 1048192)]),
    ("above all of it", [], ["mem=1T"], []),
    ("far above", [], ["mem=1P"], []),
    ("as far as can be", [], ["mem=1E"], []),
    ("beyond 64 bits", [], ["mem=17E"], []),
    ("nothing", [], ["mem=nopentium"], []),
    ("the last one counts", [], ["mem=64G", "mem=1G"], [LIMIT % (ALL_KIB, 1048192)]),
    ("in the middle of a range", [], ["mem=6G"], []),
    ("above 4 GiB", [], ["mem=5G"], [LIMIT % (ALL_KIB, ALL_KIB - (1 << 20))]),
    ("two that are one", ["mem=1G"], ["mem=1024M"], []),
    ("memmap=", [], ["memmap=1M$16M"], [MEMMAP]),
    ("both", [], ["memmap=1M$16M", "mem=1G"], [LIMIT % (ALL_KIB, 1048192), MEMMAP]),
    ("the same twice", ["mem=1G", "memmap=1M$16M"], ["memmap=1M$16M", "mem=1G"], []),
)


@pytest.mark.parametrize("rule, before, after, reasons", LIMITS, ids=[row[0] for row in LIMITS])
def test_limits_where_no_pages_are_known(report, tmp_path, rule, before, after, reasons):
    got = report(*boots.write(tmp_path, boots.log(**lines(*before)), boots.log(**lines(*after))))["resume"]["reasons"]
    assert sorted(got) == sorted([SAME_MAP[1], *reasons]), rule


PAGES = (
    # the rule, words of both command lines, KiB of both; the reason
    ("the same", "", "", 4000, 4000, ("yes", "The kernel manages 1000 pages both times.")),
    ("fewer", "", "", 4000, 3996, ("no", OTHER_PAGES % (1000, 999, ""))),
    ("fewer, and mem= differs", "", " mem=1G", 4000, 3996, ("no", OTHER_PAGES % (1000, 999, " mem= differs."))),
    ("more, and memmap= differs", " memmap=1M$16M", "", 3996, 4000,
     ("no", OTHER_PAGES % (999, 1000, " memmap= differs."))),
    ("as many, and mem= differs", "", " mem=1G", 4000, 4000, ("unknown", NOT_THE_SAME % (1000, "mem="))),
    ("as many, and memmap= differs", " memmap=1M$16M", " memmap=1M$17M", 4000, 4000,
     ("unknown", NOT_THE_SAME % (1000, "memmap="))),
    ("both differ", "", " memmap=1M$16M mem=1G", 4000, 4000, ("unknown", NOT_THE_SAME % (1000, "mem="))),
    ("known of one boot only", "", " mem=1G", 4000, 0, ("no", LIMIT % (ALL_KIB, 1048192))),
    ("and of the other", "", " mem=1G", 0, 4000, ("no", LIMIT % (ALL_KIB, 1048192))),
)


@pytest.mark.parametrize("rule, before, after, kib, kib_after, reason", PAGES, ids=[row[0] for row in PAGES])
def test_pages(report, tmp_path, rule, before, after, kib, kib_after, reason):
    paths = boots.write(tmp_path, boots.log(line="quiet" + before, kib=kib),
                        boots.log(line="quiet" + after, kib=kib_after))
    resume = report(*paths)["resume"]
    assert sorted(zip(resume["reason_verdicts"], resume["reasons"])) == sorted([SAME_MAP, reason]), rule


RISK = ", at the risk that the kernel looks for ACPI tables or the firmware where they no longer are"
RELAXED = "RAM alone is the same: hibernate=relaxed_memmap, proposed for Linux in 2026, would resume%s."
DIFFER = 'The e820 maps differ%s: %s Cause, judging from the files: %s.'
REFUSED, CORRUPTED = 'Linux would say "Hibernate inconsistent memory map detected!".', "a kernel before 4.10 does not look, and may be corrupted."
FIRMWARE = "the firmware, or something started before Linux; nothing else that the two files show explains it"
GRUB = "the boot loader: Linux's EFI stub (runtime code is reserved) -> GRUB (runtime code is type 20)"
SPLIT = top((0x7F800000, 0x7F900000, 4), (0x7F900000, 0x7F980000, 2), (0x7F980000, 0x7FA00000, 20))
MAPS = (
    # the rule, both boots, the verdict, what RAM alone would say, the reasons of the map
    ("one type", {}, {"e820": top((0x7F800000, 0x7F900000, 4))}, "no", "yes",
     [("no", DIFFER % (" in reserved (1 range)", REFUSED, FIRMWARE)), ("unknown", RELAXED % RISK)]),
    ("two ranges, and RAM that follows", {}, {"e820": boots.LAPTOP[:3] + ((0x7F00D000, 0x7F801000, 1),
     (0x7F801000, 0x7F900000, 4)) + boots.LAPTOP[6:]},
     "no", "no", [("no", DIFFER % (" in ACPI NVS (1 range), reserved (1 range); RAM follows", REFUSED, FIRMWARE))]),
    ("two ranges of one type", {}, {"e820": boots.LAPTOP[:5] + boots.LAPTOP[7:]}, "no", "yes",
     [("no", DIFFER % (" in reserved (2 ranges)", REFUSED, FIRMWARE)), ("unknown", RELAXED % RISK)]),
    ("another type", {}, {"e820": top((0x7F800000, 0x7F900000, 4), (0x7F900000, 0x7FA00000, 5))}, "no", "yes",
     [("no", DIFFER % (" in reserved -> unusable (1 range)", REFUSED, FIRMWARE)), ("unknown", RELAXED % RISK)]),
    ("what is new", {"e820": boots.LAPTOP[:5] + boots.LAPTOP[6:]}, {}, "no", "yes",
     [("no", DIFFER % (" in reserved (1 range)", REFUSED, FIRMWARE)), ("unknown", RELAXED % RISK)]),
    ("another boot loader: nothing moved", {}, {"e820": SPLIT}, "no", "yes",
     [("no", DIFFER % (" in reserved -> type 20 (1 range)", REFUSED, GRUB)), ("unknown", RELAXED % "")]),
    ("another boot loader, and something moved", {}, {"e820": SPLIT[:6] + ((0x7F980000, 0x7FA00000, 20),
     (0xE0000000, 0xF8000000, 2)) + SPLIT[-1:]}, "no", "yes",
     [("no", DIFFER % (" in reserved -> type 20 (1 range), reserved (1 range)", REFUSED, GRUB)),
      ("unknown", RELAXED % RISK)]),
    ("RAM", {}, {"e820": low((FOUR_GIB, 5 << 30, 1))}, "no", "no",
     [("no", DIFFER % (" in usable (1 range)", REFUSED, "the size of RAM: 3.9 GiB -> 2.9 GiB"))]),
    ("a kernel before 4.10", {"kernel": "4.9.0"}, {"kernel": "4.9.0", "e820": top((0x7F800000, 0x7F900000, 4))},
     "unknown", "yes",
     [("unknown", DIFFER % (" in reserved (1 range)", CORRUPTED, FIRMWARE)), ("unknown", RELAXED % RISK)]),
    ("a kernel before 4.10, and one map", {"kernel": "4.9.0"}, {"kernel": "4.9.0"}, "yes", "yes", [SAME_MAP]),
    ("kexec", {}, {"e820": ((0x100, 0xA0000, 1),) + boots.LAPTOP[1:]}, "no", "no",
     [("no", DIFFER % (", as kexec hands on a list of its own", REFUSED, "boot B is a kernel that kexec started"))]),
)


@pytest.mark.parametrize("rule, before, after, verdict, ram_only, reasons", MAPS, ids=[row[0] for row in MAPS])
def test_the_map(report, tmp_path, rule, before, after, verdict, ram_only, reasons):
    resume = report(*boots.write(tmp_path, boot(before), boot(after)))["resume"]
    assert (resume["verdict"], resume["ram_only"]) == (verdict, ram_only), rule
    about = [row for row in zip(resume["reason_verdicts"],
                                resume["reasons"]) if "e820" in row[1] or "RAM alone" in row[1]]
    assert about == reasons, rule


IOMEM = "".join(f"{start:08x}-{end - 1:08x} : {'System RAM' if kind == 1 else 'Reserved'}\n" for start, end,
                kind in boots.LAPTOP)
DAMAGED = boots.log().replace("0x0000000000100000", "0xzz", 1)
CRASH = boots.log(((0x1000, 0xA0000, 1), (0x11000000, 0x2D000000, 1)), line="elfcorehdr=0x11000000")
NO_MAP = "Boot %s: %s has no e820 map as the firmware or the boot loader gave it to the kernel, and Linux compares that one."
NOT_WHOLE = "Boot %s: %s is damaged (a line of the e820 map cannot be read: "
NO_FIRMWARE = ("Boot %s is a crash kernel (elfcorehdr= is in its command line): it has the memory that was set aside for it, and neither "
               "hibernates nor resumes.")
WITHOUT = (
    # the rule, the text of a boot, what is said of it, whether it is all that is said
    ("/proc/iomem", IOMEM, NO_MAP, True),
    ("damaged", DAMAGED, NOT_WHOLE, False),
    ("a crash kernel", CRASH, NO_FIRMWARE, True),
)


@pytest.mark.parametrize("places", ((0,), (1,), (0, 1)), ids=("first", "second", "both"))
@pytest.mark.parametrize("rule, text, words, is_all", WITHOUT, ids=[row[0] for row in WITHOUT])
def test_without_a_map_that_linux_compares(report, tmp_path, rule, text, words, is_all, places):
    paths = boots.write(tmp_path, *(text if place in places else boots.log() for place in (0, 1)))
    resume = report("--damaged", *paths)["resume"]
    assert (resume["verdict"], resume["ram_only"]) == ("unknown", "unknown")
    assert [crc is None for crc in resume["e820_crc32"]] == [place in places for place in (0, 1)]
    expected = [words % (("AB"[place], paths[place]) if words.count("%s") == 2 else "AB"[place]) for place in places]
    verdicts = [verdict for verdict, text in zip(resume["reason_verdicts"], resume["reasons"]) if text.startswith("Boot ")]
    said = [text for text in resume["reasons"] if text.startswith("Boot ")]
    assert verdicts == ["unknown"] * len(expected) and all(map(str.startswith, said, expected)), rule
    assert (said == resume["reasons"]) == is_all


PREDICTION = ("This is a prediction: a capture does not hold the map that Linux printed, so mapdiff translated the "
              "firmware's map as Linux would.")


@pytest.mark.parametrize("before, after, is_one", ((True, True, True), (True, False, True), (False, True, True),
                                                   (False, False, False)))
def test_a_capture_makes_it_a_prediction(report, tmp_path, before, after, is_one):
    paths = boots.write(tmp_path, *(boots.capture() if is_capture else boots.log() for is_capture in (before, after)))
    reasons = report(*paths)["resume"]["reasons"]
    assert (PREDICTION in reasons) == is_one
