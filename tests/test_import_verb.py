"""What ``dunctl import`` says of a file with very much to say of."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from dunctl.cli import main


def test_notices_are_counted_and_every_refused_row_is_named(tmp_path: Path) -> None:
    (tmp_path / "cases").mkdir()
    (tmp_path / "dunctl.toml").write_text('[defaults]\ncurrency = "GBP"\ncountry = "GB"\n')
    rows = [f"Acme,A{n},2026-10-31,5.00,2027-01-15" for n in range(50)]
    rows += [f"Acme,,2026-10-31,5.00,{n}" for n in range(30)]
    file = tmp_path / "rows.csv"
    file.write_text("\n".join(["Customer,Invoice,Due,Amount,Paid on", *rows]) + "\n")
    options = ["--store", str(tmp_path), "--as-of", "2026-11-24", "--yes"]
    done = CliRunner().invoke(main, ["import", "invoices", str(file), *options])
    assert done.exit_code == 1
    assert done.stderr.count("is still to come") == 20
    assert "… and 30 more like these\n" in done.stderr
    assert done.stderr.count("the invoice number is missing") == 30
