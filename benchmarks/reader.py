"""Readers of the page without a browser: each speaks over a socket of its own, moves controls and hears answers."""

import asyncio
import json
import os
import re
import sys
import time
from typing import Any

from tornado.httpclient import AsyncHTTPClient
from tornado.websocket import WebSocketClientConnection, websocket_connect

WITHIN = 300.0  # seconds; a machine with other work answers late


class Reader:
    """One session of the policy room.

    Parameters
    ----------
    link : str
        Address of the page, with what it is opened with.
    """

    def __init__(self, link: str) -> None:
        self.link = link
        self.socket: WebSocketClientConnection
        self.controls = ""
        self.asked: dict[str, str] = {}

    async def open(self) -> "Reader":
        """Fetch the page, open its socket and look for the controls."""
        page = await AsyncHTTPClient().fetch(self.link, request_timeout=WITHIN)
        token = re.search(r'"token":"([^"]+)"', page.body.decode())
        assert token, page.body.decode()[-2000:]
        address = re.sub(r"^http", "ws", self.link.partition("?")[0]) + "ws"
        self.socket = await websocket_connect(
            address, subprotocols=["bokeh", token[1]], max_message_size=100_000_000
        )
        await self._hear("ACK")
        await self._send("PULL-DOC-REQ", {})
        content = await self._hear("PULL-DOC-REPLY")
        found = [
            model["data"]["id"]
            for model in _objects(content)
            if "data" in model and "later" in str(model["data"])
        ]
        assert found, json.dumps(content)
        self.controls = found[0]
        return self

    async def move(self, **state: str) -> float:
        """Move the controls; seconds until they are answered."""
        start = time.monotonic()
        await self.say(**state)
        while True:
            content = await self._hear("PATCH-DOC")
            for event in content["events"]:
                progress = json.loads(event["new"]).get("progress") if event.get("attr") == "shown" else None
                if progress and state.items() <= progress["of"].items():
                    assert progress["done"], progress
                    return time.monotonic() - start

    async def say(self, **state: str) -> None:
        """Move the controls and wait for nothing."""
        self.asked |= state
        new = {"type": "map", "entries": [[key, value] for key, value in self.asked.items()]}
        event = {"kind": "ModelChanged", "model": {"id": self.controls}, "attr": "state", "new": new}
        await self._send("PATCH-DOC", {"events": [event]})

    async def _send(self, kind: str, content: object) -> None:
        for part in ({"msgid": os.urandom(8).hex(), "msgtype": kind}, {}, content):
            await self.socket.write_message(json.dumps(part))

    async def _hear(self, kind: str) -> Any:
        """The content of the next message of a kind; buffers are passed over."""
        while True:
            text = await asyncio.wait_for(self.socket.read_message(), WITHIN)
            assert text is not None, "the page closed the socket"
            if isinstance(text, str) and json.loads(text).get("msgtype") == kind:
                await self.socket.read_message()
                content = await self.socket.read_message()
                assert isinstance(content, str)
                return json.loads(content)


def _objects(content: object) -> list[dict[str, Any]]:
    """Every model of a document, with its attributes."""
    if isinstance(content, list):
        return [one for inside in content for one in _objects(inside)]
    if not isinstance(content, dict):
        return []
    own = [content["attributes"]] if isinstance(content.get("attributes"), dict) else []
    return own + [one for inside in content.values() for one in _objects(inside)]


async def restless(link: str) -> None:
    """Move a slider until stopped, and read what comes: a reader that another process may hold up."""
    reader = await Reader(link).open()
    await reader.move(alliances="0.5")
    print("moving", flush=True)
    for step in range(10**6):
        await reader.say(alliances=f"{0.05 + 0.05 * (step % 20):.2f}")
        await asyncio.sleep(0.02)


if __name__ == "__main__":
    asyncio.run(restless(sys.argv[1]))
