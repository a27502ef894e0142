"""What must not stand in the files of the project, and what the pages promise."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.checkout import ROOT, SOURCE, texts

# Written in pieces, so that this file is clean itself.
ABSOLUTE = re.compile(r"(?<![\w.$}/-])/(?:ho" + r"me|ro" + r"ot|Us" + r"ers|wo" + r"rk|mn" + r"t)/[\w.]")
REGISTRY = re.compile(
    r"py" + r"pi\.org|python" + r"hosted\.org|ana" + r"conda\.(?:org|com)|index-" + r"url|find-" + r"links"
)
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "changelog.d").glob("*.md")])


@pytest.mark.parametrize("pattern", [ABSOLUTE, REGISTRY, UNFINISHED], ids=["absolute", "registry", "unfinished"])
def test_no_file_names_a_machine(pattern: re.Pattern[str]) -> None:
    found: list[str] = []
    files = list(texts())
    assert len(files) > 50
    for path in files:
        if "assets" in path.parts and path.stat().st_size > 200_000:
            continue  # a vendored library
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
            if pattern.search(line):
                found.append(f"{path.relative_to(ROOT).as_posix()}:{number}: {line.strip()[:100]}")
    assert found == []


def _pages() -> list[Path]:
    return [page for page in PAGES if "_build" not in page.parts]


@pytest.mark.parametrize("page", _pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if not target.startswith(("http:", "https:", "mailto:")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}, which is not there"


def test_chores_that_pages_name_exist() -> None:
    chores = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.M))
    assert {"demo", "test", "check", "docs", "bench", "sanitize", "clean"} <= chores
    for path in [*_pages(), *(ROOT / ".github" / "workflows").glob("*.yml"), ROOT / ".ci" / "run"]:
        text = path.read_text(encoding="utf-8")
        code = "\n".join(re.findall(r"`([^`]+)`", text)) + "\n" + text if path.suffix == ".md" else text
        for chore in re.findall(r"(?:^|run: |`)make ([a-z]+)\b", code, flags=re.M):
            assert chore in chores, f"{path.name} names make {chore}, which the Makefile does not know"


def test_commands_that_pages_name_exist() -> None:
    from rightfit.cli.commands import COMMANDS

    for page in _pages():
        for command in re.findall(r"(?:^|`)rightfit ([a-z]+) ", page.read_text(encoding="utf-8"), flags=re.M):
            assert command in COMMANDS, f"{page.name} names rightfit {command}"


def test_rooms_that_the_house_page_names_are_the_rooms() -> None:
    text = (ROOT / "docs" / "house.md").read_text(encoding="utf-8")
    table = text.partition("| room |")[2].partition("\n\n")[0]
    named = {name for row in table.splitlines()[1:] for name in re.findall(r"`([a-z_]+)`", row.split("|")[1])}
    rooms = {p.name for p in SOURCE.iterdir() if (p / "__init__.py").exists()}
    files = {p.stem for p in SOURCE.glob("*.py")} - {"__init__", "__main__"}
    assert named == rooms | files
    for folder in re.findall(r"`(tests/[a-z]+|kernel)/?`", text):
        assert (ROOT / folder).is_dir()


def test_fragments_of_the_changelog_have_a_kind() -> None:
    for path in (ROOT / "changelog.d").iterdir():
        assert path.name == "README.md" or re.fullmatch(r"\+[a-z0-9-]+\.(added|changed|fixed|removed)\.md", path.name)
        assert path.read_text(encoding="utf-8").strip()
