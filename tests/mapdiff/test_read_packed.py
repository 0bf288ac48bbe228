"""Packed files and archives: each file in them is read as if it stood alone; what is damaged, ambiguous or
too much is named, and nothing of it is used."""

import bz2
import gzip
import io
import lzma
import subprocess
import tarfile
import zipfile

import pytest

from formats import dmesg, messages
from naive import ALL, e820_of

BY_NAME = {map.path.stem: map for map in ALL}
SMALL, OTHER = BY_NAME["x64-q35-512M"], BY_NAME["x64-q35-8G"]
LOG, LATER = dmesg(messages(SMALL)), dmesg(messages(OTHER))


def zstd(content):
    return subprocess.run(["zstd", "-c"], input=content, capture_output=True, check=True).stdout


def zipped(*files, kind=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", kind) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return out.getvalue()


def tarred(*files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in files:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


MEMBER = gzip.compress(LOG, 0)  # its text can be seen in it
PACKERS = {"gzip": gzip.compress, "xz": lzma.compress, "zstd": zstd, "bzip2": bz2.compress,
           "zip": lambda content: zipped(("dmesg.txt", content)), "tar": lambda content: tarred(("dmesg.txt", content))}


@pytest.mark.parametrize("packer", PACKERS)
def test_what_is_packed_is_simply_read(report, packer):
    assert e820_of(report("show", "-", stdin=PACKERS[packer](LOG))) == SMALL.e820


WITH_OTHERS = [
    ("a zip file that packs nothing", zipped(("dmesg.txt", LOG), kind=zipfile.ZIP_STORED)),
    ("beside a text that is no log", zipped(("README", b"hello\n"), ("dmesg.txt", LOG), ("sub/", b""))),
    ("beside a log without a map", zipped(("a.log", LOG), ("b.log", b"Linux version 6.1.0 (x) #1\nCommand line: quiet\n"))),
    ("a tar file that is packed", lzma.compress(tarred(("var/log/kern.log", LOG)))),
    ("a packed file in an archive", tarred(("kern.log.2.gz", gzip.compress(LOG)))),
    ("a gzip file of several members", gzip.compress(LOG[:500]) + gzip.compress(b"") + gzip.compress(LOG[500:], 0)),
    ("an archive in another, and packed files in that",
     zipped(("logs.tar.gz", gzip.compress(tarred(("kern.log.2.gz", gzip.compress(LOG))))))),
]


@pytest.mark.parametrize("rule, content", WITH_OTHERS, ids=[row[0] for row in WITH_OTHERS])
def test_archives_with_one_map(report, rule, content):
    assert e820_of(report("show", "-", stdin=content)) == SMALL.e820


def test_of_several_maps_in_an_archive_one_is_to_be_named(mapdiff, report, tmp_path):
    path = tmp_path / "logs.zip"
    path.write_bytes(zipped(("kern.log", LOG), ("old/kern.log.1.xz", lzma.compress(LATER + LOG))))
    status, out, err = mapdiff("show", path)
    assert (status, out) == (2, "")
    assert f"maps in several files of it; give one: {path}/kern.log, {path}/old/kern.log.1.xz\n" in err
    assert e820_of(report("show", f"{path}/kern.log")) == SMALL.e820
    assert e820_of(report("show", f"{path}/old/kern.log.1.xz@1")) == OTHER.e820
    assert e820_of(report("show", f"{path}/old/kern.log.1.xz")) == SMALL.e820
    has = f"there is no such file in it: it has {path}/kern.log, {path}/old/kern.log.1.xz"
    assert has in mapdiff("show", f"{path}/dmesg")[2]


def test_a_series_takes_all_of_an_archive(report, tmp_path):
    path = tmp_path / "logs.tar"
    path.write_bytes(tarred(("kern.log", LOG), ("kern.log.1.gz", gzip.compress(LATER + LOG))))
    series = report("series", path)
    assert [row["map"] for row in series["boots"]] == [0, 1, 0]
    assert [row["name"] for row in series["boots"]] == [f"{path}/kern.log", f"{path}/kern.log.1.gz@1", f"{path}/kern.log.1.gz@2"]


def test_boots_are_counted_in_the_file_that_has_the_maps(mapdiff, tmp_path):
    path = tmp_path / "logs.zip"
    path.write_bytes(zipped(("a.log", b"Linux version 6.1.0 (x) #1\nCommand line: quiet\n"), ("b.log", LOG)))
    assert mapdiff("show", f"{path}@1")[0] == 0
    assert "there is no boot 2 in it: it has 1" in mapdiff("show", f"{path}@2")[2]


def test_a_series_takes_nothing_of_an_archive_that_is_damaged(mapdiff, tmp_path):
    path = tmp_path / "logs.tar"
    path.write_bytes(tarred(("kern.log", LOG), ("kern.log.1.gz", gzip.compress(LATER)[:-20])))
    status, out, err = mapdiff("series", path)
    assert (status, out) == (2, "")
    assert err == f"mapdiff: {path}: kern.log.1.gz in it is a gzip file that is damaged, or cut off\n"


def huge(size):
    """The header of such a file."""
    info = tarfile.TarInfo("huge.log")
    info.size = size
    return info.tobuf() + LOG


def flipped(content, at):
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1:]


def locked():
    """A file with a password: the flag of local and central header (APPNOTE 4.4.4)."""
    content = bytearray(zipped(("dmesg.txt", LOG), kind=zipfile.ZIP_STORED))
    content[6] |= 1
    content[content.index(b"PK\1\2") + 8] |= 1
    return bytes(content)


REFUSED = [
    *((f"{name}: the end is missing", packer(LOG)[:-len(packer(LOG)) // 3], f"{name} file that is damaged, or cut off")
      for name, packer in PACKERS.items()),
    ("gzip: another checksum", flipped(gzip.compress(LOG), -8), "it is a gzip file that is damaged"),
    ("gzip: another length", flipped(gzip.compress(LOG), -4), "it is a gzip file that is damaged"),
    ("gzip: another byte of the text", gzip.compress(LOG, 0).replace(b"usable", b"usab1e", 1), "it is a gzip file that is damaged"),
    ("gzip: another byte of the text, and whole members before and behind",
     MEMBER + MEMBER.replace(b"usable", b"usab1e", 1) + MEMBER, "it is a gzip file that is damaged"),
    ("gzip: another checksum of a member before the last", flipped(MEMBER, -8) + MEMBER, "it is a gzip file that is damaged"),
    ("gzip: another length of a member before the last", flipped(MEMBER, -4) + MEMBER, "it is a gzip file that is damaged"),
    ("gzip: a damaged member, in an archive", tarred(("a.log", LOG), ("b.gz", flipped(MEMBER, -8) + MEMBER)),
     "b.gz in it is a gzip file that is damaged"),
    ("gzip: a header alone", b"\x1f\x8b\x08" + b"x" * 40, "it is a gzip file that is damaged"),
    ("zip: another byte of the text", zipped(("a", LOG), kind=zipfile.ZIP_STORED).replace(b"usable", b"usab1e", 1),
     "it is a zip file that is damaged"),
    ("zip: a password", locked(), "it is a zip file with a password"),
    ("a damaged file in an archive", tarred(("a.log", LOG), ("b.xz", lzma.compress(LOG)[:-30])), "b.xz in it is an xz file that is damaged"),
    ("bzip2: its first letters alone", b"BZhello\n", "it is a bzip2 file that is damaged"),
    ("more than anybody has", huge(5 << 30), "it is a tar file of more than 4 GiB"),
    ("the same in two files", huge(len(LOG)).ljust(-(-len(huge(len(LOG))) // 512) * 512, b"\0") + huge(4 << 30), "it is a tar file of more than 4 GiB"),
    ("more files than anybody packs", gzip.compress(tarred(*[("a", b"")] * 65537)), "it is a tar file of too many files"),
    ("no file that is known", zipped(("a", b"hello\n"), ("b\x1b[2J", b"x")), "nothing in its 2 files that mapdiff knows: a, b?[2J\n"),
    ("many of them", zipped(*((f"{i}", b"hello\n") for i in range(9))), "nothing in its 9 files that mapdiff knows: 0, 1, 2, 3, 4, ...\n"),
    ("one of them", zipped(("sub/", b""), ("sub/a", b"hello\n")), "no memory map found. mapdiff reads"),
    ("no file at all", tarred(), "no memory map found. mapdiff reads"),
    ("an archive of folders", zipped(("a/", b"")), "it is empty"),
]


@pytest.mark.parametrize("rule, content, said", REFUSED, ids=[row[0] for row in REFUSED])
def test_archives_that_are_refused(mapdiff, rule, content, said):
    status, out, err = mapdiff("show", "-", stdin=content)
    assert (status, out) == (2, "")
    assert said in err
