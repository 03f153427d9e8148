"""What each event of a path does to the premium, and how long that lasts: the path with it against that without it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from costmodel.analysis.going import streamed
from costmodel.analysis.quarters import when
from costmodel.analysis.statistics import Estimate
from costmodel.dynamics.path import Path
from costmodel.dynamics.regimes import Block
from costmodel.parameters.model import Event

Draw = NDArray[np.float64]

#: A change of the premium below this is no effect.
LEAST = 0.01
_MONTHS = 3
# Columns of each event: its largest rise and fall, its mean, and how long rise and fall last.
_RISE, _FALL, _MEAN, _RISE_LASTS, _FALL_LASTS = range(5)
_COLUMNS = 5


@dataclass(frozen=True)
class Control:
    """What an event does to the premium.

    Attributes:
        event: the event.
        raises: whether it raises the premium, in the mean over draws, or lowers it.
        premium_added: change of the premium at its largest; below 0 for an event that lowers it.
        mean_added: change of the premium in the mean from the event's quarter to the path's end.
        half_life: months from the event's quarter until half of the largest change is gone, over the draws with an
            effect; None where it is not gone by the end.
        censored: share of the draws with an effect in which it is not gone by the end.
        no_effect: share of the draws in which the largest change is below `LEAST`.
    """

    event: Event
    raises: bool
    premium_added: dict[str, Estimate]
    mean_added: dict[str, Estimate]
    half_life: dict[str, float | None]
    censored: float
    no_effect: float


def controls(path: Path, workers: int = 1) -> tuple[Control, ...]:
    """What each event that happens by the path's end does.

    Args:
        path: the path.
        workers: number of threads.
    """
    quarters, places = len(path.quarters), path.measured
    if not places:
        return ()

    def walked(drawn: Block, part: slice) -> Draw:
        with_all, without = path.premiums(drawn, part)
        return np.concatenate(
            [_effect(with_all[-len(without[place]) :] - without[place], quarters) for place in places]
        )

    def tally(block: Draw) -> NDArray[np.int64]:
        lasts = block.reshape(len(places), _COLUMNS, -1)[:, _RISE_LASTS:].astype(np.int64)
        return np.stack([[np.bincount(row, minlength=quarters + 2) for row in rows] for rows in lasts])

    found, counts = streamed(path, walked, tally, workers)
    events = [path.timeline.events[place] for place in places]
    return tuple(
        _control(event, found[at * _COLUMNS : (at + 1) * _COLUMNS], counts[at]) for at, event in enumerate(events)
    )


def _effect(change: Draw, quarters: int) -> Draw:
    """Columns of an event from the change of the premium in each quarter since it, shape (quarters since, draws)."""
    rise, fall = change.max(axis=0), change.min(axis=0)
    lasts = [half_life(change, quarters), half_life(-change, quarters)]
    return np.stack([rise, fall, change.mean(axis=0), *lasts])


def half_life(change: Draw, quarters: int) -> Draw:
    """Quarters from the event until half of the largest rise is gone.

    Args:
        change: change of the premium in each quarter since the event, shape (quarters since, draws).
        quarters: number of quarters of the path; stands for what is not gone by the end, and one more for no effect.

    Examples:
        >>> half_life(np.array([[0.1, 0.1, 0.0], [0.2, 0.2, 0.0], [0.1, 0.15, 0.0]]), 9).tolist()
        [2.0, 9.0, 10.0]
    """
    at, since = change.argmax(axis=0), np.arange(len(change))[:, None]
    peak = np.take_along_axis(change, at[None], axis=0)[0]
    gone = (change <= peak / 2.0) & (since >= at)
    found = np.where(gone.any(axis=0), gone.argmax(axis=0), quarters)
    return np.where(peak < LEAST, quarters + 1, found).astype(float)


def _control(event: Event, columns: list[dict[str, Estimate]], counts: NDArray[np.int64]) -> Control:
    rise, fall, mean = columns[_RISE], columns[_FALL], columns[_MEAN]
    raises = rise["mean"].value >= -fall["mean"].value
    lasts = counts[0 if raises else 1]
    effect, total = int(lasts[:-1].sum()), int(lasts.sum())
    gone = {name: None if at is None else float(at * _MONTHS) for name, at in when(lasts[:-2], effect).items()}
    return Control(
        event=event,
        raises=raises,
        premium_added=rise if raises else fall,
        mean_added=mean,
        half_life=gone,
        censored=float(lasts[-2] / effect) if effect else 0.0,
        no_effect=float(lasts[-1] / total),
    )


def largest(found: Sequence[Control], count: int) -> list[int]:
    """Places of the events that move the premium most in the mean over draws and quarters, in order of time.

    Args:
        found: what each event does.
        count: how many at most; events that move nothing are left out.
    """
    sizes = {place: abs(each.mean_added["mean"].value) for place, each in enumerate(found)}
    moving = [place for place, each in enumerate(found) if each.no_effect < 1.0]
    return sorted(sorted(moving, key=lambda place: -sizes[place])[:count])


def control_json(found: Control) -> dict[str, Any]:
    """What an event does, with the keys of an entry of `controls` in `costmodel path --format json`."""
    told = ("mean", "p05", "p50", "p95")
    return {
        "date": found.event.date,
        "label": found.event.label,
        "raises": found.raises,
        "premium_added": found.premium_added["p50"].value,
        "half_life_months": found.half_life["p50"],
        "censored_share": found.censored,
        "no_effect_share": found.no_effect,
        "bands": {
            "premium_added": {name: found.premium_added[name].value for name in told},
            "mean_added": {name: found.mean_added[name].value for name in told},
            "half_life_months": found.half_life,
        },
    }
