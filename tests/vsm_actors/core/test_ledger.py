from vsm_actors.core.ledger import Ledger


class Books:
    """The least that is a ledger."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, float]] = []

    def count(self, family: str, amount: float = 1.0, **labels: str) -> None:
        del labels
        self.lines.append((family, amount))

    def set(self, family: str, value: float, **labels: str) -> None:
        self.count(family, value, **labels)

    def observe(self, family: str, value: float, **labels: str) -> None:
        self.count(family, value, **labels)


def keep(ledger: Ledger) -> None:
    ledger.count("vsm_run_ticks_missed_total")
    ledger.set("vsm_run_series", 7.0)
    ledger.observe("vsm_run_scrape_seconds", 0.01)


def test_whatever_counts_sets_and_observes_is_a_ledger() -> None:
    books = Books()
    keep(books)
    assert books.lines == [
        ("vsm_run_ticks_missed_total", 1.0),
        ("vsm_run_series", 7.0),
        ("vsm_run_scrape_seconds", 0.01),
    ]
