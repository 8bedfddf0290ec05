"""A refusal of the transport: HTTP status and words for whoever sent the request (RFC 9457)."""

from collections.abc import Mapping


class Problem(Exception):
    """Answer `status`. The words say what is allowed and never repeat what was sent."""

    def __init__(self, status: int, de: str = "", en: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.status, self.de, self.en = status, de, en
        self.headers = dict(headers or {})
