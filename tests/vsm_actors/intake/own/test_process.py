"""What the process holds, read in the process that runs the tests."""

from pathlib import Path

import psutil
import pytest

from vsm_actors.intake.own.process import OwnReader


def test_this_process_is_measured(tmp_path: Path) -> None:
    here = OwnReader(tmp_path)()
    assert here.resident is not None
    assert here.resident > 1_000_000
    assert here.cores is not None
    assert 1 <= here.cores <= (psutil.cpu_count() or 1)
    assert here.files_open is not None
    assert here.files is None or here.files_open < here.files
    assert here.disk_used is not None
    assert here.gaps == {}


def test_what_is_refused_or_lacking_is_none_and_counted_at_each_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> object:
        raise psutil.AccessDenied(0)

    reader = OwnReader(tmp_path / "not" / "there")
    monkeypatch.setattr(psutil, "virtual_memory", refuse)
    monkeypatch.setattr(reader, "_limit", lambda: -1)
    for _ in range(2):
        here = reader()
        assert (here.memory, here.memory_free, here.disk, here.files) == (None,) * 4
        assert here.gaps == {"denied": 1, "unsupported": 1}
