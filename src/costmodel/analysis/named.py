"""Some outcomes of many draws by name, and nothing else: every draw of them, or in constant memory what they say."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from costmodel import sampling
from costmodel.analysis.kept import PILOT
from costmodel.analysis.recording import recorded
from costmodel.analysis.statistics import Draw, Estimate
from costmodel.analysis.streaming import summaries
from costmodel.analysis.uncertainty import checked, fill
from costmodel.outcomes import outcome
from costmodel.parameters.model import ParameterSet
from costmodel.sampling import Draws


def outcome_draws(
    case: ParameterSet, names: Sequence[str], draws: int, seed: int | None = None, *, workers: int = 1
) -> dict[str, Draw]:
    """Some outcomes in every draw, and nothing else kept.

    Args:
        case: parameter set.
        names: outcomes, such as `cost.mix.domestic`.
        draws: number of draws.
        seed: by default the set's own.
        workers: number of threads.

    Returns:
        For each name its draws, shape (draws,), in the outcome's unit.

    Raises:
        ParameterError: no such outcome.
        ValueError: a number of draws or a seed that cannot be.

    Examples:
        >>> from costmodel import load
        >>> outcome_draws(load("baseline"), ["lowest.mix"], 64)["lowest.mix"].shape
        (64,)
    """
    write, kept = _writer(case, names, draws, seed, workers), np.empty((len(names), draws))
    fill(kept, write, workers)
    return dict(zip(names, kept, strict=True))


def outcome_statistics(
    case: ParameterSet, names: Sequence[str], draws: int, seed: int | None = None, *, workers: int = 1
) -> dict[str, dict[str, Estimate]]:
    """Statistics of some outcomes, from draws that are made, summed up and forgotten.

    Args:
        case: parameter set.
        names: outcomes, such as `lowest.mix`.
        draws: number of draws.
        seed: by default the set's own.
        workers: number of threads.

    Returns:
        For each name its statistics by the names of `STATISTICS`, in the outcome's unit.

    Raises:
        ParameterError: no such outcome.
        ValueError: a number of draws or a seed that cannot be.
        NotFiniteError: an outcome is infinite or no number in some draws.

    Examples:
        >>> from costmodel import load
        >>> found = outcome_statistics(load("baseline"), ["lowest.mix"], 256)["lowest.mix"]
        >>> found["p05"].value < found["p50"].value < found["p95"].value
        True
    """
    write = _writer(case, names, draws, seed, workers)

    def blocks(part: range) -> Iterator[NDArray[np.float64]]:
        for start in part[:: sampling.BLOCK]:
            block = np.empty((len(names), min(sampling.BLOCK, part.stop - start)))
            write(start, block)
            yield block

    head = np.concatenate(list(blocks(range(min(draws, max(PILOT, sampling.BLOCK))))), axis=1)
    return dict(zip(names, summaries(blocks, head, draws, workers=workers)[0], strict=True))


def _writer(
    case: ParameterSet, names: Sequence[str], draws: int, seed: int | None, workers: int
) -> Callable[[int, NDArray[np.float64]], None]:
    """Writes some outcomes of the draws from a block's start on, one row for each."""
    source = Draws(case, draws, checked(case, draws, seed, "sobol", workers).seed)
    wanted = [outcome(case, name) for name in names]
    tape = recorded(case, lambda found: [each(found) for each in wanted])

    def write(start: int, into: NDArray[np.float64]) -> None:
        played = tape.play({path: drawn[: into.shape[1]] for path, drawn in source.drawn(start).items()})
        for row, found in zip(into, played, strict=True):
            row[:] = found

    return write
