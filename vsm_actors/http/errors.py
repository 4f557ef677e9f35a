"""Errors of the server thread."""


class HttpError(Exception):
    """Anything that goes wrong around the listeners."""


class ListenError(HttpError, OSError):
    """An address that cannot be listened on, most often because it is taken.

    Attributes:
        flag: the flag that changes it.
        address: ``HOST:PORT``.
        reason: what the operating system said.
    """

    def __init__(self, flag: str, address: str, reason: str) -> None:
        """Keep the facts, and name the way out."""
        super().__init__(f"cannot listen on {address}: {reason}; choose another with {flag}")
        self.flag = flag
        self.address = address
        self.reason = reason


class ServerStateError(HttpError, RuntimeError):
    """The server thread was asked for what it cannot do in the state that it is in.

    Attributes:
        state: what it is: started, closed, hung.
    """

    def __init__(self, state: str) -> None:
        """Keep the fact."""
        super().__init__(f"the server thread is {state}")
        self.state = state
