"""The supervisor's page: one HTML file that needs nothing beside it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Final
from urllib.parse import quote

from ..formats.source import listed
from .figure import figure
from .records import DONE, SHOTS, Figures, PersonRecord, ShotRecord

MOST_NAMED: Final = 40
"""Files that are no shots and that the page names; report.json names them all."""

_HERE: Final = Path(__file__).parent

_LEGEND: Final = (
    ("left", "left"), ("right", "right"), ("middle", "middle"), ("seen", "point of the detector"),
    ("rejected", "point that was rejected"), ("halo", "how far a joint may be off"),
)  # fmt: skip

_SORTS: Final = (
    ("rank", "Worst first"), ("std", "Uncertainty"), ("rejected", "Rejected points"), ("swapped", "Swapped frames"),
    ("unseen", "Unseen frames"), ("name", "Name"),
)  # fmt: skip


def page(shots: Sequence[ShotRecord], headline: str, written: str, passed_over: Sequence[str] = ()) -> str:
    """The whole page; `shots` in the order in which they should be looked at, `passed_over` names that are none."""
    legend = "".join(f'<span><i class="{kind}"></i>{name}</span>' for kind, name in _LEGEND)
    buttons = "".join(
        f'<button data-key="{key}" aria-pressed="{str(key == "rank").lower()}">{title}</button> '
        for key, title in _SORTS
    )
    style, script = ((_HERE / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    cards = "\n".join(_card(shot, len(shots) - number) for number, shot in enumerate(shots))
    others = escape(f"Passed over: {listed(list(passed_over), MOST_NAMED)}.") if passed_over else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        "script-src 'unsafe-inline'\">"
        f"<title>JUMPS: {escape(headline)}</title><style>{style}</style></head><body>"
        f'<h1>{escape(headline)}</h1><p class="quiet">Written {escape(written)}. Doubt = uncertainty of the worst '
        "frames in heads + shares of rejected points, swapped frames and unseen frames. Of each eighth of a clip the "
        f'frame that deserves a look is shown.</p><p class="legend quiet">{legend}</p><nav>{buttons}</nav>'
        f'<main>{cards}</main><p class="quiet">{others}</p><script>{script}</script></body></html>\n'
    )


def _card(shot: ShotRecord, rank: int) -> str:
    found = [person.figures for person in shot.people if person.figures]
    keys = {
        "rank": rank,
        "std": max((one.std_worst or 0 for one in found), default=0),
        "rejected": sum(one.rejected_points for one in found),
        "swapped": sum(one.swapped_frames for one in found),
        "unseen": sum(one.unseen_frames for one in found),
    }
    data = "".join(f' data-{key}="{value}"' for key, value in keys.items())
    error = f"<p><b>{shot.status}</b>: {escape(shot.error.message)}</p>" if shot.error else ""
    if shot.status != DONE and not shot.error:
        error = "<p><b>missing</b>: no run has finished this shot</p>"
    notes = "".join(f"<p><small>{escape(note)}</small></p>" for note in shot.warnings)
    told = shot.error.message if shot.error else ""
    people = "".join(_person(shot, person) for person in shot.people if not (person.error and person.error in told))
    return (
        f'<article class="{shot.status}" data-name="{escape(shot.shot)}"{data}><h2>{escape(shot.shot)}</h2> '
        f'<span class="quiet">{escape(shot.source)}{_links(shot)}</span>{error}{notes}{people}</article>'
    )


def _links(shot: ShotRecord) -> str:
    folder = f"{SHOTS}/{shot.shot}"
    return "".join(
        f' · <a href="{escape(quote(os.fsencode(f"{folder}/{name}")))}">{escape(name)}</a>' for name in shot.outputs
    )


def _person(shot: ShotRecord, person: PersonRecord) -> str:
    if person.error:
        return f'<p class="quiet">Person {escape(person.id)}: {escape(person.error)}</p>'
    figures = _figures(person.figures) if person.figures else ""
    notes = " ".join(person.warnings)
    poses = "".join(figure(pose) for pose in person.sheet)
    span = f"frames {person.first_frame}–{person.first_frame + person.frames - 1}, seen in {person.seen_frames}"
    return (
        f'<div class="figures"><span>Person <b>{escape(person.id)}</b>, {span}</span>{figures}</div>'
        f'<div class="sheet" aria-label="poses of {escape(shot.shot)}">{poses}</div>'
        f"<p><small>{escape(notes)}</small></p>"
    )


def _figures(found: Figures) -> str:
    unknown = "not estimated"
    worst = unknown if found.std_worst is None else f"{found.std_worst:.2f} heads"
    mean = "" if found.std_mean is None else f" (mean {found.std_mean:.2f})"
    rows = (
        ("doubt", f"{found.doubt:.2f}"),
        ("uncertainty", worst + mean),
        ("rejected", f"{found.rejected_points} points ({found.rejected_share:.1%})"),
        ("swapped", f"{found.swapped_frames} frames ({found.swapped_share:.1%})"),
        ("unseen", f"{found.unseen_frames} frames ({found.unseen_share:.1%})"),
        ("worst frame", f"{found.worst_frame}"),
    )
    return "".join(f"<span>{name} <b>{text}</b></span>" for name, text in rows)
