"""The reference pages say what the tables say; links lead somewhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("sample_data/*.md")]


def reference() -> dict[str, str]:
    scope: dict[str, object] = {"__file__": str(ROOT / "scripts" / "reference.py")}
    source = (ROOT / "scripts" / "reference.py").read_text(encoding="utf-8")
    exec(compile(source, "reference.py", "exec"), scope)
    return scope["PAGES"]  # type: ignore[return-value]


def test_reference_pages_are_up_to_date() -> None:
    for name, text in reference().items():
        assert (ROOT / "docs" / name).read_text(encoding="utf-8") == text, (
            f"docs/{name} is old: run python scripts/reference.py"
        )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http:", "https:", "mailto:")):
            assert (page.parent / target).exists(), f"{page.name} → {target}"


def test_no_page_names_a_machine_or_how_it_was_made() -> None:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"/work/|/tmp/bash|/root/|\.\./shared", text), page.name
