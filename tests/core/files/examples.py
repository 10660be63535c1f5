"""Small files of every kind, good and bad."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(b"\0\0"))
    + chunk(b"IEND", b"")
)
JPG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")
GIF = b"GIF89a\x01\0\x01\0\0\0\0\x3b"
WEBP = b"RIFF\x24\0\0\0WEBPVP8 " + bytes(24)
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
MP4 = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2"
EXE = b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff" + bytes(60)
ELF = b"\x7fELF\x02\x01\x01" + bytes(60)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"


def archive(*entries: tuple[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", how) as archive_file:
        for name, content in entries:
            archive_file.writestr(name, content)
    return packed.getvalue()


def office(part: str) -> bytes:
    return archive(("[Content_Types].xml", b"<Types/>"), (part, b"<x/>"))


def opendocument(kind: str) -> bytes:
    return archive(
        ("mimetype", f"application/vnd.oasis.opendocument.{kind}".encode()),
        ("content.xml", b"<x/>"),
        how=zipfile.ZIP_STORED,
    )


GOOD = {
    "pdf": PDF,
    "png": PNG,
    "jpg": JPG,
    "jpeg": JPG,
    "gif": GIF,
    "webp": WEBP,
    "txt": "Xin chào\n".encode(),
    "md": b"# Title\n\nText with <b>HTML</b> in it.\n",
    "csv": b"\xef\xbb\xbfa,b\r\n1,2\r\n",
    "json": b'{"a": [1, 2]}',
    "docx": office("word/document.xml"),
    "xlsx": office("xl/workbook.xml"),
    "pptx": office("ppt/presentation.xml"),
    "odt": opendocument("text"),
    "ods": opendocument("spreadsheet"),
    "odp": opendocument("presentation"),
    "zip": archive(("a.txt", b"hello")),
    "mp4": MP4,
    "mp3": b"ID3\x04\0\0\0\0\0\0" + bytes(20),
}
