"""``python -m dunctl`` and the ``dunctl`` command.

The garbage collector stays off from the start: a command is short and leaves no cycles worth
looking for, and over ten thousand cases the looking would cost a third of the time. At the end it
does not look through everything once more.
"""

from __future__ import annotations

import gc

gc.disable()

from dunctl import cli  # noqa: E402 - after the collector is off


def main() -> None:
    """Run one command."""
    try:
        cli.main()
    finally:
        gc.freeze()


if __name__ == "__main__":
    main()
