"""A desk with a letter to send, mail servers to send it to, and ways to be killed meanwhile."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from itertools import count
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from click.testing import CliRunner

from dunctl.case.handles import handles
from dunctl.case.toml import loads
from dunctl.cli import main
from dunctl.store import outbox, store
from dunctl.store.outbox import Item
from tests.casefile import entry, invoice
from tests.casefile import text as case_text

NOW = "2026-11-24T10:00:00+00:00"
CERTIFICATE = Path(__file__).parent / "localhost.pem"
DESK = """\
format = 1
[creditor]
name = "Kettle Ltd"
email = "accounts@kettle.example"
contact = "Jo Marsh"
[creditor.bank]
iban = "GB33BUKB20201555555555"
[desk]
timezone = "Europe/London"
[defaults]
currency = "GBP"
country = "GB"
"""
FACTS = """\
email = "office@acme.example"
phone = "+44 117 496 0100"
language = "en"
"""
ANN = entry("person", name="Ann Ward", role="finance", email="ann@acme.example")
OWED = invoice("17", "2026-10-30", "500.00", issued="2026-09-30")
MAIL = '\n[mail]\nserver = "127.0.0.1"\nport = {port}\ntls = "none"\ntimeout = 5\n'


def make_desk(root: Path, *entries: str) -> None:
    """Make a store with the case acme, and let it have its reminder as an e-mail."""
    (root / "cases").mkdir(parents=True)
    (root / "dunctl.toml").write_text(DESK, encoding="utf-8")
    text = case_text(ANN, OWED, *entries, debtor=FACTS)
    (root / "cases" / "acme.toml").write_text(text, encoding="utf-8")


def use(desk: Path, table: str, agree: bool = True) -> None:
    """Have dunctl.toml say how to send, and this machine agree to it."""
    (desk / "dunctl.toml").write_text(DESK + table, encoding="utf-8")
    if agree:
        assert run("send", "--agree")[0] == 0


def run(*words: str, now: str = NOW) -> tuple[int, str]:
    """Run dunctl; returns the exit code and all it says."""
    done = CliRunner().invoke(main, words, env={"DUNCTL_NOW": now, "COLUMNS": "300"})
    return done.exit_code, done.output


def add(desk: Path, *entries: str) -> None:
    path = desk / "cases" / "acme.toml"
    path.write_text(path.read_text("utf-8") + "\n" + "\n".join(entries), encoding="utf-8")


def data(desk: Path) -> dict[str, Any]:
    return loads((desk / "cases" / "acme.toml").read_text("utf-8"))


def sendings(desk: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = data(desk).get("sending", [])
    return found


def states(desk: Path) -> list[str]:
    return [sending["state"] for sending in sendings(desk)]


def letter(desk: Path, nth: int = 0) -> str:
    """Return the handle of a letter."""
    return handles(data(desk))["letter", nth]


def queued(desk: Path) -> list[Item]:
    return outbox.items(store.open_store(desk))


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def opened(envelope: Envelope) -> EmailMessage:
    assert isinstance(envelope.content, bytes)
    message = message_from_bytes(envelope.content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


class Post:
    """What a mail server does with a message, and what it got."""

    def __init__(
        self,
        answer: str = "250 2.0.0 taken as 7F3A",
        *,
        to: str = "250 OK",
        wait: float = 0,
        drop: bool = False,
    ) -> None:
        self.answer, self.to, self.wait, self.drop = answer, to, wait, drop
        self.got: list[Envelope] = []
        self.sessions: list[Any] = []

    async def handle_RCPT(  # noqa: N802 - aiosmtpd calls it so
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.to.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to

    async def handle_DATA(  # noqa: N802 - aiosmtpd calls it so
        self, server: Any, session: Any, envelope: Envelope
    ) -> str:
        if self.answer.startswith("250"):
            self.got.append(envelope)
            self.sessions.append(session)
        await asyncio.sleep(self.wait)
        if self.drop:
            server.transport.abort()
        return self.answer

    @property
    def messages(self) -> list[EmailMessage]:
        return [opened(one) for one in self.got]

    @property
    def ids(self) -> list[str]:
        return [str(message["Message-ID"]) for message in self.messages]


Serve = Callable[..., int]


@contextmanager
def serving() -> Iterator[Serve]:
    """Give what starts a mail server for a Post, at a port of its own, and returns the port."""
    running: list[Controller] = []

    def start(post: Post, *, port: int | None = None, **how: Any) -> int:
        chosen = port or free_port()
        controller = Controller(post, hostname="127.0.0.1", port=chosen, **how)
        controller.start()
        running.append(controller)
        return chosen

    try:
        yield start
    finally:
        for controller in running:
            controller.stop()


class Script(threading.Thread):
    """A server that says its lines: ``answers`` by the first word of what it is told.

    ``None`` closes the connection. Counts the messages whose end it saw.
    """

    def __init__(self, greeting: str | None = "220 hello", **answers: str | None) -> None:
        super().__init__(daemon=True)
        self.greeting = greeting
        self.answers: dict[str, str | None] = dict.fromkeys(("EHLO", "MAIL", "RCPT"), "250 OK")
        self.answers |= {"DATA": "354 go on", "END": "250 taken", "QUIT": "221 bye", **answers}
        self.ended = 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.socket.getsockname()[1]
        self.start()

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb") as lines:
                try:
                    self.talk(lines)
                except OSError:
                    continue

    def talk(self, lines: Any) -> None:
        def say(answer: str | None) -> bool:
            if answer is None:
                return False
            lines.write(answer.encode() + b"\r\n")
            lines.flush()
            return True

        if not say(self.greeting):
            return
        while line := lines.readline():
            word = line.split()[0].decode().upper()
            if not say(self.answers.get(word, "500 what?")) or word == "QUIT":
                return
            if word == "DATA" and str(self.answers["DATA"]).startswith("354"):
                while (line := lines.readline()) not in (b".\r\n", b""):
                    pass
                if not line:
                    return
                self.ended += 1
                if not say(self.answers["END"]):
                    return


class Door:
    """Who may send, and who tried."""

    def __init__(self, user: str = "desk", password: str = "säcret £1") -> None:  # noqa: S107
        self.user, self.password = user, password
        self.tried: list[tuple[bytes, bytes]] = []

    def __call__(
        self, _server: Any, _session: Any, _envelope: Any, _way: str, shown: Any
    ) -> AuthResult:
        assert isinstance(shown, LoginPassword)
        self.tried.append((shown.login, shown.password))
        own = (self.user.encode(), self.password.encode())
        return AuthResult(success=(shown.login, shown.password) == own, handled=False)


def forked(words: list[str], before: Callable[[], object] = lambda: None) -> int:
    """Start ``dunctl WORDS`` in a process of its own, everything imported; returns its id."""
    child = os.fork()
    if child:
        return child
    code = 70
    try:
        null = os.open(os.devnull, os.O_RDWR)
        for handle in (0, 1, 2):
            os.dup2(null, handle)
        sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
        before()
        main(words)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
    finally:
        os._exit(code)


def ended(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


STEPS = (
    (os, "replace"),
    (os, "fsync"),
    (socket.socket, "connect"),
    (socket.socket, "sendall"),
    (socket.socket, "recv_into"),
)
"""What the program asks of the system when it writes a state or speaks with the server."""


def die_at(nth: int) -> Callable[[], None]:
    """Return what makes this process kill itself just before the nth of its steps."""
    asked = count(1)

    def deadly(step: Callable[..., Any]) -> Callable[..., Any]:
        def asking(*given: Any, **named: Any) -> Any:
            if next(asked) == nth:
                os.kill(os.getpid(), signal.SIGKILL)
            return step(*given, **named)

        return asking

    def put() -> None:
        for owner, name in STEPS:
            setattr(owner, name, deadly(getattr(owner, name)))

    return put
