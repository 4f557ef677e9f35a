import shutil
import sqlite3
from pathlib import Path

import msgspec
import pytest

from vsm_actors.actors.algedonic_store import AlgedonicStore
from vsm_actors.actors.errors import StoreError
from vsm_actors.core.algedonic import Alert

NOW = 1_000_000.0


def alert(name: str) -> Alert:
    return Alert(
        id=name, path="acme", at="acme", system=1, unit="", metric=name, kind="pain",
        severity="high", intensity=0.5, message="belt torn", raised=NOW, signals=(name,),
    )  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "algedonic.db"


def opened(file: Path) -> AlgedonicStore:
    store = AlgedonicStore(file)
    store.load(NOW)
    return store


def test_a_new_store_is_empty_and_makes_its_folder(file: Path) -> None:
    assert AlgedonicStore(file).load(NOW) == ()
    assert file.exists()


def test_what_is_saved_is_there_for_the_next_one(file: Path) -> None:
    store = opened(file)
    store.save([alert("a"), alert("b")])
    store.save([alert("c")], forgotten=["a"])
    assert set(AlgedonicStore(file).load(NOW)) == {alert("b"), alert("c")}
    store.close()


def test_every_commit_is_synced_before_it_returns(file: Path) -> None:
    store = opened(file)
    assert store._connection is not None
    [[mode]] = store._connection.execute("PRAGMA synchronous").fetchall()
    [[journal]] = store._connection.execute("PRAGMA journal_mode").fetchall()
    assert (mode, journal) == (2, "wal")
    store.close()


def test_a_group_is_saved_whole_or_not_at_all(file: Path) -> None:
    store = opened(file)
    with sqlite3.connect(file) as other:
        other.execute(
            "CREATE TRIGGER no_b BEFORE INSERT ON alert WHEN NEW.id = 'b' "
            "BEGIN SELECT RAISE(ABORT, 'no b'); END"
        )
    other.close()
    with pytest.raises(StoreError, match="no b"):
        store.save([alert("a"), alert("b")])
    assert AlgedonicStore(file).load(NOW) == ()
    store.close()


def test_a_store_that_is_not_open_refuses(file: Path) -> None:
    with pytest.raises(StoreError, match="not open"):
        AlgedonicStore(file).save([alert("a")])


@pytest.mark.parametrize(
    "content", [b"this is no database" * 100, b"SQLite format 3\0" + b"x" * 500]
)
def test_a_damaged_file_is_set_aside_and_never_deleted(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    store = AlgedonicStore(file)
    assert store.load(NOW) == ()
    assert file.with_name("algedonic.db.damaged-1000000").read_bytes() == content
    store.save([alert("a")])
    assert AlgedonicStore(file).load(NOW) == (alert("a"),)
    store.close()


ROW = msgspec.json.encode(alert("a")).decode()


@pytest.mark.parametrize(
    "body",
    [
        "no json",
        b"\xff",
        5,
        0.5,
        ROW.replace('["a"]', "[]"),
        ROW.replace('"high"', '"odd"'),
        ROW.replace('"id":"a"', '"id":"b"'),
    ],
)
def test_a_row_that_cannot_be_read_sets_the_file_aside(file: Path, body: object) -> None:
    store = opened(file)
    assert store._connection is not None
    store._connection.execute("INSERT INTO alert VALUES ('a', ?)", (body,))
    store.close()
    again = AlgedonicStore(file)
    assert again.load(NOW) == ()
    assert file.with_name("algedonic.db.damaged-1000000").exists()
    again.close()


def test_a_file_that_was_cut_off_is_set_aside(file: Path) -> None:
    store = opened(file)
    store.save([alert(f"a{number}") for number in range(100)])
    store.close()
    content = file.read_bytes()
    for size in range(0, len(content), 500):
        file.write_bytes(content[:size])
        again = AlgedonicStore(file)
        found = again.load(NOW + size)
        again.save([alert("new")])
        assert found == () or len(found) == 100
        again.close()


@pytest.mark.parametrize("then", ["deleted", "replaced"])
def test_a_file_that_is_gone_takes_nothing_until_it_is_made_anew(file: Path, then: str) -> None:
    store = opened(file)
    shutil.rmtree(file.parent)
    if then == "replaced":
        opened(file).close()
    with pytest.raises(StoreError, match="moved or deleted"):
        store.save([alert("a")])
    assert not store.is_open
    assert store.load(NOW) == ()
    store.save([alert("a")])
    store.close()
    assert AlgedonicStore(file).load(NOW) == (alert("a"),)


def test_a_file_that_is_found_damaged_while_in_use_is_closed(file: Path) -> None:
    store = opened(file)
    store.save([alert(f"a{number}") for number in range(500)])
    connection = store._connection
    assert connection is not None
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute("PRAGMA cache_size=1")
    file.write_bytes(b"x" * 4096 + bytes(range(256)) * 16 * 60)
    with pytest.raises(StoreError):
        store.save([alert(f"a{number}") for number in range(500)])
    assert not store.is_open


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(StoreError, match="taken"):
        AlgedonicStore(tmp_path / "taken" / "algedonic.db").load(NOW)


def test_what_was_set_aside_in_the_same_second_stays(file: Path) -> None:
    file.parent.mkdir()
    for content in (b"first" * 100, b"second" * 100):
        file.write_bytes(content)
        store = AlgedonicStore(file)
        assert store.load(NOW) == ()
        store.close()
        for made in file.parent.glob("algedonic.db*"):
            if "damaged" not in made.name:
                made.unlink()
    aside = {one.name: one.read_bytes()[:5] for one in file.parent.glob("*.damaged-*")}
    assert aside == {
        "algedonic.db.damaged-1000000": b"first",
        "algedonic.db.damaged-1000000-2": b"secon",
    }
