"""From the bytes of a request to what the lanes take."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from vsm_actors.core.batch import Exemplar
from vsm_actors.core.record import Event
from vsm_actors.core.routing import Columns
from vsm_actors.core.series import SeriesTable
from vsm_actors.intake.events.content import Content, Envelopes
from vsm_actors.intake.events.decoded import Decoded, Signal
from vsm_actors.intake.events.duplicates import Claims, Duplicates, Verdict
from vsm_actors.intake.events.faults import FAULTS, EventFault, Fault
from vsm_actors.intake.events.framing import Frame
from vsm_actors.intake.events.plans import Plan, Plans
from vsm_actors.intake.events.rules import Rules, check_time, check_word, out_of_range
from vsm_actors.intake.events.traces import parse_traceparent
from vsm_actors.intake.events.wire import Wire

if TYPE_CHECKING:
    from vsm_actors.intake.events.faults import Reason

SOURCE = "http"
_NONE: Mapping[str, float] = {}


class Decoder:
    """Decodes and checks requests. Several threads may share one."""

    def __init__(self, table: SeriesTable, settings: Rules, duplicates: Duplicates) -> None:
        """Intern into `table`, by `settings`; ids are looked up in `duplicates`."""
        self.plans = Plans(table, settings)
        self.duplicates = duplicates
        self._settings = settings
        self._envelopes = Envelopes()

    def decode(self, body: bytes, content: Content, *, now: float, monotonic: float) -> Decoded:
        """Return what `body` holds, its faulty events left out and counted.

        Args:
            body: decompressed.
            content: what it is, by its headers.
            now: the arrival, Unix seconds.
            monotonic: the arrival, monotonic seconds.

        Raises:
            BrokenBodyError: nothing can be read; nothing stays claimed.
        """
        self.plans.refresh()
        claims = self.duplicates.claims(monotonic)
        request = _Request(self.plans, self._settings, claims, now)
        try:
            request.take_all(self._envelopes.events(body, content))
            return request.decoded(monotonic)
        except BaseException:
            claims.release()
            raise


class _Request:
    """One request as its events are taken, one by one."""

    def __init__(self, plans: Plans, settings: Rules, claims: Claims, now: float) -> None:
        self._plans = plans
        self._settings = settings
        self._claims = claims
        self._now = now
        self._columns = Columns()
        self._records: defaultdict[str, list[Event]] = defaultdict(list)
        self._signals: list[Signal] = []
        self._verdicts: Counter[Verdict] = Counter()
        self._accepted = 0
        self._custom = 0
        self._rejected: Counter[Reason] = Counter()
        self._faults: list[Fault] = []
        self._exemplars: dict[int, Exemplar] = {}

    def take_all(self, frames: Iterable[Frame[Wire]]) -> None:
        for index, frame in enumerate(frames):
            if isinstance(frame, EventFault):
                self._reject(index, frame)
                continue
            try:
                self._take(index, frame)
            except EventFault as fault:
                self._reject(index, fault)

    def decoded(self, monotonic: float) -> Decoded:
        exemplars = tuple(self._exemplars.values())
        return Decoded(
            batch=self._columns.batch(SOURCE, monotonic, exemplars),
            records={name: tuple(found) for name, found in self._records.items()},
            signals=tuple(self._signals),
            accepted=self._accepted,
            custom=self._custom,
            duplicates=self._verdicts[Verdict.REPEATED],
            in_flight=self._verdicts[Verdict.IN_FLIGHT],
            rejected=self._rejected,
            faults=tuple(self._faults),
            claims=self._claims,
        )

    def _reject(self, index: int, fault: EventFault) -> None:
        self._rejected[fault.word] += 1
        if len(self._faults) < FAULTS:
            self._faults.append(Fault(index, fault.field, fault.reason))

    def _take(self, index: int, wire: Wire) -> None:
        measurements = wire.measurements or _NONE
        plan = self._plans.of(wire, measurements)
        for name, low, high in plan.bounds:
            if not low <= measurements[name] <= high:
                raise out_of_range(plan.bounds, measurements)
        given = wire.time
        time = self._now if given is None else check_time(given, self._now, self._settings)
        source = check_word(wire.source, "source") if wire.source else ""
        claim = None
        if wire.event_id not in (None, ""):
            verdict, claim = self._claim(source, wire.event_id)
            if verdict is not Verdict.NEW:
                self._verdicts[verdict] += 1
                return
        if plan.monitors or plan.algedonic:
            self._record(index, plan, wire, (time, claim))
        self._accepted += 1
        self._custom += plan.custom
        self._columns.add(plan.points, measurements, time)
        if wire.traceparent is not None:
            self._trace(plan, wire, measurements, time)

    def _claim(self, source: str, event_id: str | int | None) -> tuple[Verdict, int]:
        return self._claims.claim(source, check_word(str(event_id), "event_id"))

    def _record(self, index: int, plan: Plan, wire: Wire, found: tuple[float, int | None]) -> None:
        time, claim = found
        head = plan.event
        event = Event(
            name=head.name,
            system=head.system,
            path=head.path,
            unit=head.unit,
            time=time,
            arrival=self._now,
            measurements=head.measurements,
            attributes=head.attributes,
            trace=wire.traceparent
            if wire.traceparent and parse_traceparent(wire.traceparent)
            else "",
            source=wire.source or "",
        )
        for monitor in plan.monitors:
            self._records[monitor].append(event)
        if plan.algedonic:
            self._signals.append(Signal(index, event, claim))

    def _trace(
        self, plan: Plan, wire: Wire, measurements: Mapping[str, float], time: float
    ) -> None:
        for series, name, traced in plan.points:
            if traced and name is not None and series not in self._exemplars:
                trace = parse_traceparent(wire.traceparent)
                if trace is not None:
                    self._exemplars[series] = Exemplar(
                        series=series,
                        value=measurements[name],
                        trace=trace.trace,
                        span=trace.span,
                        time=time,
                    )
