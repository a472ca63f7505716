"""How an answer leaves the sandbox: whole, late, drop by drop, cut short, or not at all.

uvicorn gives an application no way to break a connection, so its protocol is extended to hand the socket over.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.types import Message, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sandbox.faults import Fault

SOCKET = "sandbox.transport"


class Protocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol that puts its transport into the scope of each request."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {SOCKET: {"transport": self.transport}}


async def reset(scope: MutableMapping[str, Any]) -> None:
    """Break the connection with a TCP reset instead of an answer."""
    transport: asyncio.Transport = scope["extensions"][SOCKET]["transport"]
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    for _ in range(3):  # uvicorn learns of it in the next turns of the loop
        await asyncio.sleep(0)


async def spoilt(
    fault: Fault, scope: MutableMapping[str, Any], answer: Callable[[Send], Awaitable[None]], send: Send
) -> None:
    """Let `answer` make its reply, then deliver it as the fault says."""
    messages: list[Message] = []

    async def keep(message: Message) -> None:
        messages.append(message)

    await answer(keep)
    start, body = messages[0], b"".join(message.get("body", b"") for message in messages[1:])
    seconds = float(fault.get("seconds", 5))
    if fault.kind == "lost_answer":
        await reset(scope)
    elif fault.kind == "reset_mid_body":
        await send(start)
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        await asyncio.sleep(0.05)  # let the first half reach the client before the reset discards it
        await reset(scope)
    elif fault.kind == "truncated":
        half = body[: len(body) // 2]
        await send({**start, "headers": _with_length(start["headers"], len(half))})
        await send({"type": "http.response.body", "body": half})
    elif fault.kind == "slow_loris":
        await send(start)
        pieces = min(20, len(body)) or 1
        size = -(-len(body) // pieces)
        for at in range(0, len(body), size or 1):
            await asyncio.sleep(seconds / pieces)
            await send({"type": "http.response.body", "body": body[at : at + size], "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    else:
        await asyncio.sleep(seconds)
        await send(start)
        await send({"type": "http.response.body", "body": body})


def _with_length(headers: list[tuple[bytes, bytes]], length: int) -> list[tuple[bytes, bytes]]:
    return [(k, str(length).encode() if k.lower() == b"content-length" else v) for k, v in headers]
