"""What the paper says of its parts, each with the numbers of ours that tell for or against it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from .rows import FIXED_MAP, FULL, STEPS, WITHOUT_ENCODER

Results = dict[str, Any]

ERROR: Final = "missing error"
_UNITS: Final = "w/o P.A., windows in their own units"
_ALIGNMENTS: Final = ("w/o P.A.", "aligned")


@dataclass(frozen=True)
class Finding:
    """Whether a claim holds here, in few words, and the numbers."""

    answer: str
    numbers: str


HOLDS, OPPOSITE, UNSEEN, OPEN = "holds", "the opposite", "not seen", "one seed"
NOT_RUN: Final = Finding("not run", "")


@dataclass(frozen=True)
class Claim:
    """A statement of the paper, how it is held against the results, and what explains the opposite."""

    source: str
    text: str
    judge: Callable[[Results], Finding]
    opposite: str = ""

    def finding(self, results: Results) -> Finding:
        """The judgement, with the explanation where it is needed."""
        found = self.judge(results)
        return Finding(found.answer, f"{found.numbers}. {self.opposite}" if found.answer == OPPOSITE else found.numbers)


def verdict(one: Results, other: Results) -> str:
    """How a lower-is-better number of `one` stands to that of `other`: the difference next to both spreads."""
    if not one["spread"] or not other["spread"]:
        return "one seed, no verdict"
    difference = one["mean"] - other["mean"]
    spread = (one["spread"] ** 2 + other["spread"] ** 2) ** 0.5
    if abs(difference) <= 2 * spread:
        return "no difference beyond twice the spread"
    return "worse" if difference > 0 else "better"


_ANSWERS: Final = {"worse": HOLDS, "better": OPPOSITE, "one seed, no verdict": OPEN}


def _answer(one: Results, other: Results) -> str:
    """Of a claim that `one` is worse than `other`."""
    return _ANSWERS.get(verdict(one, other), UNSEEN)


def told(value: Results) -> str:
    """Mean ± spread."""
    return f"{value['mean']:.3f} ± {value['spread']:.3f}"


def _worse(name: str, one: Results | None, full: Results | None, *measures: str) -> Finding:
    """Of the claim that `one` is worse than the full row in the first of the measures."""
    if one is None or full is None:
        return NOT_RUN
    parts = [f"{measure}: {name} {told(one[measure])}, full {told(full[measure])}" for measure in measures]
    return Finding(_answer(one[measures[0]], full[measures[0]]), "; ".join(parts))


def _row(name: str, *measures: str) -> Callable[[Results], Finding]:
    return lambda results: _worse(name, results["rows"].get(name), results["rows"].get(FULL), *measures or (ERROR,))


def _alignment(results: Results) -> Finding:
    full, inference = results["rows"].get(FULL), results["inference"]
    fixed = _worse("one fixed map", inference.get(FIXED_MAP), full, ERROR, "missing PCKh@0.1")
    own = inference.get(_UNITS)
    more = f"; without alignment, but each window in its own units: {told(own[ERROR])}" if own else ""
    return Finding(fixed.answer, fixed.numbers + more)


def _overlap(results: Results) -> Finding:
    without, full = results["w/o overlap"].get(FULL), results["rows"].get(FULL)
    return _worse("w/o overlap", without, full, "jump at the border", ERROR, "acceleration error")


def _starts(results: Results) -> Finding:
    encoder, random = (results["inference"].get(f"{name} alone") for name in ("encoder start", "random starts"))
    if encoder is None or random is None:
        return NOT_RUN
    parts = [
        f"{measure}: 8 random starts {told(random[measure])}, the encoder's alone {told(encoder[measure])}"
        for measure in (ERROR, "L_Inp")
    ]
    return Finding(_answer(random[ERROR], encoder[ERROR]), "; ".join(parts))


def steps_to(points: list[Results], level: float) -> int | None:
    """Latent steps after which the mean of L_Inp is at most `level`; None where it never is."""
    return next((step for step, point in zip(STEPS, points, strict=True) if point["L_Inp"]["mean"] <= level), None)


def _convergence(results: Results) -> Finding:
    """Of the claim that alignment halves the steps, or more, to where the unaligned inversion ends."""
    if not results["convergence"]:
        return NOT_RUN
    parts, faster = [], []
    for rate in ("1", "0.1"):
        plain, aligned = (results["convergence"][f"{name}, step {rate}"] for name in _ALIGNMENTS)
        end = plain[-1]["L_Inp"]["mean"]
        slow, fast = (steps_to(points, end) for points in (plain, aligned))
        faster.append(fast is not None and slow is not None and slow >= 2 * fast)
        parts.append(
            f"step {rate}: L_Inp {end:.2f} takes {_steps(slow)} steps without alignment, {_steps(fast)} with it"
        )
    return Finding(HOLDS if all(faster) else UNSEEN if any(faster) else OPPOSITE, "; ".join(parts))


def _steps(steps: int | None) -> str:
    return f"more than {STEPS[-1]}" if steps is None else f"at most {steps}"


def _velocity(results: Results) -> Finding:
    name = "no velocity term"
    found = _row(name, ERROR, "jitter")(results)
    other, full = (results["inference"].get(f"encoder start alone{end}") for end in (", no velocity term", ""))
    if found is NOT_RUN or other is None or full is None:
        return found
    more = f"left out of L_Inp alone, jitter: without it {told(other['jitter'])}, with it {told(full['jitter'])}"
    return Finding(found.answer, f"{found.numbers}; {more}")


def _ends(results: Results) -> Finding:
    if FULL not in results["by_position"]:
        return NOT_RUN
    errors = results["by_position"][FULL]["mean"]
    ends, middle = (sum(errors[:3]) + sum(errors[-3:])) / 6, sum(errors[8:16]) / 8
    numbers = f"first and last three frames {ends:.3f}, middle eight {middle:.3f}: {ends / middle - 1:+.0%}"
    return Finding(HOLDS if ends > 1.1 * middle else UNSEEN if ends > middle else OPPOSITE, numbers)


_STILL: Final = (
    "Early on, 100 MPJVE is lowered most cheaply by windows that hardly move, and that slows what positions learn of "
    "motion (docs/training.md has the numbers)"
)

CLAIMS: Final = (
    Claim("Table I", "without alignment far worse: PCKh@0.1 .04 against .61", _alignment),
    Claim("the text", "alignment makes the inversion converge several times faster", _convergence),
    Claim("Table I", "trained without encoder worse: PCKh@0.1 .17 against .61", _row(WITHOUT_ENCODER, ERROR, "jitter")),
    Claim("the text", "the encoder's latent is a better start than samples of the prior", _starts),
    Claim("Table I, Fig. 6", "without overlap jumpier at borders, and slightly worse (.58 against .61)", _overlap),
    Claim("the text", "the ends of a window are worse than its middle", _ends),
    Claim("the text", "the velocity term helps convergence and lessens jitter", _velocity, _STILL),
    Claim("III-B", "the critic should see velocities: 4 channels are worse", _row("4-channel critic", "jitter", ERROR)),
    Claim("III-C", "without L_backward worse", _row("no L_backward")),
    Claim("III-C", "without L_Mix worse", _row("no L_Mix", ERROR, "jitter")),
    Claim("Fig. 4", "(ours: a sigmoid at the critic's end is worse)", _row("sigmoid critic", ERROR, "jitter")),
    Claim("Fig. 4", "(ours: four normed layers are worse)", _row("critic norms of Fig. 4", ERROR, "jitter")),
)
