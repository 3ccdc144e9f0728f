"""What did the user ask? One module per verb: parse, call, show, return an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from dunctl import __version__
from dunctl.errors import DunctlError

VERBS = {
    "init": "init",
    "new": "new",
    "set": "set",
    "invoice": "invoice",
    "pay": "pay",
    "bounce": "bounce",
    "credit": "credit",
    "refund": "refund",
    "charge": "charge",
    "waive": "waive",
    "log": "log",
    "promise": "promise",
    "confirm": "confirm",
    "acknowledge": "acknowledge",
    "document": "document",
    "plan": "plan",
    "settle": "settle",
    "approve": "approve",
    "dispute": "dispute",
    "hold": "hold",
    "release": "release",
    "escalate": "escalate",
    "void": "void",
    "undo": "undo",
    "today": "today",
    "why": "why",
    "hours": "hours",
    "calendar": "calendar",
    "brief": "brief",
    "may": "may",
    "show": "show",
    "supply": "supply",
    "ls": "ls",
    "letter": "letter",
    "send": "send",
    "sent": "sent",
    "letters": "letters",
    "templates": "templates",
    "owed": "owed",
    "statement": "statement",
    "ageing": "ageing",
    "expected": "expected",
    "next-step": "next_step",
    "limitation": "limitation",
    "dossier": "dossier",
    "check": "check",
    "policy": "policy",
    "rates": "rates",
    "import": "import_",
    "sync": "sync",
    "review": "review",
    "history": "history",
    "schema": "schema",
    "merge-file": "merge_file",
    "in-words": "in_words",
}
"""Every verb and its module, in the order of a case's life; loaded when it is asked for."""

BUG = 3


class Desk(click.Group):
    """The group of verbs: loads a verb when it is called, and turns errors into exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the verbs in the order of a case's life."""
        return list(VERBS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        cmd_name: str,
    ) -> click.Command | None:
        """Load a verb's module."""
        if cmd_name not in VERBS:
            return None
        command: click.Command = import_module(f"dunctl.cli.{VERBS[cmd_name]}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb, or say which one may have been meant."""
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            from dunctl.case.fields import closest

            ctx.fail(f"There is no command {args[0]!r}.{closest(args[0], list(VERBS))}")
        return super().resolve_command(ctx, args)

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> Any:
        """Run; what a user can mend is one sentence, anything else is a bug with its report."""
        _open_closed()
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                encoding = "utf-8" if os.name == "nt" else None
                stream.reconfigure(encoding=encoding, errors="replace")
        try:
            code = super().main(args, *rest, **{**extra, "standalone_mode": False})
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message())
            code = error.exit_code
        except click.UsageError as error:
            code = _complain(error.format_message() + _help(error.ctx), error.exit_code)
        except click.ClickException as error:
            code = _complain(error.format_message(), error.exit_code)
        except DunctlError as error:
            code = _complain(str(error), error.exit_code)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            code = 1
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            code = _complain(f"{where}{error.strerror or error}", 1)
        except (click.Abort, KeyboardInterrupt):
            code = _complain("stopped; nothing half done is left behind", 130)
        except Exception:
            if os.environ.get("DUNCTL_DEBUG"):
                raise
            code = _complain(f"this is a bug of dunctl; please send {_report()}", BUG)
        sys.exit(code or 0)


def _open_closed() -> None:
    """Open the standard streams that whoever started us has closed, so that no file takes them."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - open to the end


def _complain(sentence: str, code: int) -> int:
    from dunctl.show.text import clean

    click.echo("dunctl: " + "\n".join(map(clean, sentence.split("\n"))), err=True)
    return code


def _help(ctx: click.Context | None) -> str:
    return f" (see {ctx.command_path} --help)" if ctx else ""


def _report() -> str:
    import tempfile
    import traceback

    text = f"dunctl {__version__}, Python {sys.version}\n{sys.argv[1:]}\n{traceback.format_exc()}"
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="dunctl-bug-", suffix=".txt", delete=False, encoding="utf-8"
        ) as report:
            report.write(text)
    except OSError:
        return text
    return report.name


@click.group(cls=Desk, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="dunctl")
@click.option("--store", metavar="DIR", help="The folder with dunctl.toml; else upwards from here.")
@click.option("--as-of", metavar="WHEN", help="Answer as of this day or instant.")
@click.option(
    "--as-known-at",
    metavar="COMMIT",
    help="Answer from the files as they were in this commit.",
)
@click.pass_context
def main(ctx: click.Context, store: str | None, as_of: str | None, as_known_at: str | None) -> None:
    """Keep the cases of those who pay late, in plain files.

    Each debtor is a TOML file under cases/. Record what happens, ask whom to call today, and let
    every figure be recomputed from the file. CASE is an id, the start of one, or a part of the
    debtor's name. Days can be written as people say them: fri 15:00, tomorrow, 27 Nov, +3d, 周五.

    Example: dunctl today
    """
    ctx.obj = {"store": store, "as_of": as_of, "as_known_at": as_known_at}
