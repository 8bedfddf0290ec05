"""The log: a fault is one line, and what is nobody's fault is none."""

import asyncio
import io
import logging

from doorway import LOG

from quartier.web import logs


def test_a_stream_that_the_stop_of_the_house_cuts_is_no_fault_and_another_error_is_one() -> None:
    out = io.StringIO()
    logs.configure("INFO", out=out)
    try:
        said = logging.getLogger("uvicorn.error")
        said.error("Exception in ASGI application", exc_info=asyncio.CancelledError())
        assert out.getvalue() == ""
        said.error("Exception in ASGI application", exc_info=ValueError("secret"))
        assert out.getvalue().count("\n") == 1
        assert "ValueError" in out.getvalue()
    finally:
        logs.configure("INFO", out=LOG)
