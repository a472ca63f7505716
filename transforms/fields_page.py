"""`docs/fields.md`: every field of ours as sellers read it; `python -m transforms.fields_page` writes it."""

from __future__ import annotations

from pathlib import Path

from transforms.fields import FIELDS, Field

PAGE = Path(__file__).parents[1] / "docs" / "fields.md"
WHERE = {
    "opportunity": "Opportunity (Salesforce), deal (HubSpot)",
    "person": "Contact and Lead (Salesforce), contact (HubSpot)",
    "group_role": "Opportunity Contact Role (Salesforce): the same per opportunity",
    "task": "Our own tasks",
}
HEAD = """# The fields

What sellers see, in the language of the connection. Salesforce calls them `BR_…__c`, HubSpot `br_…`. No field is
mandatory; a field that is empty says that nothing can be said. Nothing but these fields is ever written to a record.
"""


def page() -> str:
    """The whole page."""
    return HEAD + "".join(_section(object) for object in WHERE)


def _section(object: str) -> str:
    rows = "\n".join(_row(field) for field in FIELDS if field.object == object)
    header = "| name | English | Nederlands | what it says | may hold |\n|---|---|---|---|---|"
    return f"\n## {WHERE[object]}\n\n{header}\n{rows}\n"


def _row(field: Field) -> str:
    english, dutch = field.spec("en"), field.spec("nl")
    choices = ", ".join(label for _, label in english["choices"])
    return f"| `{field.name}` | {english['label']} | {dutch['label']} | {english['help']} | {choices or field.type} |"


def main() -> None:
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
