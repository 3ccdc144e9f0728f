"""``python -m dunctl`` and the ``dunctl`` command."""

from dunctl.cli import main

if __name__ == "__main__":
    main()
