"""What supervision reports, into the log."""

from typing import assert_never

import structlog

from supervision import (
    AbandonedEnded,
    CallbackFailed,
    ChildTerminated,
    HeirErased,
    IntensityExceeded,
    MessageLost,
    Progress,
    Report,
    RestartDelayed,
    ShutdownError,
    StartError,
    ThreadAbandoned,
)

_log = structlog.get_logger("supervision")

_SHOWN = 500
"""Letters of a lost message that are logged; a batch of points prints longer than it reads."""


def log(report: Report) -> None:  # noqa: C901, PLR0912 - a closed union, a case for each
    """Write one report; a crash with its traceback, a lost message with its beginning."""
    actor = {"actor": report.path, "incarnation": report.incarnation}
    match report:
        case Progress():
            _log.debug("supervision.child_started", **actor)
        case ChildTerminated() | StartError() | ShutdownError():
            _log_exit(report, actor)
        case IntensityExceeded():
            _log.error(
                "supervision.intensity_exceeded",
                **actor,
                child=report.child,
                gives_up=report.gives_up,
            )
        case RestartDelayed():
            _log.warning("supervision.restart_delayed", **actor, seconds=report.seconds)
        case ThreadAbandoned():
            _log.error(
                "supervision.thread_abandoned", **actor, thread=report.thread, stack=report.stack
            )
        case AbandonedEnded():
            _log.info("supervision.abandoned_ended", **actor, thread=report.thread)
        case MessageLost():
            _log.error("supervision.message_lost", **actor, message=repr(report.message)[:_SHOWN])
        case HeirErased():
            _log.error("supervision.heir_erased", **actor)
        case CallbackFailed():
            _log.error(
                "supervision.callback_failed",
                **actor,
                callback=report.callback,
                exc_info=report.error,
            )
        case _:
            assert_never(report)


def _log_exit(
    report: ChildTerminated | StartError | ShutdownError, actor: dict[str, object]
) -> None:
    event = {
        ChildTerminated: "supervision.child_terminated",
        StartError: "supervision.start_failed",
        ShutdownError: "supervision.stop_failed",
    }[type(report)]
    error = getattr(report.cause, "error", None)
    write = _log.info if error is None else _log.error
    write(event, **actor, cause=type(report.cause).__name__, exc_info=error)
