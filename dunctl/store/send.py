"""A message to the server, a text to the command of the user's choosing, and what came of it.

What counts is the end of the message: until that has left, nothing was sent; from then on, until
there is an answer, nobody knows.
"""

from __future__ import annotations

import os
import re
import signal
import smtplib
import ssl
import subprocess
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from dunctl.errors import Refused
from dunctl.store.config import Mail, Sms
from dunctl.tuples import NamedTuple
from dunctl.words import t

PASSWORD = "DUNCTL_SMTP_PASSWORD"  # noqa: S105 - the name of the variable
LONGEST = 300
"""Characters that are kept of an answer."""

_PASSWORD_SECONDS = 60


class Outcome(NamedTuple):
    """``sent``, ``queued`` (try again), ``refused`` (in vain) or ``unknown``, and the answer."""

    state: str
    answer: str


def password(mail: Mail, root: Path) -> str | None:
    """Return the password of ``mail.user``: from the environment, else from its command.

    ``None`` without a user. Raises ``Refused`` where there is none; no message says what it is.
    """
    if not mail.user:
        return None
    if os.environ.get(PASSWORD):
        return os.environ[PASSWORD]
    if not mail.password_command:
        raise Refused(
            t(
                "there is no password for {user}: set password_command under [mail], or {variable}",
                user=mail.user,
                variable=PASSWORD,
            )
        )
    try:
        done = _run(mail.password_command, "", root, _PASSWORD_SECONDS)
    except OSError as error:
        raise Refused(
            t("password_command does not run: {why}", why=error.strerror or error)
        ) from error
    found = done.out.split("\n")[0].rstrip("\r")
    if done.code != 0 or not found:
        why = _clean(done.err.strip().rpartition("\n")[2]) or t("it gave none")
        raise Refused(t("password_command gave no password: {why}", why=why))
    return found


def by_mail(
    mail: Mail,
    password: str | None,
    sender: str,
    to: str,
    message: bytes,
    leaving: Callable[[], None],
) -> Outcome:
    """Give a message with CRLF line ends to the server; ``leaving`` is called before it leaves."""
    stage = _Stage()
    try:
        return _speak(mail, password, sender, to, message, leaving, stage)
    except smtplib.SMTPResponseException as error:
        answer = _answer(error.smtp_code, error.smtp_error)
    except ssl.SSLCertVerificationError as error:
        answer = t("no trust in {server}: {why}", server=mail.server, why=error.verify_message)
    except (smtplib.SMTPServerDisconnected, TimeoutError) as error:
        if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
            answer = t("{server} did not answer in {n} s", server=mail.server, n=mail.timeout)
        else:
            answer = t("{server} closed the connection", server=mail.server)
    except smtplib.SMTPException as error:
        answer = f"{mail.server}: {error}"
    except OSError as error:
        why = error.strerror or error
        answer = t("{server} cannot be reached: {why}", server=mail.server, why=why)
    except KeyboardInterrupt:
        answer = t("stopped by hand")
    return Outcome("unknown" if stage.left else "queued", _clean(answer))


class _Stage:
    """Whether the end of the message has left."""

    left = False


def _speak(
    mail: Mail,
    password: str | None,
    sender: str,
    to: str,
    message: bytes,
    leaving: Callable[[], None],
    stage: _Stage,
) -> Outcome:
    smtp = _connected(mail, sender.rpartition("@")[2] or "localhost")
    try:
        smtp.ehlo_or_helo_if_needed()
        if mail.tls == "starttls":
            if not smtp.has_extn("starttls"):
                return Outcome("queued", t("{server} offers no STARTTLS", server=mail.server))
            smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo()
        if mail.user and password is not None:
            _log_in(smtp, mail.user, password)
        _ask(smtp, "MAIL", f"FROM:<{sender}>")
        code, said = smtp.docmd("RCPT", f"TO:<{to}>")
        if code not in (250, 251):
            return _no(code, said)
        leaving()
        code, said = smtp.docmd("DATA")
        if code != 354:
            return _no(code, said)
        smtp.send(re.sub(rb"(?m)^\.", b"..", message))
        stage.left = True
        smtp.send(b".\r\n")
        code, said = smtp.getreply()
        if not 200 <= code < 600 or 300 <= code < 400:
            return Outcome("unknown", _answer(code, said))
        outcome = Outcome("sent", _answer(code, said)) if 200 <= code < 300 else _no(code, said)
        with suppress(OSError, smtplib.SMTPException):
            smtp.putcmd("QUIT")
        return outcome
    finally:
        smtp.close()


def _connected(mail: Mail, name: str) -> smtplib.SMTP:
    """Return a connection to the server, which is to know this machine by ``name``."""
    if mail.tls == "tls":
        return smtplib.SMTP_SSL(
            mail.server,
            mail.port,
            local_hostname=name,
            timeout=mail.timeout,
            context=ssl.create_default_context(),
        )
    return smtplib.SMTP(mail.server, mail.port, local_hostname=name, timeout=mail.timeout)


def _log_in(smtp: smtplib.SMTP, user: str, password: str) -> None:
    """Log in; a password may have letters of any script."""
    if "PLAIN" in smtp.esmtp_features.get("auth", "").upper().split():
        secret = b64encode(f"\0{user}\0{password}".encode()).decode()
        code, said = smtp.docmd("AUTH", f"PLAIN {secret}")
        if code not in (235, 503):
            raise smtplib.SMTPAuthenticationError(code, said)
        return
    try:
        smtp.login(user, password)
    except UnicodeEncodeError as error:
        raise smtplib.SMTPException(t("this server takes no such password")) from error


def _ask(smtp: smtplib.SMTP, command: str, words: str) -> None:
    code, said = smtp.docmd(command, words)
    if code != 250:
        raise smtplib.SMTPResponseException(code, said)


def _no(code: int, said: bytes) -> Outcome:
    if code == -1:
        raise smtplib.SMTPServerDisconnected
    return Outcome("refused" if 500 <= code < 600 else "queued", _answer(code, said))


def _answer(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return _clean(f"{code} {text}")


def _clean(text: str) -> str:
    """Return a text of others as one short line."""
    kept = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(kept.split())[:LONGEST]


def by_command(
    sms: Sms, root: Path, number: str, text: str, leaving: Callable[[], None]
) -> Outcome:
    """Give a text to the command, on its standard input; exit code 0 is sent.

    ``{number}`` in its words is the number. It is run in ``root`` and through no shell.
    """
    words = [sms.command[0], *(word.replace("{number}", number) for word in sms.command[1:])]
    leaving()
    try:
        done = _run(words, text, root, sms.timeout)
    except OSError as error:
        why = error.strerror or error
        return Outcome("queued", t("{command} does not run: {why}", command=words[0], why=why))
    except KeyboardInterrupt:
        return Outcome("unknown", t("stopped by hand"))
    if done.code is None:
        return Outcome("unknown", t("no end after {n} s", n=sms.timeout))
    said = _clean((done.out if done.code == 0 else done.err).strip().rpartition("\n")[2])
    if done.code < 0:
        return Outcome("unknown", t("killed by signal {n}", n=-done.code))
    if done.code:
        return Outcome("queued", _clean(t("exit code {n}", n=done.code) + f" {said}"))
    return Outcome("sent", said)


class _Done(NamedTuple):
    """How a command ended: ``code`` is ``None`` if it did not in time."""

    code: int | None
    out: str
    err: str


def _run(words: Sequence[str], text: str, root: Path, seconds: int) -> _Done:
    """Run a command with all that it starts, which is ended with it if it takes too long."""
    environment: Mapping[str, str] = {k: v for k, v in os.environ.items() if k != PASSWORD}
    child = subprocess.Popen(
        words,
        cwd=root,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=os.name == "posix",
    )
    try:
        out, err = child.communicate(text.encode(), seconds)
        code: int | None = child.returncode
    except subprocess.TimeoutExpired:
        _end(child)
        out, err, code = b"", b"", None
    except KeyboardInterrupt:
        _end(child)
        raise
    return _Done(code, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"))


def _end(child: subprocess.Popen[bytes]) -> None:
    if os.name == "posix":
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
    else:
        child.kill()
    child.wait()
    for pipe in (child.stdin, child.stdout, child.stderr):
        if pipe:
            with suppress(OSError):
                pipe.close()
