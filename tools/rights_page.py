"""Makes docs/rights.md from the table of rights, so that the page can never say something else."""

from pathlib import Path

from desktop_app.domain.rights import Standing, may, table

PAGE = Path(__file__).parents[1] / "docs" / "rights.md"
_COLUMNS = {
    Standing.VIEWER: "viewer",
    Standing.USER: "user",
    Standing.ADMIN: "admin",
    Standing.SYSTEM: "system administrator",
}
_HEAD = """# Who may do what

Made by `python -m tools.rights_page` from `desktop_app/domain/rights.toml`; a test compares them. What the table
says is held by PostgreSQL's privileges: a person with `psql` and his own credentials can do exactly this in his own
center, and nothing in another. A system administrator may do all of it in every center.

"""
_FOOT = """
Besides:

- Nobody changes his own role or ends his own account.
- The last administrator of a center and the last system administrator stay.
- Archived samples are read-only and take no documents.
"""


def page() -> str:
    """The whole page as Markdown."""
    rows = ["| in the own center | " + " | ".join(_COLUMNS.values()) + " |", "|---" * (len(_COLUMNS) + 1) + "|"]
    for right in table():
        marks = ("yes" if may(standing, right.verb) else "" for standing in _COLUMNS)
        rows.append(f"| {right.text} | " + " | ".join(marks) + " |")
    return _HEAD + "\n".join(rows) + "\n" + _FOOT


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
