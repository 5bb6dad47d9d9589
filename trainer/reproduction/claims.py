"""What the paper says of its parts, each with the numbers of ours that tell for or against it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from .rows import FIXED_MAP, FULL, STEPS, WITHOUT_ENCODER

Results = dict[str, Any]

ERROR: Final = "missing error"
_UNITS: Final = "w/o P.A., windows in their own units"


@dataclass(frozen=True)
class Claim:
    """A statement of the paper, and the sentence that says what was found."""

    source: str
    text: str
    finding: Callable[[Results], str]


def verdict(one: Results, other: Results) -> str:
    """How a lower-is-better number stands to another: the difference next to the spreads of both."""
    if not one["spread"] or not other["spread"]:
        return "one seed, no verdict"
    difference = one["mean"] - other["mean"]
    spread = (one["spread"] ** 2 + other["spread"] ** 2) ** 0.5
    if abs(difference) <= 2 * spread:
        return "no difference beyond twice the spread"
    return "worse" if difference > 0 else "better"


def told(value: Results) -> str:
    """Mean ± spread."""
    return f"{value['mean']:.3f} ± {value['spread']:.3f}"


def _against(name: str, one: Results | None, other: Results | None, measure: str = ERROR) -> str:
    if one is None or other is None:
        return "not run"
    one, other = one[measure], other[measure]
    return f"{measure} {name} {told(one)}, full {told(other)}: {verdict(one, other)}"


def _row(name: str, *measures: str) -> Callable[[Results], str]:
    def finding(results: Results) -> str:
        rows = results["rows"]
        return "; ".join(_against(name, rows.get(name), rows.get(FULL), measure) for measure in measures or (ERROR,))

    return finding


def _alignment(results: Results) -> str:
    inference, full = results["inference"], results["rows"].get(FULL)
    return "; ".join(_against(name, inference.get(name), full) for name in (FIXED_MAP, _UNITS))


def _overlap(results: Results) -> str:
    without, full = results["w/o overlap"].get(FULL), results["rows"].get(FULL)
    measures = (ERROR, "jump at the border", "acceleration error")
    return "; ".join(_against("w/o overlap", without, full, measure) for measure in measures)


def _starts(results: Results) -> str:
    inference = results["inference"]
    encoder, random = (inference.get(f"{name} alone") for name in ("encoder start", "random starts"))
    if encoder is None or random is None:
        return "not run"
    parts = [
        f"{measure}: encoder start {told(encoder[measure])}, 8 random starts {told(random[measure])} "
        f"(the encoder is: {verdict(encoder[measure], random[measure])})"
        for measure in (ERROR, "L_Inp")
    ]
    return "; ".join(parts)


def steps_to(points: list[Results], level: float) -> int | None:
    """Latent steps after which the mean of L_Inp is at most `level`; None where it never is."""
    return next((step for step, point in zip(STEPS, points, strict=True) if point["L_Inp"]["mean"] <= level), None)


def _convergence(results: Results) -> str:
    """Steps in which either inversion comes to where the unaligned one ends."""
    sentences = []
    for rate in ("1", "0.1"):
        aligned, unaligned = (results["convergence"].get(f"{name}, step {rate}") for name in ("aligned", "w/o P.A."))
        if not aligned or not unaligned:
            return "not run"
        end = unaligned[-1]["L_Inp"]["mean"]
        half = (unaligned[0]["L_Inp"]["mean"] + end) / 2
        sentences.append(
            f"step {rate}: L_Inp {end:.2f}, at which the unaligned inversion ends, is reached after "
            f"{_steps(steps_to(unaligned, end))} steps without and {_steps(steps_to(aligned, end))} with alignment; "
            f"half-way ({half:.2f}) after {_steps(steps_to(unaligned, half))} and {_steps(steps_to(aligned, half))}"
        )
    return "; ".join(sentences)


def _steps(steps: int | None) -> str:
    return "more than 200" if steps is None else str(steps)


def _velocity(results: Results) -> str:
    name = "no velocity term"
    sentence = _row(name, ERROR, "jitter", "acceleration error")(results)
    inference = results["inference"]
    other, full = (inference.get(f"encoder start alone{end}") for end in (", no velocity term", ""))
    if other is None or full is None:
        return sentence
    return f"{sentence}; left out of L_Inp alone: " + _against("without it", other, full, "jitter")


def _ends(results: Results) -> str:
    if FULL not in results["by_position"]:
        return "not run"
    errors = results["by_position"][FULL]["mean"]
    ends, middle = (sum(errors[:3]) + sum(errors[-3:])) / 6, sum(errors[8:16]) / 8
    return f"first and last three frames {ends:.3f}, middle eight {middle:.3f}: {ends / middle - 1:+.0%}"


CLAIMS: Final = (
    Claim("Table I", "without alignment far worse: PCKh@0.1 .04 against .61", _alignment),
    Claim("the text", "alignment makes the inversion converge several times faster", _convergence),
    Claim("Table I", "trained without encoder worse: PCKh@0.1 .17 against .61", _row(WITHOUT_ENCODER)),
    Claim("the text", "the encoder's latent is a better start than samples of the prior", _starts),
    Claim("Table I, Fig. 6", "without overlap slightly worse (.58 against .61) and jumpier at borders", _overlap),
    Claim("the text", "the ends of a window are worse than its middle", _ends),
    Claim("the text", "the velocity term helps convergence and lessens jitter", _velocity),
    Claim(
        "III-B",
        "a critic that sees velocities (8 channels) makes better motion",
        _row("4-channel critic", ERROR, "jitter"),
    ),
    Claim("III-C", "L_backward helps", _row("no L_backward")),
    Claim("III-C", "L_Mix helps", _row("no L_Mix", ERROR, "jitter")),
    Claim("Fig. 4", "a sigmoid ends the critic", _row("sigmoid critic", ERROR, "jitter")),
    Claim("Fig. 4", "four of the critic's layers are normed", _row("critic norms of Fig. 4", ERROR, "jitter")),
)
