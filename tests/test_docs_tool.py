"""tools/docs.py finds what it promises to find."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from tools import docs


@click.group(help="Collect what is owed.")
def main() -> None: ...


@main.command(name="pay", help="Record a payment.\n\n\b\nExample:\n  dunctl pay c-1 100.00")
@click.option("--on", metavar="DAY", help="The day it arrived; today when left out, and so on.")
def pay(on: str) -> None: ...


@main.command(name="merge", hidden=True, help="Merge for git.")
def merge() -> None: ...


@main.group(name="policy", help="Look at policies.")
def policy() -> None: ...


@policy.command(name="list", help="List the policies.")
def policies() -> None: ...


def test_the_command_page_shows_the_help_of_every_command() -> None:
    page = docs.command_page(main)
    heads = [line for line in page.splitlines() if line.startswith("## ")]
    assert heads == ["## dunctl", "## dunctl pay", "## dunctl policy", "## dunctl policy list"]
    assert "Usage: dunctl pay [OPTIONS]\n\n  Record a payment." in page
    assert max(map(len, page.split("```text")[2].split("```")[0].splitlines())) <= docs.WIDTH


def test_a_command_without_an_example_is_named() -> None:
    (problem,) = docs.without_example(main)
    assert problem.startswith("dunctl policy list: ")


def test_a_stale_or_missing_page_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "old.md").write_text("old\n", encoding="utf-8")
    (tmp_path / "new.md").write_text("new\n", encoding="utf-8")
    wanted = {"old.md": "new\n", "new.md": "new\n", "none.md": "new\n"}
    assert docs.stale(tmp_path, wanted) == [
        "old.md: stale; run `make docs`",
        "none.md: missing; run `make docs`",
    ]


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        ("| A01 | x |\n| `A02` | see A01 |\n- **B01** x", []),
        ("| A01 | x |\n| B01 | x |", ["A02 has 0 rows instead of 1"]),
        ("| A01 | x |\n| A02 | x |\n| A02 | y |\n- B01", ["A02 has 2 rows instead of 1"]),
        ("| A01 |\n| A02 |\n| A03 |\n| B01 |", ["A03 is in none of the groups A01-A02 B01-B01"]),
    ],
)
def test_each_claimed_practice_row_stands_there_once(rows: str, wrong: list[str]) -> None:
    text = f"# Practice\n\n<!-- groups: A01-A02 B01-B01 -->\n\n{rows}\n"
    assert docs.practice_rows("p.md", text) == [f"p.md: {what}" for what in wrong]


@pytest.mark.parametrize("claim", ["", "<!-- groups: A01-B02 -->"])
def test_a_practice_page_must_say_what_it_covers(claim: str) -> None:
    assert docs.practice_rows("p.md", claim)


def test_a_link_that_leads_nowhere_is_named_with_its_line(tmp_path: Path) -> None:
    root = tmp_path / "project"
    (root / "docs").mkdir(parents=True)
    (tmp_path / "outside.md").touch()
    (root / "README.md").touch()
    page = root / "docs" / "a page.md"
    page.write_text(
        "[up](../README.md#top) [self](a%20page.md) [web](https://example.com/x) [here](#x)\n"
        "`[code](none1.md)`\n```\n[block](none2.md)\n```\n"
        "[gone](none3.md) and [out](../../outside.md)\n"
        '![picture](none4.png "title")\n[ref]: none5.md\n<img src="none6.png">\n',
        encoding="utf-8",
    )
    assert docs.dead_links(root, page) == [
        "docs/a page.md:6: the link to none3.md leads nowhere",
        "docs/a page.md:6: the link to ../../outside.md leads nowhere",
        "docs/a page.md:7: the link to none4.png leads nowhere",
        "docs/a page.md:8: the link to none5.md leads nowhere",
        "docs/a page.md:9: the link to none6.png leads nowhere",
    ]
