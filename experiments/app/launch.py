"""Serve the page: on this machine's loopback unless told otherwise, and then with a token."""

from __future__ import annotations

import argparse
import hmac
import secrets
import shutil
import signal
import sys
import tempfile
import webbrowser
from collections.abc import Mapping, Sequence
from pathlib import Path
from queue import Queue
from typing import Any, Final

import panel as pn
from bokeh.server.auth_provider import NullAuth
from tornado.web import RequestHandler

from experiments.app.bank_room import BankRoom
from experiments.app.figures import THEME
from experiments.app.model_room import ModelRoom
from experiments.app.page import LONGEST, Lines, Visit, css
from experiments.app.policy_room import PolicyRoom
from experiments.app.work import Line, Offer, Refusal, Request
from experiments.labels import Labels
from experiments.location import DATA

LOOPBACK: Final = ("127.0.0.1", "localhost")
PORT: Final = 5006
SESSIONS: Final = 50
LARGEST_UPLOAD: Final = 12 * 1024 * 1024  # bytes of one message of a browser
GONE_AFTER: Final = 60_000  # milliseconds after which a session that nobody looks at is forgotten
COOKIE: Final = "honeycomb-token"


class Token(NullAuth):  # type: ignore[misc]
    """Lets in who knows the token: once in the address, then by a cookie that scripts cannot read."""

    def __init__(self, token: str) -> None:
        self.token = token
        super().__init__()

    @property
    def get_user(self) -> object:
        """Tell whether a request comes with the token."""

        def user(handler: RequestHandler) -> str | None:
            token = handler.get_argument("token", "") or handler.get_cookie(COOKIE, "") or ""
            if not hmac.compare_digest(token.encode(), self.token.encode()):
                return None
            if not handler.get_cookie(COOKIE, "") and not handler._headers_written:
                handler.set_cookie(COOKIE, token, httponly=True, samesite="Strict")
            return "reader"

        return user

    @property
    def login_url(self) -> str:
        """Where those go who do not know it."""
        return "/token"

    @property
    def login_handler(self) -> type[RequestHandler]:
        """Says that the token is missing."""
        return Missing


class Missing(RequestHandler):  # type: ignore[misc]
    """Says that the token is missing."""

    def get(self) -> None:
        """Refuse."""
        self.set_status(403)
        self.finish("This page needs the token that stands in the address printed where it was started.")


class Host:
    """The page with its workers and sessions.

    Parameters
    ----------
    folders : sequence of str
        Folders of the user's own configuration files.
    sessions : int
        How many it takes at once.
    workers : int
        For first answers; as many again, which give way to these, for the rest.
    """

    def __init__(self, folders: Sequence[str] = (), sessions: int = SESSIONS, workers: int = 1) -> None:
        self.place = Path(tempfile.mkdtemp(prefix="honeycomb-page-"))
        self.files = self.place / "files"
        self.files.mkdir()
        self.lines = Lines(
            Line(workers, self.place, folders), Line(workers, self.place, folders, patient=True), self.place
        )
        self.sessions, self.visits = sessions, dict[str, Visit]()
        self.offer: Offer

    def ready(self) -> None:
        """Wait until levers and banks are known and the first worker is warm.

        Raises
        ------
        RuntimeError
            With why they are not.
        """
        answers: Queue[Offer | Refusal] = Queue()
        self.lines.quick.ask("host", Request("offer", (), answers.put))
        result = answers.get()
        if isinstance(result, Refusal):
            raise RuntimeError(str(result.why))
        self.offer = result

    def page(self) -> None:
        """Make the page of a new session."""
        document = pn.state.curdoc
        arguments = _query(pn.state.session_args)
        name = secrets.token_hex(8)
        visit = Visit(name, arguments, self.lines, document=document)
        if len(self.visits) >= self.sessions:
            full = visit.labels("app.full", count=self.sessions)
            pn.pane.HTML(f'<p class="wrong">{full}</p>', stylesheets=[css()]).server_doc(document)
            return
        self.visits[name] = visit
        document.on_session_destroyed(lambda _: self._left(name))
        document.theme = THEME
        document.add_next_tick_callback(visit.begin)
        with document.models.freeze():  # else every part that is added has all the others gone through again
            self._room(visit).server_doc(document)

    def _room(self, visit: Visit) -> Any:
        offer = self.offer
        if visit.room == "bank":
            room = BankRoom(visit, offer.templates, offer.futures)
            visit.document.on_session_destroyed(lambda _: room.left())
            return room.page()
        if visit.room == "model":
            return ModelRoom(visit, offer.shipped, offer.banks).page()
        return PolicyRoom(visit, offer.shipped, offer.quarters).page()

    def _left(self, name: str) -> None:
        visit = self.visits.pop(name, None)
        if visit is not None:
            visit.gone = True
        for line in (self.lines.quick, self.lines.patient):
            line.forget(name)
            line.forget(f"{name}/report")

    def close(self) -> None:
        """End the workers and remove what they wrote."""
        self.lines.quick.close()
        self.lines.patient.close()
        shutil.rmtree(self.place, ignore_errors=True)


def _query(arguments: Mapping[str, Sequence[bytes]]) -> dict[str, str]:
    """The address of a session; what is too long to be one is left out."""
    query = {key: values[-1].decode("utf-8", "replace") for key, values in arguments.items() if values}
    return {key: value for key, value in query.items() if len(key) <= 80 and len(value) <= LONGEST}


def server(host: Host, address: str, port: int, token: str = "") -> Any:
    """A server of the page, listening but not yet serving."""
    # Behind a token any name and port may lead here, a container's too: who comes from another page has no cookie.
    origins = ["*"] if token else [f"{name}:{port}" for name in LOOPBACK]
    authentication: dict[str, Any] = {"auth_provider": Token(token)} if token else {}
    return pn.io.server.get_server(
        {"/": host.page},
        address=address,
        port=port,
        websocket_origin=origins,
        static_dirs={"files": str(host.files), "fonts": str(DATA / "fonts")},
        websocket_max_message_size=LARGEST_UPLOAD,
        check_unused_sessions_milliseconds=10_000,
        unused_session_lifetime_milliseconds=GONE_AFTER,
        title=Labels("en")("app.title"),
        show=False,
        start=False,
        **authentication,
    )


def main(words: Sequence[str]) -> int:
    """Do what ``honeycomb app`` asks for.

    Parameters
    ----------
    words : sequence of str
        The words after ``app``.

    Returns
    -------
    int
        Exit status.
    """
    parser = argparse.ArgumentParser(prog="honeycomb app", description=__doc__)
    parser.add_argument(
        "--address", default=LOOPBACK[0], help="where to listen; anything but the loopback asks for a token"
    )
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--token", default="", help="instead of one made up at random")
    parser.add_argument("--sessions", type=int, default=SESSIONS, help="how many it takes at once")
    parser.add_argument(
        "--workers", type=int, default=1, help="processes for first answers; as many again for the rest"
    )
    parser.add_argument(
        "--config-dir", action="append", default=[], help="a folder of your own configuration files"
    )
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser")
    options = parser.parse_args(words)
    token = options.token or ("" if options.address in LOOPBACK else secrets.token_urlsafe(18))
    host = Host(options.config_dir, options.sessions, options.workers)
    try:
        return _served(host, options, token)
    finally:
        host.close()


def _served(host: Host, options: argparse.Namespace, token: str) -> int:
    try:
        listening = server(host, options.address, options.port, token)
    except OSError as error:
        print(f"{options.address}:{options.port}: {error.strerror}; --port chooses another", file=sys.stderr)
        return 1
    host.ready()
    link = f"http://{options.address}:{options.port}/" + (f"?token={token}" if token else "")
    print(f"{link}\nCtrl-C ends it", flush=True)
    if not options.no_browser:
        webbrowser.open(link)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: listening.io_loop.add_callback_from_signal(listening.io_loop.stop))
    listening.start()
    listening.io_loop.start()
    return 0
