from vsm_actors.core.events import CATALOGUE
from vsm_actors.core.families import FAMILIES
from vsm_actors.reference import FOLDER, pages


def test_the_reference_pages_are_in_step_with_the_catalogue() -> None:
    for name, text in pages().items():
        assert (FOLDER / name).read_text() == text, "run `make docs`"


def test_every_event_and_every_metric_is_on_its_page() -> None:
    assert all(f"## `{name}`" in pages()["events.md"] for name in CATALOGUE)
    assert all(f"| `{name}` |" in pages()["metrics.md"] for name in FAMILIES)
