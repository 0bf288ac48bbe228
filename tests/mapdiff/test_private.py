"""What tells who somebody is is in no report, and in no message: every command, every format."""

import boots
import pytest

# What stands in a log; what of it must be nowhere.
SECRETS = (
    ("root=UUID=01234567-89ab-cdef-0123-456789abcdef", "89ab"),
    ("root=PARTUUID=5ec2e701-01", "5ec2e701"),
    ("foo=PARTUUID=5ec2e702-02", "5ec2e702"),
    ("PARTLABEL=Secret3", "Secret3"),
    ('root="LABEL=Secret4 disk" ro', "Secret4"),
    ('"root=LABEL=my Secret5" ro', "Secret5"),
    ("resume=/dev/disk/by-id/nvme-Secret6", "Secret6"),
    ("rd.luks.key=/Secret7.key", "Secret7"),
    ("luks.options=Secret8", "Secret8"),
    ("cryptkey=/dev/sda1:ext4:/Secret9", "Secret9"),
    ("some.key=Secret10", "Secret10"),
    ("vendor_keyfile=Secret11", "Secret11"),
    ("admin_password=Secret12", "Secret12"),
    ("join_token=Secret13", "Secret13"),
    ("client_secret=Secret14", "Secret14"),
    ("hostname=Secret15", "Secret15"),
    ("ip=10.0.0.77::10.0.0.1:255.255.255.0:Secret16", "Secret16"),
    ("foo=10.99.88.77", "99.88"),
    ("netconsole=6666@10.98.0.7/eth0,6666@10.98.0.1/52:54:00:98:34:56", "98."),
    ("BOOTIF=01-52-54-00-97-34-56", "00-97"),
    ("foo=52:54:00:96:34:56", "00:96"),
    ("foo=0123456789abcdef0123456789abcd95", "abcd95"),
    ("inst.ks=http://joe:Secret17@server/ks.cfg", "Secret17"),
    ("foo=https://Secret18.example/x", "Secret18"),
    ("ds=nocloud;s=Secret19", "Secret19"),
    ("foo=joe@Secret20", "Secret20"),
    ("machine_id=Secret21", "Secret21"),
    ("foo=joe@there@Secret23", "Secret23"),
    ("my_uuid=Secret22", "Secret22"),
)
WORDS = [word for _, word in SECRETS] + ["SecretHost", "secretuser", "5ec2e703"]
LINE = " ".join(text for text, _ in SECRETS)
KEPT = ("mem=4G memmap=64M$0x10000000 memmap=4G@1G efi=debug,nosoftreserve crashkernel=256M@16M console=ttyS0,115200n8 "
        "keymap=us pci=nocrs nvme.poll_queues=4")


def log(pages, more=()):
    text = boots.log(boots.moved(pages), line=f"{KEPT} {LINE} step={pages}", more=[
        "PM: Image not found (code -22)", "PM: Image signature found, resuming",
        "PM: hibernation: resume from hibernation failed /dev/5ec2e703", *more])
    return text.replace("(builder@host)", f"(secretuser@SecretHost) ({pages})")


# Each command, with as many boots as it takes.
COMMANDS = {"diff": (2, []), "show": (1, []), "explain": (1, ["0x100000"]), "series": (3, []), "lint": (1, []),
            "translate": (1, []), "check": (1, [])}
UEFI = [f"efi: mem{i:02}: [{name}|   |  |  |  |  |  |  |  |  |   |WB|WT|WC|UC] range=[0x{start:016x}-0x{end - 1:016x}] ({(end - start) >> 20}MB)"
        for i, (name, start, end) in enumerate((("Conventional", 0, 0xA0000), ("Conventional", 0x100000, 0x7F000000)))]


@pytest.fixture
def paths(tmp_path):
    return boots.write(tmp_path, *(log(pages, UEFI) for pages in (0, 2, 4)))


@pytest.mark.parametrize("format", ("text", "json", "html", "markdown"))
@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_private_is_in_a_report(mapdiff, paths, command, format):
    n_boots, more = COMMANDS[command]
    status, out, err = mapdiff(command, "--format", format, *paths[:n_boots], *more)
    assert out and status in (0, 1), err
    assert [word for word in WORDS if word in out + err] == []
    if format not in ("text", "markdown") and command != "series":
        assert all(word in out for word in KEPT.split() if "&" not in word)


@pytest.mark.parametrize("format", ("text", "json"))
def test_nor_in_what_is_said_of_a_block(mapdiff, paths, format):
    _, out, err = mapdiff("pin", "--format", format, *paths)
    assert out and [word for word in WORDS if word in out + err] == []


def test_nor_in_a_capture(mapdiff, paths):
    _, out, err = mapdiff("convert", paths[0])
    assert out and [word for word in WORDS if word in out + err] == []


@pytest.mark.parametrize("secret, word", SECRETS, ids=[row[1] for row in SECRETS])
def test_each_alone(mapdiff, secret, word):
    """Where it begins the line, and where it ends it."""
    for line in (f"{secret} quiet", f"quiet {secret}"):
        _, out, _ = mapdiff("show", "--format", "json", "-", stdin=boots.log(line=line).encode())
        assert word not in out and "quiet" in out


def test_nor_in_a_message(mapdiff):
    """What is wrong with a file is said with what stands there."""
    text = log(0).replace("BIOS-e820: [mem 0x0000000000000000-0x000000000009ffff] usable",
                          "BIOS-e820: [mem 0x0000000000000000-0x000000000009ffff] /dev/SecretHost")
    status, out, err = mapdiff("show", "-", stdin=text.encode())
    assert (status, out) == (2, "") and "cannot be read" in err and "SecretHost" not in err


@pytest.mark.parametrize("command", ("show", "diff", "lint"))
def test_nor_where_there_is_no_map(mapdiff, command):
    """A map of which no line can be read is none."""
    text = "BIOS-e820: [mem 0x0000000000000000-0x000000000009ffff] /dev/SecretHost\n"
    status, out, err = mapdiff(command, "-", stdin=text.encode())
    assert (status, out) == (2, "") and "cannot be read" in err and "SecretHost" not in err


def test_private_keeps_all_of_it(mapdiff, paths):
    for format in ("text", "json", "html"):
        out = mapdiff("diff", "--private", "--format", format, *paths[:2])[1]
        assert "Secret22" in out and "SecretHost" in out or format == "text"
    assert mapdiff("show", "--private", "--format", "json", paths[0])[1].count("Secret15") == 1
    status, _, err = mapdiff("convert", "--private", paths[0])
    assert status == 2 and "--private means nothing to `mapdiff convert'" in err


def test_a_log_and_its_capture_differ_in_nothing(report, mapdiff, tmp_path, paths):
    (tmp_path / "map").write_text(mapdiff("convert", paths[0])[1])
    diff = report(paths[0], tmp_path / "map")
    assert diff["conditions"] == [] and diff["changes"] == []


@pytest.mark.parametrize("name, before, after, differs", [
    ("one root", "root=/dev/sda1", "root=/dev/sda1", None),
    ("another root", "root=/dev/sda1", "root=/dev/sdb1", ("root=...1", "root=...2")),
    ("two that change places", "root=/dev/sda1 swap=/dev/sdb1", "root=/dev/sdb1 swap=/dev/sda1",
     ("root=...1 swap=...1", "root=...2 swap=...2")),
    ("another disk by its form", "a=52:54:00:96:34:56", "a=52:54:00:96:34:57", ("a=...1", "a=...2")),
], ids=lambda value: value if isinstance(value, str) and "=" not in value else "")
def test_whether_two_secrets_are_one_is_none(report, tmp_path, name, before, after, differs):
    """They are numbered, so that a condition stays one."""
    diff = report(*boots.write(tmp_path, boots.log(line=before), boots.log(line=after)))
    assert [(row["before"], row["after"]) for row in diff["conditions"]] == ([differs] if differs else [])
