"""How far each setting is from the machine's floor, and where the time goes instead."""

from __future__ import annotations

from typing import Any, Final

from jumps_blender.core.settings import PRESETS
from jumps_blender.core.weights import Weights

from .bars import speed
from .floor import BATCH, Part, direct_parts, iterated, published_step, windows_a_second
from .measure import LITERAL, PUBLISHED_STEPS, Measurements, Row

_BETWEEN: Final = (
    "What lies between is no arithmetic of this size: thin products that do not reach the rate of large ones, windows "
    "that need more steps than others, passes over arrays that leave the cache, and what is done once for a clip or a "
    "frame rather than a window. In the published inference every layer is a small product with passes over its answer."
)

_NAMED: Final = 5
"""Functions that are named of a profile."""


def floors(found: Measurements, weights: Weights) -> dict[str, dict[str, Any]]:
    """Of each setting: floor and measured frames per second, their ratio, and the parts of the floor.

    `iterated`: the floor where the latents are solved for step by step.
    """
    if "missing" in found.machine:
        return {}
    told = {}
    for name in sorted({row.settings for row in found.rows if row.settings in PRESETS}, key=list(PRESETS).index):
        settings, fastest = PRESETS[name], speed(found, name)
        frames = frames_a_window(fastest[1]) if fastest else settings.hop
        parts = direct_parts(weights, settings)
        stepwise = [*parts[1:], iterated(weights, settings)]
        told[name] = {
            "parts": [_part(part, found.machine) for part in [*parts, stepwise[-1]]],
            "floor_fps": frames * windows_a_second(parts, found.machine),
            "iterated_floor_fps": frames * windows_a_second(stepwise, found.machine),
            "measured_fps": undisturbed(fastest[1]) if fastest else None,
        }
    starts = PRESETS["paper"].random_starts + PRESETS["paper"].encoder_start
    for row in found.reference:
        if row.settings in {LITERAL, "paper"} and row.device == "cpu":
            parts = published_step(weights)
            solves = windows_a_second(parts, found.machine) / (PUBLISHED_STEPS * starts)
            told[f"{row.settings}, {row.engine}"] = {
                "parts": [_part(part, found.machine) for part in parts],
                "floor_fps": frames_a_window(row) * solves,
                "measured_fps": undisturbed(row),
            }
    return told


def frames_a_window(row: Row) -> float:
    """Frames for each window that was solved; of a short clip more than windows lie apart."""
    return row.people * row.frames / row.windows if row.windows else float(PRESETS["default"].hop)


def undisturbed(row: Row) -> float | None:
    """Frames per second, of processor time where a process computed in one thread: whatever else ran does not count."""
    if row.processor and row.seconds and row.processor <= row.seconds:
        return row.people * row.frames / row.processor
    return row.fps


def _part(part: Part, machine: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": part.name,
        "precision": "float64" if part.wide else "float32",
        "operations": 2 * part.products,
        "bytes": part.moved,
        "microseconds": 1e6 * part.seconds(machine),
    }


def floor_lines(found: Measurements, weights: Weights) -> list[str]:
    """The floor for people."""
    told = floors(found, weights)
    if not told:
        return ["The machine's rates could not be measured."]
    machine = found.machine
    rates = (
        f"This machine, in this run: {machine['single'] / 1e9:.0f} GFLOP/s in float32 and "
        f"{machine['double'] / 1e9:.0f} in float64 for matrix products of our sizes, "
        f"{machine['memory'] / 1e9:.1f} GB/s for copies that fit no cache. The floor is the time that products and "
        f"memory need at these rates, {BATCH} windows sharing one reading of the weights, and nothing else being done; "
        "for the latents the cheaper of two ways counts: a matrix for every window, or 20 steps of conjugate gradients."
        " Errors count as new in every frame; where they last, a matrix for each joint comes on top."
    )
    lines = [rates, ""]
    lines += [
        "| settings | floor, frames per second | measured, per second of processor time | times the floor's time |",
        "| --- | ---: | ---: | ---: |",
    ]
    for name, floor in told.items():
        least = max(floor["floor_fps"], floor.get("iterated_floor_fps", 0.0))
        measured = floor["measured_fps"]
        ratio = f"{least / measured:.1f}" if measured else "-"
        lines.append(f"| {_quoted(name)} | {least:,.3g} | {f'{measured:,.3g}' if measured else '-'} | {ratio} |")
    lines += ["", _BETWEEN, "", *_parts(told), "", *_shares(found)]
    return lines


def _quoted(name: str) -> str:
    preset, comma, rest = name.partition(",")
    return f"`{preset}`{comma}{rest}" if preset in PRESETS else name


def _parts(told: dict[str, dict[str, Any]]) -> list[str]:
    """Operations and bytes of a window of `default`, and of a step of the published inference for one start."""
    lines = ["| work | arithmetic | MFLOP | kB | microseconds at least |", "| --- | --- | ---: | ---: | ---: |"]
    paper = next((name for name in told if name.startswith("paper")), "")
    for title, name in (("a window of `default`", "default"), ("a step of `paper`, one start of one window", paper)):
        lines += [
            f"| {title}: {part['name']} | {part['precision']} | {part['operations'] / 1e6:.2f} | "
            f"{part['bytes'] / 1e3:.0f} | {part['microseconds']:.0f} |"
            for part in told.get(name, {}).get("parts", ())
        ]
    return lines


def _shares(found: Measurements) -> list[str]:
    lines = ["Where the time goes, by looking at what runs (share of a solve of 1,000 frames, *varied*):", ""]
    for name, told in found.profile.items():
        shares = told.get("shares", {})
        largest = ", ".join(f"{where} {share:.0%}" for where, share in list(shares.items())[:_NAMED])
        lines.append(f"- `{name}`: {largest or 'not measured'}")
    return lines
