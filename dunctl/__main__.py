"""``python -m dunctl`` and the ``dunctl`` command."""

from __future__ import annotations

import gc

from dunctl import cli


def main() -> None:
    """Run one command.

    The garbage collector stays off: a command is short and leaves no cycles worth looking for, and
    over ten thousand cases the looking would cost a third of the time.
    """
    gc.disable()
    cli.main()


if __name__ == "__main__":
    main()
