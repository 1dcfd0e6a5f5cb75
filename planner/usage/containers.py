"""The files of a log: one or several, in a folder, packed, in UTF-16, or from standard input, as streams of bytes."""

import hashlib
import io
import os
import re
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any, BinaryIO

from planner.errors import ScenarioError
from planner.files import inert
from planner.files.confined import check_reading
from planner.files.os_errors import refused, unusable
from planner.records import dataclass

STDIN = "-"
HEAD_BYTES = 65_536
MOST_FILES = 10_000
LARGEST_STDIN_BYTES = 200_000_000
FEWEST_OF_CJK = 0.2  # bytes of a header beyond ASCII: fewer are letters with accents
MOST_LAYERS = 3  # an archive in an archive in an archive
PACKED = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
ZIP, PARQUET = b"PK\x03\x04", b"PAR1"
STRANGERS = {
    b"SQLite format 3\0": ("is an SQLite database.", "Export the table of calls: sqlite3 -json FILE 'select * from TABLE' > log.json"),
    b"\xd0\xcf\x11\xe0": ("is an Excel workbook.", "Save its sheet as CSV."),
    b"ORC": ("is an ORC file.", "Write it as Parquet or CSV."),
    b"ARROW1": ("is an Arrow file.", "Write it as Parquet or CSV."),
    b"Obj\x01": ("is an Avro file.", "Write it as JSON lines or Parquet."),
    b"%PDF": ("is a PDF.", "Export the figures as CSV or JSON."),
    b"7z\xbc\xaf": ("is a 7z archive.", "Unpack it first."),
    b"Rar!": ("is a RAR archive.", "Unpack it first."),
}  # fmt: skip


@dataclass(frozen=True)
class LogFile:
    """One file of a log. `name` is what people call it; `plain` where it is unpacked on disk, None elsewhere."""

    name: str
    bytes_of: Callable[[], BinaryIO]
    plain: Path | None
    size: int


def sources(paths: list[Path]) -> list[LogFile]:
    """Return the files of a log: those of folders and archives, too, in the order of their names."""
    found: list[LogFile] = []
    for path in paths:
        found += _of_path(path)
    return found


def _of_path(path: Path) -> list[LogFile]:
    if str(path) == STDIN:
        return _unpacked(_stdin())
    check_reading(path)
    real = Path(os.path.realpath(path))
    if "\0" in str(real):
        raise unusable("log", "has a name that no file can have.")
    try:
        kind = real.stat()
    except OSError as error:
        raise refused(error, path, "reading") from None
    if stat.S_ISDIR(kind.st_mode):
        return _of_folder(path)
    if not stat.S_ISREG(kind.st_mode):
        raise unusable(
            path, "is a device or a pipe, not a file.", "Read it from standard input: planner import -"
        )
    return _unpacked(LogFile(str(path), lambda: _at_once(real), real, kind.st_size))


def _at_once(path: Path) -> BinaryIO:
    """Open a file whose reading never waits: some of what the system calls a file is a stream."""
    return open(path, "rb", opener=lambda name, flags: os.open(name, flags | getattr(os, "O_NONBLOCK", 0)))


def _of_folder(path: Path) -> list[LogFile]:
    files = (each for each in path.rglob("*") if each.is_file() and not _hidden(each.relative_to(path)))
    inside = sorted(islice(files, MOST_FILES + 1))
    if not inside:
        raise unusable(path, "is a folder without files.")
    if len(inside) > MOST_FILES:
        raise unusable(path, f"is a folder of more than {MOST_FILES:,} files.")
    found: list[LogFile] = []
    for each in inside:
        if each.stat().st_size:
            found += _of_path(each)
    if not found:
        raise unusable(path, "is a folder of empty files.")
    return found


def _hidden(path: Path) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in path.parts)


def _stdin() -> LogFile:
    held = sys.stdin.buffer.read(LARGEST_STDIN_BYTES + 1)
    if len(held) > LARGEST_STDIN_BYTES:
        mb = LARGEST_STDIN_BYTES / 1e6
        raise unusable("standard input", f"is longer than {mb:.0f} MB.", "Save it to a file, and read that.")
    return LogFile("standard input", lambda: io.BytesIO(held), None, len(held))


def _unpacked(source: LogFile, layers: int = MOST_LAYERS) -> list[LogFile]:
    """Return what a source holds, its archives opened."""
    first = head(source)
    if first.startswith(ZIP) and layers:
        return _zipped(source, layers)
    kind = next((name for magic, name in PACKED.items() if first.startswith(magic)), None)
    if kind is not None and layers:
        inner = LogFile(source.name, lambda: _stream(kind, source), None, source.size)
        return _unpacked(inner, layers - 1)
    if first[257:262] == b"ustar" and layers:
        return _tarred(source, layers)
    for magic, (what, hint) in STRANGERS.items():
        if first.startswith(magic):
            raise unusable(source.name, what, hint)
    return [source]


def _stream(kind: str, source: LogFile) -> BinaryIO:
    """Return the unpacked bytes of a source; libraries of other codecs than gzip are loaded late."""
    raw: Any = source.bytes_of()
    if kind == "gzip":
        import gzip  # noqa: PLC0415 - few logs are packed

        return _owned(gzip.GzipFile(fileobj=raw), raw)
    if kind == "bzip2":
        import bz2  # noqa: PLC0415 - few logs are packed this way

        return _owned(bz2.BZ2File(raw), raw)
    if kind == "xz":
        import lzma  # noqa: PLC0415 - few logs are packed this way

        return _owned(lzma.LZMAFile(raw), raw)
    try:
        import zstandard  # noqa: PLC0415 - an extra
    except ImportError:
        raise unusable(source.name, "is packed with zstd, which needs the package zstandard.",
                       "Get it by: pip install -e '.[usage]', or unpack it first: zstd -d") from None  # fmt: skip
    unpacker = zstandard.ZstdDecompressor(max_window_size=2**27)
    return _owned(unpacker.stream_reader(raw, read_across_frames=True), raw)


class _Owned(io.RawIOBase):
    """A stream that closes what it is read out of when it is closed."""

    def __init__(self, stream: Any, *below: Any) -> None:
        super().__init__()
        self._all = (stream, *below)

    def readable(self) -> bool:
        """Whether it can be read: always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer."""
        held = self._all[0].read(len(buffer))
        buffer[: len(held)] = held
        return len(held)

    def close(self) -> None:
        """Close the stream and what is below it."""
        if not self.closed:
            for each in self._all:
                each.close()
        super().close()


def _owned(stream: Any, *below: Any) -> BinaryIO:
    return io.BufferedReader(_Owned(stream, *below), 1 << 20)


def _zipped(source: LogFile, layers: int) -> list[LogFile]:
    import zipfile  # noqa: PLC0415 - few logs are packed this way

    try:
        with source.bytes_of() as file, zipfile.ZipFile(file) as archive:
            members = [
                one
                for one in archive.infolist()
                if not one.is_dir() and not _hidden(Path(one.filename)) and one.file_size
            ]
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError):
        raise unusable(source.name, "is a zip file that can't be unpacked.") from None
    if any(one.filename == "[Content_Types].xml" for one in members):
        raise unusable(source.name, "is an Excel workbook.", "Save its sheet as CSV.")
    if {"mimetype", "content.xml"} <= {one.filename for one in members}:
        raise unusable(source.name, "is a spreadsheet.", "Save its sheet as CSV.")
    if any(one.flag_bits & 1 for one in members):
        raise unusable(source.name, "is a zip file with a password.", "Unpack it first.")
    found: list[LogFile] = []
    for one in sorted(members, key=lambda member: member.filename)[:MOST_FILES]:
        inner = LogFile(f"{source.name}/{one.filename}", _member(source, one.filename), None, one.file_size)
        found += _unpacked(inner, layers - 1)
    if not found:
        raise unusable(source.name, "is a zip file without files.")
    return found


def _member(source: LogFile, name: str) -> Callable[[], BinaryIO]:
    def bytes_of() -> BinaryIO:
        import zipfile  # noqa: PLC0415 - few logs are packed this way

        raw = source.bytes_of()
        archive = zipfile.ZipFile(raw)
        return _owned(archive.open(name), archive, raw)

    return bytes_of


def _tarred(source: LogFile, layers: int) -> list[LogFile]:
    import tarfile  # noqa: PLC0415 - few logs are packed this way

    with readable(source), source.bytes_of() as file:
        try:
            with tarfile.open(fileobj=file, mode="r|") as archive:
                names = [
                    one.name for one in archive if one.isfile() and one.size and not _hidden(Path(one.name))
                ]
        except tarfile.TarError:
            raise unusable(source.name, "is a tar file that can't be unpacked.") from None
    found: list[LogFile] = []
    for name in sorted(names)[:MOST_FILES]:
        found += _unpacked(
            LogFile(f"{source.name}/{name}", _tar_member(source, name), None, source.size), layers - 1
        )
    if not found:
        raise unusable(source.name, "is a tar file without files.")
    return found


def _tar_member(source: LogFile, name: str) -> Callable[[], BinaryIO]:
    def bytes_of() -> BinaryIO:
        import tarfile  # noqa: PLC0415 - few logs are packed this way

        raw = source.bytes_of()
        archive = tarfile.open(fileobj=raw, mode="r|")  # noqa: SIM115 - lives as long as its member
        for one in archive:
            if one.name == name:
                held: IO[bytes] | None = archive.extractfile(one)
                if held is not None:
                    return _owned(held, archive, raw)
        return _owned(io.BytesIO(), archive, raw)

    return bytes_of


def head(source: LogFile) -> bytes:
    """Return the first bytes of a source, unpacked."""
    with readable(source), source.bytes_of() as file:
        return file.read(HEAD_BYTES)


@contextmanager
def readable(source: LogFile) -> Iterator[None]:
    """Say in words what reading a source ran into: a broken archive, a disk that fails."""
    import lzma  # noqa: PLC0415 - few logs are packed this way
    import zipfile  # noqa: PLC0415 - few logs are packed this way
    import zlib  # noqa: PLC0415 - few logs are packed this way

    broken = [EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, ValueError]
    if "zstandard" in sys.modules:
        broken.append(sys.modules["zstandard"].ZstdError)
    try:
        yield
    except ScenarioError:
        raise
    except OSError as error:
        if error.errno is None:
            raise unusable(source.name, "is packed and can't be unpacked: it is damaged.") from None
        raise refused(error, source.name, "reading") from None
    except tuple(broken):
        raise unusable(source.name, "is packed and can't be unpacked: it is damaged.") from None


def without_copies(files: list[LogFile]) -> list[LogFile]:
    """Return files without those whose unpacked bytes are another's: a log beside its own packed copy."""
    alike: dict[bytes, list[LogFile]] = {}
    for source in files:
        alike.setdefault(head(source), []).append(source)
    copies = {
        id(source)
        for group in alike.values()
        if len(group) > 1
        for source, digest, seen in _digests(group)
        if digest in seen
    }
    return [source for source in files if id(source) not in copies]


def _digests(group: list[LogFile]) -> Iterator[tuple[LogFile, bytes, set[bytes]]]:
    """Yield each file with the digest of all its bytes, and those of the files before it."""
    seen = set[bytes]()
    for source in group:
        with readable(source), source.bytes_of() as file:
            hashed = hashlib.sha256()
            while block := file.read(1 << 20):
                hashed.update(block)
        digest = hashed.digest()
        yield source, digest, set(seen)
        seen.add(digest)


def encoding_of(first: bytes, name: str) -> str:
    """Return how a text is encoded, by its mark or by where its zero bytes stand; raise in words where it is no text."""
    for mark, encoding in (
        (b"\xff\xfe\0\0", "utf-32"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
        (b"\xef\xbb\xbf", "utf-8-sig"),
    ):
        if first.startswith(mark):
            return encoding
    if b"\0" in first:
        even, odd = first[::2].count(0), first[1::2].count(0)
        half = len(first) / 2
        if min(even, odd) < 0.05 * half and max(even, odd) > 0.5 * half:
            return "utf-16-le" if odd > even else "utf-16-be"
        raise unusable(name, "is no log: it holds neither text nor Parquet.")
    return _in_older_code(first) or "utf-8"


def _in_older_code(first: bytes) -> str:
    """Return the code of a text most of whose signs beyond ASCII are no UTF-8, by how many its header has; else ""."""
    beyond = [char for char in first.decode("utf-8", "replace") if not char.isascii()]
    if 2 * beyond.count("\ufffd") <= len(beyond):
        return ""
    header = first.split(b"\n", 1)[0]
    if sum(byte > 127 for byte in header) < FEWEST_OF_CJK * len(header):
        return "cp1252"
    for encoding in ("cp932", "euc-jp", "gb18030", "euc-kr"):
        try:
            text = header.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "gb18030" or re.search(r"[\u3041-\u30f6\uac00-\ud7a3]", text):
            return encoding
    return ""


def text_of(source: LogFile, encoding: str) -> io.TextIOWrapper:
    """Return a source as a stream of text; bytes that are none are replaced."""
    return io.TextIOWrapper(source.bytes_of(), encoding=encoding, errors="replace", newline="")


def shown(source: LogFile) -> str:
    """Return the name of a source for people."""
    return inert(source.name)[:200]
