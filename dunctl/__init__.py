"""dunctl: the case desk for unpaid invoices, in plain files."""

__version__ = "0.1.0"
