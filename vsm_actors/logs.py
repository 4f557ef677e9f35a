"""Logs: structlog, one event a line, JSON off a terminal and pretty on one."""

import logging
import sys
from typing import TextIO

import structlog
from structlog.typing import Processor


def configure(form: str, level: str, stream: TextIO | None = None) -> None:
    """Set up structlog and the standard library's loggers alike.

    Args:
        form: ``json``, ``pretty``, or "" for pretty on a terminal and JSON elsewhere.
        level: ``debug``, ``info``, ``warning`` or ``error``.
        stream: where lines go; standard error if not said, so that standard output stays for
            the addresses that the daemon prints.
    """
    out = sys.stderr if stream is None else stream
    pretty = form == "pretty" or (not form and out.isatty())
    shared: tuple[Processor, ...] = (
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(_number(level)),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_last(pretty=pretty),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(_number(level))
    logging.getLogger("pykka").setLevel(logging.CRITICAL)  # supervision reports every crash


def _last(*, pretty: bool) -> tuple[Processor, ...]:
    if pretty:
        return (
            structlog.dev.ConsoleRenderer(
                colors=True, pad_event_to=34, exception_formatter=structlog.dev.plain_traceback
            ),
        )
    return (structlog.processors.format_exc_info, structlog.processors.JSONRenderer())


def _number(level: str) -> int:
    return logging.getLevelNamesMapping()[level.upper()]
