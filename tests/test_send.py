"""Letters that go out: once, to whom the case says, when it is allowed, and what came of it.

The mail server is a real one (aiosmtpd), or a few lines that answer by a script where a server has
to misbehave.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from dunctl.case.edit import literal
from dunctl.case.handles import handles
from dunctl.cli import main
from dunctl.errors import Refused
from dunctl.owed.limitation_events import events
from dunctl.store import config, law, outbox, store
from dunctl.store.config import Mail
from dunctl.store.send import by_mail
from tests.casefile import at, entry, paid
from tests.casefile import case as case_with
from tests.maildesk import (
    CERTIFICATE,
    MAIL,
    NOW,
    OWED,
    Door,
    Post,
    Script,
    Serve,
    add,
    data,
    die_at,
    ended,
    forked,
    free_port,
    letter,
    make_desk,
    queued,
    run,
    sendings,
    serving,
    states,
    use,
)  # fmt: skip

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store whose case has a reminder as an e-mail; to be copied."""
    root = tmp_path_factory.mktemp("written") / "desk"
    make_desk(root)
    done = CliRunner().invoke(
        main,
        ["letter", "--store", str(root), "acme", "reminder", "--format", "eml"],
        env={"DUNCTL_NOW": NOW, "DUNCTL_USER": "li.na", "HOME": str(root.parent)},
    )
    assert done.exit_code == 0, done.output
    return root


@pytest.fixture
def desk(written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of that store, and stand in it."""
    root = tmp_path / "desk"
    shutil.copytree(written, root)
    monkeypatch.chdir(root)
    for name, value in {"DUNCTL_NOW": NOW, "DUNCTL_USER": "li.na", "HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SSL_CERT_FILE", os.devnull)  # nobody is vouched for, which is soon read
    return root


@pytest.fixture
def serve() -> Iterator[Serve]:
    with serving() as start:
        yield start


@pytest.fixture
def scripted() -> Iterator[Callable[..., Script]]:
    running: list[Script] = []

    def start(*said: Any, **answers: Any) -> Script:
        running.append(Script(*said, **answers))
        return running[-1]

    yield start
    for script in running:
        script.socket.close()


# It goes out


def test_a_letter_is_sent_once_and_the_case_has_the_answer(desk: Path, serve: Serve) -> None:
    post = Post()
    use(desk, MAIL.format(port=serve(post)))
    code, said = run("send", "acme", "--yes")
    assert code == 0, said
    assert "reminder of Tue 24 Nov" in said
    assert "Ann Ward <ann@acme.example>" in said
    assert "Payment reminder" in said
    (envelope,) = post.got
    assert (envelope.mail_from, envelope.rcpt_tos) == (
        "accounts@kettle.example",
        ["ann@acme.example"],
    )
    (sent,) = sendings(desk)
    assert sent == {
        "at": datetime.fromisoformat(NOW),
        "letter": letter(desk),
        "state": "sent",
        "channel": "email",
        "to": "ann@acme.example",
        "answer": "250 2.0.0 taken as 7F3A",
        "message_id": post.ids[0],
        "by": "li.na",
    }
    assert queued(desk) == []
    code, said = run("send", "acme", letter(desk), "--yes")
    assert code == 1
    assert "was sent Tue 24 Nov 10:00: write a new one" in said
    assert len(post.got) == 1


def test_what_arrives_is_the_letter_that_was_kept(desk: Path, serve: Serve) -> None:
    post = Post()
    use(desk, MAIL.format(port=serve(post)))
    assert run("send", "acme", "--yes", now="2026-11-24T15:30:00+00:00")[0] == 0
    (message,) = post.messages
    (file,) = (desk / "letters" / "acme").glob("*.eml")
    kept = message_from_bytes(file.read_bytes(), policy=default)
    for name in ("Subject", "Message-ID"):
        assert message[name] == kept[name]
    assert "X-Unsent" not in message
    assert message["Date"].datetime == datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
    body, own = (one.as_bytes().partition(b"\n\n")[2] for one in (message, kept))
    assert body == own
    (pdf,) = message.iter_attachments()
    assert pdf.get_content_type() == "application/pdf"
    assert run("letter", "verify", str(file))[0] == 0


def test_lines_that_begin_with_a_point_arrive_whole(serve: Serve, tmp_path: Path) -> None:
    post = Post()
    way = Mail("127.0.0.1", serve(post), "none", None, (), None, 5)
    message = b"Subject: a\r\n\r\n.\r\n..\r\n.a\r\n\r\n.\r\n"
    assert by_mail(way, None, "a@b.example", "c@d.example", message, lambda: None).state == "sent"
    content = post.got[0].content
    assert isinstance(content, bytes)
    assert content.replace(b"\r\n", b"\n") == message.replace(b"\r\n", b"\n")


def test_the_next_letter_answers_the_one_before(desk: Path, serve: Serve) -> None:
    post = Post()
    use(desk, MAIL.format(port=serve(post)))
    assert run("send", "acme", "--yes")[0] == 0
    later = "2026-12-02T10:00:00+00:00"
    assert run("letter", "acme", "reminder", "--format", "eml", now=later)[0] == 0
    code, said = run("send", "acme", "--yes", now=later)
    assert code == 0, said
    first, second = post.messages
    assert second["In-Reply-To"] == first["Message-ID"]
    assert second["Message-ID"] != first["Message-ID"]


def test_the_same_letter_written_again_after_it_was_sent_is_the_same(
    desk: Path, serve: Serve
) -> None:
    use(desk, MAIL.format(port=serve(Post())))
    assert run("send", "acme", "--yes")[0] == 0
    assert run("letter", "acme", "reminder", "--format", "eml")[0] == 0
    assert len(data(desk)["letter"]) == 1


def test_hostile_names_are_names(desk: Path, serve: Serve) -> None:
    post = Post()
    use(desk, MAIL.format(port=serve(post)))
    evil = 'Ann\r\nBcc: evil@evil.example\r\n\r\n<b>"{{ 7 * 7 }}\u202e\x1b[2J, <x@evil.example>'
    path = desk / "cases" / "acme.toml"
    text = path.read_text("utf-8").replace('"Acme"', literal(evil + " Ltd"))
    path.write_text(text.replace('"Ann Ward"', literal(evil)), encoding="utf-8")
    made = run("letter", "acme", "final-demand", "--format", "eml")
    assert made[0] == 0, made
    code, said = run("send", "acme", "--yes")
    assert code == 0, said
    assert "\x1b" not in said
    (envelope,) = post.got
    assert envelope.rcpt_tos == ["ann@acme.example"]
    (message,) = post.messages
    assert [to.addr_spec for to in message["To"].addresses] == ["ann@acme.example"]
    assert "Bcc" not in message
    assert message.get_content_type() == "multipart/mixed"
    page = message.get_body(("html",))
    assert page is not None
    assert "&lt;b&gt;&quot;{{ 7 * 7 }}" in page.get_content()
    assert states(desk) == ["sent"]


# The word of the person, and the agreement of the machine


def test_without_a_word_nothing_is_sent(desk: Path, serve: Serve) -> None:
    post = Post()
    use(desk, MAIL.format(port=serve(post)))
    code, said = run("send", "acme")
    assert code == 1
    assert "nothing was sent; --yes sends it" in said
    assert (post.got, sendings(desk), queued(desk)) == ([], [], [])


@pytest.mark.skipif(os.name != "posix", reason="a terminal is POSIX's")
@pytest.mark.parametrize(("typed", "count"), [("y\n", 1), ("n\n", 0), ("\n", 0)])
def test_on_a_terminal_it_asks(desk: Path, serve: Serve, typed: str, count: int) -> None:
    post = Post()
    use(desk, MAIL.format(port=serve(post)))
    ours, theirs = os.openpty()
    os.write(ours, typed.encode())
    done = subprocess.run(
        [sys.executable, "-m", "dunctl", "send", "acme"],
        stdin=theirs,
        capture_output=True,
        text=True,
        check=False,
    )
    os.close(theirs)
    os.close(ours)
    assert "Send it?" in done.stdout
    assert len(post.got) == count, done.stdout + done.stderr
    assert done.returncode == 1 - count


def test_a_repository_brings_no_server_and_no_command_along(desk: Path, serve: Serve) -> None:
    post = Post()
    table = MAIL.format(port=serve(post)) + 'user = "x"\npassword_command = "touch stolen"\n'
    use(desk, table, agree=False)
    code, said = run("send", "acme", "--yes")
    assert code == 1
    assert "as x, password: runs touch stolen" in said
    assert "this machine has not agreed to that, or it was changed since" in said
    assert run("send", "--agree")[0] == 0
    use(desk, table.replace("touch stolen", "touch changed"), agree=False)
    assert "this machine has not agreed" in run("send", "acme", "--yes")[1]
    assert not (desk / "stolen").exists()
    assert not (desk / "changed").exists()
    assert post.got == []


def test_what_is_sent_goes_out_now_and_not_as_of_a_better_time(desk: Path) -> None:
    for words in (["send", "acme", "--as-of", "mon 10:00"], ["--as-of", "mon", "send", "acme"]):
        code, said = run(*words)
        assert code == 2
        assert "--as-of is for questions" in said


# What must not go out


def held(kind: str) -> str:
    return entry("hold", at="2026-11-24T10:30:00Z", kind=kind)


@pytest.mark.parametrize(
    ("meanwhile", "said"),
    [
        (paid("2026-11-24", "500.00"), "nothing"),
        (paid("2026-11-24", "20.00"), "asks for what is not owed any more: write it anew"),
        (held("stop_contact"), "no letter while that stands"),
        (entry("dispute", at="2026-11-24T10:30:00Z", amount="500.00"), ""),
        (
            entry("step", at="2026-11-24T10:30:00Z", to="closed", why="paid elsewhere"),
            "acme is closed",
        ),
    ],
)
def test_a_letter_that_would_not_be_written_any_more_is_not_sent(
    desk: Path, serve: Serve, meanwhile: str, said: str
) -> None:
    post = Post()
    use(desk, MAIL.format(port=serve(post)))
    add(desk, meanwhile)
    code, answer = run("send", "acme", "--yes", now="2026-11-24T12:00:00+00:00")
    assert code == 1
    assert said in answer
    assert (post.got, sendings(desk)) == ([], [])


def test_a_letter_whose_deadline_is_over_is_not_sent(desk: Path, serve: Serve) -> None:
    post = Post()
    use(desk, MAIL.format(port=serve(post)))
    deadline = data(desk)["letter"][0]["deadline"]
    code, said = run("send", "acme", "--yes", now=f"{deadline}T10:00:00+00:00")
    assert code == 1
    assert "is too late, its deadline is" in said
    assert post.got == []


def test_the_gate_is_asked_and_says_which_rule_and_from_when(
    tmp_path: Path, desk: Path, serve: Serve
) -> None:
    post = Post()
    path = desk / "cases" / "acme.toml"
    text = path.read_text("utf-8").replace("Europe/London", "America/New_York")
    path.write_text(text.replace("[debtor]\n", '[debtor]\ncountry = "US"\nkind = "consumer"\n'))
    guarded = '\n[guard]\nrole = "third_party"\npacks = ["us-regf"]\n'
    use(desk, guarded + MAIL.format(port=serve(post)))
    now = "2026-11-24T11:30:00+00:00"  # 06:30 in New York
    written = run("letter", "acme", "reminder", "--format", "eml", now=now)
    assert written[0] == 0, written[1]
    code, said = run("send", "acme", "--yes", now=now)
    assert code == 1
    assert "us-regf/" in said
    assert "blocks" in said
    assert "Next: Tue 24 Nov 08:00 there (13:00 here)" in said
    assert (post.got, sendings(desk)) == ([], [])
    code, said = run("send", "acme", "--yes", now="2026-11-24T13:00:00+00:00")
    assert code == 0, said
    assert len(post.got) == 1


REST = """
format = 1
title = "One e-mail a week"
as_of = 2026-11-22
default = true
[[rule]]
id = "rest"
title = "seven days of rest after an e-mail"
kind = "cooldown"
days = 7
after = ["email"]
per = ["debt"]
level = "block"
channels = ["email"]
authority = "practice"
source = "our own"
confidence = "verified"
"""


def test_a_letter_counts_as_a_contact_when_it_is_sent_and_not_before(
    desk: Path, serve: Serve
) -> None:
    post = Post()
    use(desk, MAIL.format(port=serve(post)))
    (desk / "policies" / "packs").mkdir(parents=True)
    (desk / "policies" / "packs" / "ours.toml").write_text(REST)
    thursday = "2026-11-26T10:00:00+00:00"
    code, said = run("send", "acme", "--yes", now=thursday)
    assert code == 0, said
    next_week = "2026-12-02T10:00:00+00:00"
    assert run("letter", "acme", "final-demand", "--format", "eml", now=next_week)[0] == 0
    code, said = run("send", "acme", "--yes", now=next_week)
    assert code == 1
    assert "ours/rest blocks" in said
    assert "Next: Thu 3 Dec 00:00" in said, "a week after it was sent, not after it was written"
    assert len(post.got) == 1


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("boss@other.example", "boss@other.example is nobody in acme"),
        ("not an address", "--to is no e-mail address: not an address"),
        ("ann@acme.example\r\nRCPT TO:<b@evil.example>", "is no e-mail address"),
        ("office@acme.example", ""),
        ("OFFICE@ACME.example", ""),
    ],
)
def test_nobody_is_told_of_the_debt_whom_the_case_does_not_know(
    desk: Path, serve: Serve, to: str, said: str
) -> None:
    post = Post()
    use(desk, MAIL.format(port=serve(post)))
    code, answer = run("send", "acme", "--to", to, "--yes")
    assert said in answer
    assert code == (1 if said else 0)
    assert [one.rcpt_tos for one in post.got] == ([] if said else [["office@acme.example"]])


def test_a_stranger_of_the_case_is_not_written_to(desk: Path, serve: Serve) -> None:
    post = Post()
    use(desk, MAIL.format(port=serve(post)))
    add(desk, entry("person", name="Bob", role="reception", email="bob@acme.example"))
    code, said = run("send", "acme", "--to", "bob@acme.example", "--yes")
    assert code == 1
    assert "house/third-party-writing blocks" in said
    assert post.got == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda file: file.write_bytes(file.read_bytes() + b" "), "was changed since"),
        (lambda file: file.write_bytes(file.read_bytes().replace(b"500", b"501")), "was changed"),
        (lambda file: file.unlink(), "cannot be read"),
    ],
)
def test_only_the_letter_that_was_recorded_is_sent(
    desk: Path, serve: Serve, change: Callable[[Path], Any], said: str
) -> None:
    post = Post()
    use(desk, MAIL.format(port=serve(post)))
    (file,) = (desk / "letters" / "acme").glob("*.eml")
    change(file)
    code, answer = run("send", "acme", "--yes")
    assert code == 1
    assert said in answer
    assert post.got == []


def test_no_file_outside_the_store_is_sent(desk: Path, serve: Serve, tmp_path: Path) -> None:
    post = Post()
    use(desk, MAIL.format(port=serve(post)))
    secret = tmp_path / "secret.eml"
    secret.write_bytes(b"Message-ID: <a@b>\r\n\r\nkeys")
    digest = hashlib.sha256(secret.read_bytes()).hexdigest()
    for place in ("../secret.eml", str(secret)):
        keys = {"file": place, "sha256": digest, "template": "reminder", "channel": "email"}
        add(desk, entry("letter", at="2026-11-24T10:00:00Z", **keys))
        code, said = run("send", "acme", letter(desk, -1 + len(data(desk)["letter"])), "--yes")
        assert code == 1
        assert "is outside the store" in said
    assert post.got == []


def test_a_letter_on_paper_says_how_it_can_be_sent(desk: Path, serve: Serve) -> None:
    use(desk, MAIL.format(port=serve(Post())))
    assert run("letter", "acme", "reminder", "--format", "text")[0] == 0
    handle = letter(desk, 1)
    code, said = run("send", "acme", handle, "--yes")
    assert code == 1
    assert "is no e-mail: dunctl letter acme reminder --format eml makes one" in said


# Servers that refuse


@pytest.mark.parametrize(
    ("post", "state", "answer"),
    [
        (Post("550 5.7.1 we take none of that"), "refused", "550 5.7.1 we take none of that"),
        (Post("451 4.3.0 later"), "queued", "451 4.3.0 later"),
        (Post(to="550 5.1.1 no such user"), "refused", "550 5.1.1 no such user"),
        (Post(to="450 4.2.1 greylisted"), "queued", "450 4.2.1 greylisted"),
    ],
    ids=["message 5xx", "message 4xx", "recipient 5xx", "recipient 4xx"],
)
def test_what_a_server_refuses_is_not_gone_and_said_with_its_answer(
    desk: Path, serve: Serve, post: Post, state: str, answer: str
) -> None:
    use(desk, MAIL.format(port=serve(post)))
    for _ in range(2):
        code, said = run("send", "acme", "--yes")
        assert code == 1
    assert states(desk) == ["failed"], "the same answer again is nothing new"
    assert sendings(desk)[0]["answer"] == answer
    assert [item.state for item in queued(desk)] == [state]
    assert answer in run("send", "--queue")[1]
    assert ("dunctl send --retry" in said) is (state == "queued")


def test_a_refused_letter_is_retried_only_by_name(desk: Path, serve: Serve) -> None:
    post = Post(to="550 no such user")
    port = serve(post)
    use(desk, MAIL.format(port=port))
    assert run("send", "acme", "--yes")[0] == 1
    post.to = "250 OK"
    assert run("send", "--retry", "--yes") == (0, "nothing waits\n")
    assert run("send", "acme", "--yes")[0] == 0
    assert states(desk) == ["failed", "sent"]
    assert len(post.got) == 1


def test_a_letter_that_waits_goes_out_when_the_server_is_there(desk: Path, serve: Serve) -> None:
    port = free_port()
    use(desk, MAIL.format(port=port))
    code, said = run("send", "acme", "--yes")
    assert code == 1
    assert "127.0.0.1 cannot be reached: Connection refused" in said
    assert run("send", "--retry")[0] == 1, "not without a word"
    assert run("send", "--retry", "--yes")[0] == 1
    post = Post()
    serve(post, port=port)
    code, said = run("send", "--retry", "--yes")
    assert code == 0, said
    assert len(post.got) == 1
    assert states(desk) == ["failed", "sent"]
    assert run("send", "--queue") == (0, "nothing waits, and nothing is in doubt\n")


def test_a_letter_that_waits_is_not_sent_once_it_is_out_of_date(desk: Path, serve: Serve) -> None:
    port = free_port()
    use(desk, MAIL.format(port=port))
    run("send", "acme", "--yes")
    post = Post()
    serve(post, port=port)
    add(desk, paid("2026-11-24", "500.00"))
    assert run("send", "--retry", "--yes", now="2026-11-25T10:00:00+00:00")[0] == 1
    assert post.got == []


def test_a_letter_that_was_taken_back_leaves_the_queue(desk: Path) -> None:
    use(desk, MAIL.format(port=free_port()))
    run("send", "acme", "--yes")
    assert len(queued(desk)) == 1
    assert run("void", "acme", letter(desk))[0] == 0
    run("send", "--retry", "--yes")
    assert run("send", "--queue")[1] == "nothing waits, and nothing is in doubt\n"


@pytest.mark.parametrize(
    ("answers", "answer"),
    [
        ({"greeting": None}, "closed the connection"),
        ({"greeting": "554 go away"}, "554 go away"),
        ({"greeting": "421 too many of you"}, "421 too many of you"),
        ({"EHLO": "500 no", "HELO": "500 no"}, "500 no"),
        ({"MAIL": "530 log in first"}, "530 log in first"),
        ({"MAIL": None}, "closed the connection"),
        ({"RCPT": "421 bye"}, "421 bye"),
        ({"DATA": "451 not now"}, "451 not now"),
        ({"DATA": None}, "closed the connection"),
    ],
    ids=str,
)
def test_a_server_that_never_took_the_message_leaves_no_doubt(
    desk: Path,
    scripted: Callable[..., Script],
    answers: dict[str, str | None],
    answer: str,
) -> None:
    script = scripted(**answers)
    use(desk, MAIL.format(port=script.port))
    code, said = run("send", "acme", "--yes")
    assert code == 1
    assert states(desk) == ["failed"], said
    assert answer in sendings(desk)[0]["answer"]
    assert [item.state for item in queued(desk)] == ["queued"]
    assert script.ended == 0
    script.greeting = "220 hello"
    script.answers.update(EHLO="250 OK", MAIL="250 OK", RCPT="250 OK", DATA="354 go on")
    assert run("send", "--retry", "--yes")[0] == 0
    assert script.ended == 1


# Servers that leave in doubt


@pytest.mark.parametrize(
    "end", [None, "garbage", "354 go on", "", "999 what"], ids=lambda end: f"END {end!r}"
)
def test_no_clear_answer_after_the_end_of_the_message_is_doubt(
    desk: Path, scripted: Callable[..., Script], end: str | None
) -> None:
    script = scripted(END=end)
    use(desk, MAIL.format(port=script.port))
    code, said = run("send", "acme", "--yes")
    assert code == 1
    assert states(desk) == ["unknown"], said
    assert "it may have been sent: find out" in said
    assert script.ended == 1


def test_a_connection_that_drops_after_the_message_is_said_and_nothing_is_doubled(
    desk: Path, serve: Serve
) -> None:
    post = Post(drop=True)
    use(desk, MAIL.format(port=serve(post)))
    assert run("send", "acme", "--yes")[0] == 1
    assert states(desk) == ["unknown"]
    assert len(post.got) == 1, "it did arrive"
    post.drop = False
    for words in (["send", "acme", "--yes"], ["send", "--retry", "--yes"]):
        run(*words)
        assert len(post.got) == 1, "and is not sent again by itself"
    code, said = run("send", "acme", "--yes")
    assert code == 1
    assert "may have been sent: nobody answered" in said
    assert "the same Message-ID" in said
    assert "--again sends it once more, --mark-sent records that it arrived" in said
    assert "in doubt" in run("send", "--queue")[1]
    assert states(desk) == ["unknown"]


def test_again_sends_it_with_the_same_message_id(desk: Path, serve: Serve) -> None:
    post = Post(drop=True)
    use(desk, MAIL.format(port=serve(post)))
    run("send", "acme", "--yes")
    post.drop = False
    code, said = run("send", "acme", "--again", "--yes", now="2026-11-24T11:00:00+00:00")
    assert code == 0, said
    assert states(desk) == ["unknown", "sent"]
    assert len(set(post.ids)) == 1
    assert len(post.ids) == 2
    assert queued(desk) == []


def test_a_second_time_that_fails_does_not_take_the_doubt_away(desk: Path, serve: Serve) -> None:
    post = Post(drop=True)
    use(desk, MAIL.format(port=serve(post)))
    run("send", "acme", "--yes")
    post.drop, post.to = False, "450 later"
    assert run("send", "acme", "--again", "--yes")[0] == 1
    assert [item.state for item in queued(desk)] == ["unknown"]
    post.to = "250 OK"
    run("send", "--retry", "--yes")
    run("send", "acme", "--yes")
    assert len(post.got) == 1
    assert states(desk) == ["unknown", "failed"]


def test_what_did_arrive_can_be_marked_as_sent(desk: Path, serve: Serve) -> None:
    post = Post(drop=True)
    use(desk, MAIL.format(port=serve(post)))
    assert run("send", "acme", "--mark-sent")[0] == 1, "nothing is in doubt"
    run("send", "acme", "--yes")
    code, said = run("send", "acme", "--mark-sent")
    assert code == 0, said
    assert states(desk) == ["unknown", "sent"]
    assert sendings(desk)[1]["message_id"] == post.ids[0]
    assert queued(desk) == []
    assert run("send", "acme", letter(desk), "--again", "--yes")[0] == 1
    assert len(post.got) == 1


def test_doubt_goes_with_the_case_to_other_machines(desk: Path, serve: Serve) -> None:
    post = Post(drop=True)
    use(desk, MAIL.format(port=serve(post)))
    run("send", "acme", "--yes")
    shutil.rmtree(desk / ".dunctl" / "outbox")
    post.drop = False
    code, said = run("send", "acme", "--yes")
    assert code == 1
    assert "may have been sent" in said
    assert run("send", "acme", "--mark-sent")[0] == 0
    assert len(post.got) == 1


def test_a_slow_server_is_waited_for(desk: Path, serve: Serve) -> None:
    post = Post(wait=1.2)
    use(desk, MAIL.format(port=serve(post)))
    assert run("send", "acme", "--yes")[0] == 0
    assert states(desk) == ["sent"]


def test_a_server_that_is_too_slow_leaves_doubt_and_says_so(desk: Path, serve: Serve) -> None:
    post = Post(wait=2)
    use(desk, MAIL.format(port=serve(post)).replace("timeout = 5", "timeout = 1"))
    assert run("send", "acme", "--yes")[0] == 1
    assert states(desk) == ["unknown"]
    assert sendings(desk)[0]["answer"] == "127.0.0.1 did not answer in 1 s"


# Who we are to the server


def locked(serve: Serve, post: Post, door: Door) -> int:
    return serve(post, authenticator=door, auth_required=True, auth_require_tls=False)


def test_the_password_comes_from_the_environment(
    desk: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    post, door = Post(), Door()
    use(desk, MAIL.format(port=locked(serve, post, door)) + 'user = "desk"\n')
    monkeypatch.setenv("DUNCTL_SMTP_PASSWORD", door.password)
    code, said = run("send", "acme", "--yes")
    assert code == 0, said
    assert len(post.got) == 1


def test_the_password_comes_from_a_command_and_through_no_shell(desk: Path, serve: Serve) -> None:
    post, door = Post(), Door("desk", "a$(b) `c`; d")
    script = desk / "ask.sh"
    script.write_text('#!/bin/sh\nprintf "%s\\nsecond line\\n" "$1"\n', encoding="utf-8")
    script.chmod(0o755)
    table = f"user = \"desk\"\npassword_command = ['./ask.sh', '{door.password}']\n"
    use(desk, MAIL.format(port=locked(serve, post, door)) + table)
    code, said = run("send", "acme", "--yes")
    assert code == 0, said


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("", "there is no password for desk: set password_command under [mail]"),
        ('password_command = "false"\n', "password_command gave no password: it gave none"),
        ('password_command = "true"\n', "password_command gave no password: it gave none"),
        ('password_command = "./no-such"\n', "password_command does not run: No such file"),
    ],
)
def test_without_a_password_nothing_is_tried(
    desk: Path, serve: Serve, command: str, said: str
) -> None:
    post, door = Post(), Door()
    use(desk, MAIL.format(port=locked(serve, post, door)) + 'user = "desk"\n' + command)
    code, answer = run("send", "acme", "--yes")
    assert code == 1
    assert said in answer
    assert (door.tried, sendings(desk)) == ([], [])


def test_a_wrong_password_is_said_and_never_shown(
    desk: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    post, door = Post(), Door()
    use(desk, MAIL.format(port=locked(serve, post, door)) + 'user = "desk"\n')
    monkeypatch.setenv("DUNCTL_SMTP_PASSWORD", "hunter2hunter2")
    code, said = run("send", "acme", "--yes")
    assert code == 1
    assert "535" in said
    assert states(desk) == ["failed"]
    assert [item.state for item in queued(desk)] == ["queued"]
    everything = said + "".join(
        path.read_bytes().decode("utf-8", "replace") for path in desk.rglob("*") if path.is_file()
    )
    assert "hunter2" not in everything


def test_a_server_that_wants_us_to_log_in_says_so(desk: Path, serve: Serve) -> None:
    post = Post()
    use(desk, MAIL.format(port=locked(serve, post, Door())))
    assert run("send", "acme", "--yes")[0] == 1
    assert sendings(desk)[0]["answer"].startswith("530 ")
    assert post.got == []


# In the clear to this machine alone


@pytest.fixture
def identity() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


TLS = '\n[mail]\nserver = "localhost"\nport = {port}\ntls = "{tls}"\ntimeout = 5\n'


def test_over_starttls_it_is_sent_encrypted(
    desk: Path, serve: Serve, identity: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = Post()
    port = serve(post, tls_context=identity, require_starttls=True)
    use(desk, TLS.format(port=port, tls="starttls"))
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    code, said = run("send", "acme", "--yes")
    assert code == 0, said
    assert post.sessions[0].ssl is not None


def test_over_tls_from_the_first_byte_it_is_sent_encrypted(
    desk: Path, serve: Serve, identity: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = Post()
    use(desk, TLS.format(port=serve(post, ssl_context=identity), tls="tls"))
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    code, said = run("send", "acme", "--yes")
    assert code == 0, said
    assert len(post.got) == 1


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_server_that_nobody_vouches_for_gets_nothing(
    desk: Path, serve: Serve, identity: ssl.SSLContext, tls: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    post, door = Post(), Door()
    monkeypatch.setenv("DUNCTL_SMTP_PASSWORD", "hunter2")
    port = serve(post, tls_context=identity, authenticator=door)
    use(desk, TLS.format(port=port, tls=tls) + 'user = "desk"\n')
    assert run("send", "acme", "--yes")[0] == 1
    assert states(desk) == ["failed"]
    assert (post.got, door.tried) == ([], [])


def test_a_server_without_starttls_gets_nothing(
    desk: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    post, door = Post(), Door()
    monkeypatch.setenv("DUNCTL_SMTP_PASSWORD", "hunter2")
    use(desk, TLS.format(port=locked(serve, post, door), tls="starttls") + 'user = "desk"\n')
    assert run("send", "acme", "--yes")[0] == 1
    assert sendings(desk)[0]["answer"] == "localhost offers no STARTTLS"
    assert (post.got, door.tried) == ([], [])


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("[mail]\nport = 25\n", "dunctl.toml:1: [mail] needs its server"),
        (
            '[mail]\nserver = "smtp.example.com"\ntls = "none"\n',
            'dunctl.toml:3: tls = "none" is only for localhost',
        ),
        ('[mail]\nserver = "a"\ntls = "ssl"\n', "dunctl.toml:3: tls "),
        (
            '[mail]\nserver = "a"\npassword = "x"\n',
            "dunctl.toml:3: a password does not belong here: name a password_command",
        ),
        ('[mail]\nserver = "a"\nsmtp = 1\n', "dunctl.toml:3: unknown key smtp"),
        ('[mail]\nserver = "a"\nport = 0\n', "dunctl.toml:3: port must be a whole number"),
        ('[mail]\nserver = "a"\npassword_command = "a \'b"\n', "password_command must be a comm"),
        ("[sms]\n", "dunctl.toml:1: [sms] needs its command"),
        ('[sms]\ncommand = ["./sms.sh"]\n', "command must say where the {number} goes"),
        ('[sms]\ncommand = ["{number}"]\n', "command must say where the {number} goes"),
        ("mail = 1\n", "dunctl.toml:1: [mail] must be a table"),
    ],
)
def test_what_cannot_be_in_the_settings_is_said_with_its_line(table: str, said: str) -> None:
    with pytest.raises(Refused) as refused:
        config.read(table)
    assert said in str(refused.value)


def test_the_port_follows_from_the_encryption() -> None:
    ports = {
        tls: config.read(f'[mail]\nserver = "localhost"\ntls = "{tls}"\n').mail
        for tls in ("starttls", "tls", "none")
    }
    assert {tls: mail and mail.port for tls, mail in ports.items()} == {
        "starttls": 587,
        "tls": 465,
        "none": 25,
    }
    assert config.read("").mail is None


def test_a_fresh_store_shows_how_and_sends_nothing(tmp_path: Path) -> None:
    fresh = config.read(config.new("Kettle Ltd", "UTC", "GBP", "GB"))
    assert (fresh.mail, fresh.sms) == (None, None)


# Text messages


SMS = """
[sms]
command = ["./sms.sh", "--to={number}", "$(touch shell)"]
timeout = 3
"""


@pytest.fixture
def texting(desk: Path) -> Path:
    """Return a desk whose case has its reminder as a text message."""
    script = desk / "sms.sh"
    script.write_text(
        '#!/bin/sh\nprintf "%s\\n" "$@" >> words; cat >> text; echo "id 42"\n', encoding="utf-8"
    )
    script.chmod(0o755)
    use(desk, SMS)
    assert run("void", "acme", letter(desk))[0] == 0
    assert run("letter", "acme", "reminder", "--format", "sms")[0] == 0
    return desk


def becomes(desk: Path, script: str) -> None:
    (desk / "sms.sh").write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")


def test_a_text_message_goes_to_the_command_and_through_no_shell(texting: Path) -> None:
    code, said = run("send", "acme", "--yes")
    assert code == 0, said
    assert "part(s) (GSM-7)" in said
    assert (texting / "words").read_text() == "--to=+441174960100\n$(touch shell)\n"
    (file,) = (texting / "letters" / "acme").glob("*sms*.txt")
    assert (texting / "text").read_text("utf-8") == file.read_text("utf-8").rstrip("\n")
    assert not (texting / "shell").exists()
    (sent,) = sendings(texting)
    assert (sent["state"], sent["channel"], sent["to"]) == ("sent", "sms", "+441174960100")
    assert sent["answer"] == "id 42"
    assert run("send", "acme", letter(texting, 1), "--yes")[0] == 1
    assert (texting / "words").read_text().count("--to") == 1


@pytest.mark.parametrize(
    ("script", "state", "answer"),
    [
        ("echo no credit >&2; exit 3", "failed", "exit code 3 no credit"),
        ("exec sleep 30", "unknown", "no end after 1 s"),
        ("sleep 30 & wait", "unknown", "no end after 1 s"),
        ("kill -9 $$", "unknown", "killed by signal 9"),
    ],
)
def test_the_end_of_the_command_says_whether_it_was_sent(
    texting: Path, script: str, state: str, answer: str
) -> None:
    use(texting, SMS.replace("timeout = 3", "timeout = 1"))
    becomes(texting, script)
    started = time.monotonic()
    assert run("send", "acme", "--yes")[0] == 1
    assert time.monotonic() - started < 10
    assert states(texting) == [state]
    assert sendings(texting)[0]["answer"] == answer
    becomes(texting, "echo >> again")
    code, said = run("send", "acme", "--yes")
    assert (code == 0) is (state == "failed")
    assert (texting / "again").exists() is (state == "failed")
    assert state == "failed" or "sent again it may arrive twice" in said


def test_a_command_that_is_not_there_leaves_it_waiting(texting: Path) -> None:
    (texting / "sms.sh").unlink()
    assert run("send", "acme", "--yes")[0] == 1
    assert sendings(texting)[0]["answer"] == "./sms.sh does not run: No such file or directory"
    assert [item.state for item in queued(texting)] == ["queued"]


def test_no_text_message_leaves_at_night(texting: Path) -> None:
    code, said = run("send", "acme", "--yes", now="2026-11-24T22:30:00+00:00")
    assert code == 1
    assert "house/hours blocks" in said
    assert "Next: Wed 25 Nov 08:00" in said
    assert not (texting / "words").exists()


@pytest.mark.parametrize("number", ["-oProxyCommand=x", "+44 117; rm", "0800 CALL", "1", "+" * 9])
def test_what_is_no_number_reaches_no_command(texting: Path, number: str) -> None:
    code, said = run("send", "acme", f"--to={number}", "--yes")
    assert code == 1
    assert "is no telephone number" in said
    assert not (texting / "words").exists()


# Killed, and several at once


posix = pytest.mark.skipif(not hasattr(os, "fork"), reason="kill -9 is POSIX's")


@posix
def test_killed_at_every_step_nothing_is_doubled_and_nothing_is_lost(
    written: Path, desk: Path, serve: Serve
) -> None:
    post = Post()
    use(desk, MAIL.format(port=serve(post)))
    fresh = desk.parent / "fresh"
    shutil.copytree(desk, fresh)
    os.chdir(desk.parent)
    kinds: dict[str, int] = {}
    nth = 0
    while True:
        nth += 1
        post.got.clear()
        shutil.rmtree(desk)
        shutil.copytree(fresh, desk)
        code = ended(forked(["--store", str(desk), "send", "acme", "--yes"], die_at(nth)))
        time.sleep(0.01)
        arrived = len(post.got)
        after, said = run("--store", str(desk), "send", "acme", letter(desk), "--yes")
        told = states(desk)
        where = f"killed before step {nth}: {arrived} arrived, then {told}, {said}"
        assert len(post.got) == max(arrived, len(post.got)) <= 1, where
        if post.got:
            assert told[-1:] in (["sent"], ["unknown"]), where
        else:
            assert told[-1:] == ["unknown"], where
        assert after == 0 or "may have been sent" in said or "was sent" in said, where
        kinds[f"{arrived} {told}"] = kinds.get(f"{arrived} {told}", 0) + 1
        if told[-1] == "unknown":
            again = run("--store", str(desk), "send", "acme", letter(desk), "--again", "--yes")
            assert (again[0], states(desk)[-1]) == (0, "sent"), where
            assert len(set(post.ids)) == 1, where
        if code != -signal.SIGKILL:
            break
    assert code == 0
    assert kinds.get("0 ['sent']", 0) >= 3, f"killed before it left: {kinds}"
    assert kinds.get("1 ['unknown']", 0) >= 1, f"killed between the message and the answer: {kinds}"
    assert kinds.get("1 ['sent']", 0) >= 3, f"killed after the answer: {kinds}"


@posix
def test_two_who_send_at_once_send_it_once(desk: Path, serve: Serve) -> None:
    post = Post(wait=0.6)
    use(desk, MAIL.format(port=serve(post)))
    command = [sys.executable, "-m", "dunctl", "send", "acme", "--yes"]
    children = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    said = [child.communicate()[1] for child in children]
    assert sorted(child.returncode for child in children) == [0, 1, 1, 1], said
    assert len(post.got) == 1
    assert states(desk) == ["sent"]
    clear = r"another dunctl is sending letter|no letter that is not sent|was sent Tue"
    unclear = [text for text in said if text and not re.search(clear, text)]
    assert unclear == []


@posix
def test_while_one_sends_others_can_write(desk: Path, serve: Serve) -> None:
    post = Post(wait=1.5)
    use(desk, MAIL.format(port=serve(post)))
    child = forked(["send", "acme", "--yes"])
    while not post.got:
        time.sleep(0.02)
    assert "on its way" in run("send", "--queue")[1]
    started = time.monotonic()
    assert run("log", "acme", "no_answer")[0] == 0
    assert time.monotonic() - started < 1
    assert ended(child) == 0
    assert states(desk) == ["sent"]
    assert len(data(desk)["contact"]) == 1


def test_what_was_sent_and_not_recorded_is_recorded_by_the_next_command(
    desk: Path, serve: Serve
) -> None:
    post = Post()
    use(desk, MAIL.format(port=serve(post)))
    path = desk / "cases" / "acme.toml"
    before = path.read_bytes()
    assert run("send", "acme", "--yes")[0] == 0
    opened = store.open_store(desk)
    path.write_bytes(before)
    item = outbox.load(opened, "acme", letter(desk))
    assert item is not None
    outbox.save(opened, item._replace(state="sent"))
    assert "sent, not recorded" in run("send", "--queue")[1]
    assert run("send", "--retry", "--yes")[0] == 0
    assert states(desk) == ["sent"]
    assert len(post.got) == 1


def test_to_take_the_record_back_does_not_send_it_again(desk: Path, serve: Serve) -> None:
    post = Post()
    use(desk, MAIL.format(port=serve(post)))
    assert run("send", "acme", "--yes")[0] == 0
    assert run("void", "acme", handles(data(desk))["sending", 0])[0] == 0
    code, said = run("send", "acme", "--yes")
    assert code == 1
    assert "was sent from here, whatever the case says now" in said
    assert len(post.got) == 1
    assert run("sent", "acme")[0] == 0


# Posted by hand


def test_a_letter_that_was_posted_is_recorded_with_its_number(desk: Path) -> None:
    assert run("letter", "acme", "final-demand", "--format", "text")[0] == 0
    code, said = run("sent", "acme", "--tracking", "RR123456785GB", "--on", "today")
    assert code == 0, said
    assert "tracking number RR123456785GB" in said
    (sent,) = sendings(desk)
    assert sent["letter"] == letter(desk, 1)
    assert (sent["state"], sent["tracking"], sent["by"]) == ("sent", "RR123456785GB", "li.na")
    code, said = run("sent", "acme", letter(desk, 1))
    assert code == 1
    assert "was sent Tue 24 Nov 10:00 already" in said


def test_the_number_can_come_later(desk: Path) -> None:
    assert run("sent", "acme")[0] == 0
    assert run("sent", "acme", letter(desk), "--tracking", "RR1")[0] == 0
    assert run("sent", "acme", letter(desk), "--tracking", "RR1")[0] == 1
    assert [one.get("tracking") for one in sendings(desk)] == [None, "RR1"]


def test_a_letter_is_not_posted_before_it_is_written(desk: Path) -> None:
    code, said = run("sent", "acme", "--on", "2026-11-20")
    assert code == 2
    assert "was not written yet" in said


def test_what_was_sent_by_hand_leaves_the_queue(desk: Path) -> None:
    use(desk, MAIL.format(port=free_port()))
    run("send", "acme", "--yes")
    assert run("sent", "acme", "letters/acme/2026-11-24-reminder-en.eml")[0] == 0
    assert queued(desk) == []
    assert run("send", "acme", letter(desk), "--yes")[0] == 1


@pytest.mark.parametrize("state", ["sent", "failed", "unknown", "no tracking", "later"])
def test_a_letter_with_a_tracking_number_is_a_demand_that_can_be_proved(state: str) -> None:
    demand = entry("letter", at="2026-11-02T09:00:00Z", template="final-demand", amount="500.00")
    ((_, handle),) = handles(case_with(demand).data).items()
    keys = {"letter": handle, "state": state if state in ("failed", "unknown") else "sent"}
    if state != "no tracking":
        keys["tracking"] = "RR1"
    day = "2026-11-20" if state == "later" else "2026-11-03"
    known = case_with(OWED, demand, entry("sending", at=f"{day}T09:00:00Z", **keys))
    profile = law.shipped().limitations["cn"]
    (found,) = [e for e in events(known, profile, date(2026, 11, 10)) if e.kind == "demand"]
    assert (not found.doubt) is (state == "sent")


def test_a_letter_that_could_not_be_sent_is_no_contact_and_no_step(desk: Path) -> None:
    demand = entry("letter", at="2026-11-02T09:00:00Z", template="final-demand", channel="email")
    ((_, handle),) = handles(case_with(demand).data).items()

    def letters(*tried: str) -> int:
        entries = [
            entry("sending", at=f"2026-11-0{3 + nth}T09:00:00Z", letter=handle, state=state)
            for nth, state in enumerate(tried)
        ]
        return len(at(case_with(OWED, demand, *entries), "2026-11-10 09:00").letters)

    assert letters() == 1
    assert letters("failed") == 0
    assert letters("failed", "failed") == 0
    assert letters("failed", "sent") == 1
    assert letters("unknown") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["send"], "name a CASE, or say --queue, --retry or --agree"),
        (["send", "--queue", "--retry"], "name a CASE"),
        (["send", "acme", "--queue"], "name a CASE"),
        (["send", "--retry", "--again"], "are for one CASE"),
        (["send", "acme", "--again", "--mark-sent"], "are for one CASE"),
    ],
)
def test_what_does_not_go_together_is_said(desk: Path, words: list[str], said: str) -> None:
    code, answer = run(*words)
    assert code == 2
    assert said in answer


def test_without_settings_it_says_where_they_are_explained(desk: Path) -> None:
    code, said = run("send", "acme", "--yes")
    assert code == 1
    assert "dunctl.toml has no [mail]: see docs/sending.md" in said
    assert run("send", "--agree")[0] == 1
