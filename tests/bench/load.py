"""Load from a process of its own: so many connections, each asks again as soon as it is answered.

    python -m bench.load PORT CONNECTIONS SECONDS < requests.json      (a list of {"host", "token", "body"})

Prints one line of JSON: requests, seconds, p50 and p99 in milliseconds, errors, bytes of the first answer.
"""

import asyncio
import itertools
import json
import sys
import time
from typing import Any

import uvloop


def _raw(request: dict[str, Any]) -> bytes:
    body = json.dumps(request["body"]).encode()
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: {request['host']}\r\nAuthorization: Bearer {request['token']}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, raw: bytes) -> tuple[int, bytes]:
    writer.write(raw)
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return int(head[9:12]), await reader.readexactly(length)


async def main(port: int, connections: int, seconds: float, requests: list[dict[str, Any]]) -> dict[str, Any]:
    raws = itertools.cycle([_raw(request) for request in requests])
    took: list[float] = []
    failed = 0
    size = 0
    until = time.perf_counter() + seconds

    async def one() -> None:
        nonlocal failed, size
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
        while (begun := time.perf_counter()) < until:
            status, body = await _ask(reader, writer, next(raws))
            took.append(time.perf_counter() - begun)
            size = len(body)
            failed += status != 200 or b'"errors"' in body
        writer.close()

    begun = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(connections)))
    elapsed = time.perf_counter() - begun
    took.sort()
    return {
        "requests": len(took),
        "seconds": elapsed,
        "p50_ms": took[len(took) // 2] * 1e3,
        "p95_ms": took[int(len(took) * 0.95)] * 1e3,
        "p99_ms": took[int(len(took) * 0.99)] * 1e3,
        "errors": failed,
        "bytes": size,
    }


if __name__ == "__main__":
    given = json.load(sys.stdin)
    print(json.dumps(uvloop.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), given))))
