"""The supervisor's page: one file that needs nothing, and that no name in it can break."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from jumps_blender.batch.page import page
from jumps_blender.batch.records import DONE, FAILED, Error, Figures, PersonRecord, ShotRecord, record_of, write_record
from jumps_blender.batch.report import Report, table
from jumps_blender.batch.shots import Shot

FIGURES = Figures(0.5, 0.1, 0.4, 12, 3, 0.05, 2, 0.02, 4, 0.03)
POSE = {
    "frame": 12, "joints": [[i * 3, i * 2] for i in range(28)], "halo": [0] * 27 + [9], "seen": [[0, 0]],
    "rejected": [[130, -130]], "swapped": ["arms"],
}  # fmt: skip
PERSON = PersonRecord("1", 100, 0, 90, 0.8, 25.0, "person-1.json", FIGURES, ("a note",), sheet=(POSE,))
DONE_SHOT = ShotRecord("street", "street.json", DONE, outputs=("person-1.json",), people=(PERSON,))


class Tags(HTMLParser):
    """What a page is made of; complains where a tag is not closed."""

    VOID = ("meta", "circle", "path")

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    @classmethod
    def of(cls, text: str) -> Tags:
        tags = cls()
        tags.feed(text)
        assert not tags._open
        return tags


def test_the_page_needs_no_network_and_no_other_file() -> None:
    text = page([DONE_SHOT], "1 of 1 shots done", "2026-01-01")
    tags = Tags.of(text)
    assert not [name for name, _ in tags.found if name in {"link", "img", "iframe", "object", "image", "use"}]
    assert not [attributes for _, attributes in tags.found if {"src", "onclick"} & set(attributes)]
    assert "url(" not in text
    assert "@import" not in text
    assert not re.search(r"https?:", text)
    assert [attributes["href"] for name, attributes in tags.found if name == "a"] == ["shots/street/person-1.json"]


def test_a_pose_shows_both_sides_what_is_uncertain_and_what_was_rejected() -> None:
    tags = Tags.of(page([DONE_SHOT], "", ""))
    drawn = [attributes.get("class") for name, attributes in tags.found if name in {"path", "circle"}]
    assert sorted(filter(None, drawn)) == ["halo", "left", "middle", "rejected", "right", "seen", "skull"]
    assert "12 · arms swapped" in tags.text
    assert "3 points (5.0%)" in tags.text


@pytest.mark.parametrize("evil", ['<script>alert("1")</script>', '"><img src=x onerror=alert(1)>', "a\udcffb", "&amp;"])
def test_names_cannot_break_the_page(evil) -> None:
    person = replace(PERSON, id=evil, warnings=(evil,))
    shot = replace(DONE_SHOT, shot=evil, source=evil, people=(person,), warnings=(evil,), outputs=(evil,))
    failed = replace(shot, status=FAILED, error=Error("FormatError", evil))
    tags = Tags.of(page([failed, shot], evil, ""))
    assert [name for name, _ in tags.found].count("script") == 1
    assert not [name for name, _ in tags.found if name == "img"]
    assert evil in tags.text


def test_a_shot_without_uncertainty_is_drawn_too() -> None:
    person = replace(PERSON, figures=replace(FIGURES, std_mean=None, std_worst=None))
    assert "not estimated" in page([replace(DONE_SHOT, people=(person,))], "", "")


def test_what_failed_comes_first_then_what_is_missing_then_the_most_doubtful(tmp_path) -> None:
    calm = replace(DONE_SHOT, shot="calm", people=(replace(PERSON, figures=replace(FIGURES, doubt=0.1)),))
    for one in (calm, DONE_SHOT, ShotRecord("bad", "bad.json", FAILED)):
        write_record(tmp_path / "shots" / one.shot, one)
    report = Report.gather(tmp_path, [Shot(name, Path(name)) for name in ("bad", "calm", "gone", "street")])
    assert [shot.shot for shot in report.shots] == ["bad", "gone", "street", "calm"]
    assert report.headline() == "2 of 4 shots done, 1 failed, 1 missing"
    text = page(report.shots, "", "")
    assert "no run has finished this shot" in text
    assert re.findall(r'data-rank="(\d+)"', text) == ["4", "3", "2", "1"]


def test_no_cell_of_the_table_is_a_formula() -> None:
    shot = replace(DONE_SHOT, shot="=HYPERLINK(1)", people=(replace(PERSON, id="@x"),))
    rows = table(Report((shot,))).splitlines()
    assert rows[1].startswith("1,'=HYPERLINK(1),done,'@x,0.5,")


def test_a_record_is_read_as_it_was_written() -> None:
    assert record_of(asdict(DONE_SHOT)) == DONE_SHOT
