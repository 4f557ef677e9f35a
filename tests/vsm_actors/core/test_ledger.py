from vsm_actors.core.ledger import Ledger


class Tape:
    def __init__(self) -> None:
        self.lines: list[tuple[str, str, float, dict[str, str]]] = []

    def count(self, family: str, amount: float = 1.0, **labels: str) -> None:
        self.lines.append(("count", family, amount, labels))

    def set(self, family: str, value: float, **labels: str) -> None:
        self.lines.append(("set", family, value, labels))

    def observe(self, family: str, value: float, **labels: str) -> None:
        self.lines.append(("observe", family, value, labels))


def keep(ledger: Ledger) -> None:
    ledger.count("vsm_run_points_accepted_total", source="http")
    ledger.set("vsm_run_series", 3.0)
    ledger.observe("vsm_run_scrape_seconds", 0.01)


def test_whatever_counts_sets_and_observes_is_a_ledger() -> None:
    tape = Tape()
    keep(tape)
    assert tape.lines == [
        ("count", "vsm_run_points_accepted_total", 1.0, {"source": "http"}),
        ("set", "vsm_run_series", 3.0, {}),
        ("observe", "vsm_run_scrape_seconds", 0.01, {}),
    ]
