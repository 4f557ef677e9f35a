"""What is installed: the locks, and the contents of the wheel."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
PACKAGES = {"supervision", "vsm_actors", "exporters", "dashboards"}

REQUIREMENT = re.compile(
    r"(?P<name>[a-z0-9-]+)==(?P<version>[^\s;]+)(?: ; [^\\\n]+)? \\\n"
    r"(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+(?:    # via[^\n]*\n(?:    #   [^\n]*\n)*)?",
)


def requirements_of(lock: Path) -> set[tuple[str, str]]:
    """Names and versions; fails on any line that is not part of a hashed requirement."""
    text = lock.read_text()
    assert not REQUIREMENT.sub("", text), "a line that is no requirement with its hashes"
    return {(m["name"], m["version"]) for m in REQUIREMENT.finditer(text)}


def test_there_is_a_lock_for_running_developing_and_building() -> None:
    assert [lock.name for lock in LOCKS] == ["build.lock", "dev.lock", "runtime.lock"]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_names_no_host_and_no_machine(lock: Path) -> None:
    places = re.compile(r"://|--(?:extra-)?index-url|--find-links|--trusted-host|file:|(?<!\S)/")
    assert places.findall(lock.read_text()) == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_requirement_of_a_lock_is_exact_and_has_its_hashes(lock: Path) -> None:
    assert requirements_of(lock)


def test_the_locks_agree_so_that_they_install_into_one_environment() -> None:
    runtime, dev, build = (
        requirements_of(ROOT / "requirements" / f"{name}.lock")
        for name in ("runtime", "dev", "build")
    )
    shared = {name for name, _ in build} & {name for name, _ in dev}
    assert runtime <= dev
    assert {(name, version) for name, version in build if name in shared} <= dev


def test_every_declared_dependency_is_locked() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = {
        "runtime": declared["project"]["dependencies"],
        "dev": declared["dependency-groups"]["dev"],
        "build": declared["dependency-groups"]["build"],
    }
    for name, specifiers in wanted.items():
        locked = {key for key, _ in requirements_of(ROOT / "requirements" / f"{name}.lock")}
        names = {re.split(r"[<>=~!\[; ]", specifier)[0] for specifier in specifiers}
        assert names <= locked, name


@pytest.mark.slow
def test_the_wheel_holds_exactly_the_packages_and_their_types(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory"]
    subprocess.run([*build, str(tmp_path)], cwd=ROOT, check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()

    packaged = {name for name in names if ".dist-info/" not in name}
    assert {name.partition("/")[0] for name in packaged} == PACKAGES
    assert {f"{name}/py.typed" for name in PACKAGES} <= packaged
    assert {name for name in packaged if name.endswith(".pyc")} == set()
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
