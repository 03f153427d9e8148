"""The loops in numpy."""

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

LANES = 16
#: Binary digits of Sobol' points; the middle of each cell is taken, so that no point is 0 or 1.
BITS = 30
_HALF_CELL = 2.0 ** -(BITS + 1)

#: Tables of inverse distribution functions: polynomials of this degree on segments that are spaced logarithmically
#: towards both ends, PARTS in each of OCTAVES octaves of probability.
DEGREE = 6
#: Numbers in a row of coefficients: a line of the cache.
WIDTH = 8
PARTS = 8
OCTAVES = 32
SMALLEST = 2.0 ** -(OCTAVES - 1)
#: The table of the normal distribution function: segments to each unit of |z|, and where it ends.
NORMAL_PARTS = 16
NORMAL_END = 8

#: Draws whose sums are taken together, in the order in which they come, whatever the size of a block.
CHUNK = 1024


def sobol(first: int, directions: NDArray[np.uint32], shift: NDArray[np.uint32], out: Values) -> None:
    """Scrambled Sobol' points in Gray-code order.

    Args:
        first: index of the first point of each sequence; a multiple of the number of points, which is a power of two.
        directions: scrambled direction numbers, shape (dimensions, digits, LANES).
        shift: digital shifts, shape (dimensions, LANES).
        out: filled with points in (0, 1), shape (dimensions, points · LANES): draw i is of sequence i % LANES.
    """
    points = out.shape[1] // LANES
    digits = np.empty((out.shape[0], points, LANES), dtype=np.uint32)
    digits[:, 0] = shift ^ _state(first, directions)
    size, digit = 1, 0
    while size < points:
        # The next points of a Gray code are those so far in reverse, with one more digit set.
        digits[:, size : 2 * size] = digits[:, size - 1 :: -1] ^ directions[:, digit, None]
        size, digit = 2 * size, digit + 1
    np.multiply(digits.reshape(out.shape), 2.0**-BITS, out=out)
    out += _HALF_CELL


def _state(index: int, directions: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Digits of a point before the shift, shape (dimensions, LANES)."""
    gray = index ^ (index >> 1)
    chosen = [digit for digit in range(directions.shape[1]) if gray >> digit & 1]
    found: NDArray[np.uint32] = np.bitwise_xor.reduce(directions[:, chosen], axis=1, initial=0, dtype=np.uint32)
    return found


def invert(x: Values, tables: Values, which: NDArray[np.int64], shapes: Values) -> None:
    """Values at probabilities from tables of polynomials.

    Args:
        x: probabilities in (0, 1), replaced by the values, shape (rows, numbers); those closer than SMALLEST to an end
            are taken for ones at SMALLEST from it.
        tables: coefficients, shape (tables, segments, WIDTH), the constant first.
        which: table of each row; below 0 for a row that is left as it is.
        shapes: for each row lowest and highest standardised value, offset and scale, shape (rows, 4): the result is
            offset + scale · clipped value.
    """
    for u, table, (low, high, offset, scale) in zip(x, which, shapes, strict=True):
        if table < 0:
            continue
        v = 0.5 - np.abs(u - 0.5)
        mantissa, exponent = np.frexp(np.maximum(v, SMALLEST))
        place = (mantissa - 0.5) * (2 * PARTS)
        part = place.astype(np.intp)
        row = part - exponent.astype(np.intp) * PARTS + np.where(u > 0.5, OCTAVES * PARTS, 0)
        at = 2.0 * (place - part) - 1.0
        rows = tables[table]
        found = rows[row, DEGREE]
        for power in range(DEGREE - 1, -1, -1):
            found = found * at + rows[row, power]
        np.clip(found, low, high, out=found)
        np.multiply(found, scale, out=u)
        np.add(u, offset, out=u)


def draw(
    first: int,
    directions: NDArray[np.uint32],
    shift: NDArray[np.uint32],
    laws: tuple[Values, NDArray[np.int64], Values],
    out: Values,
) -> None:
    """`sobol` and then `invert`, row by row, so that a row is still at hand."""
    sobol(first, directions, shift, out)
    invert(out, *laws)


def normal(z: Values, rows: Values, out: Values) -> None:
    """Distribution function of the standard normal.

    Args:
        z: any numbers.
        rows: coefficients of the function at −|z|, shape (segments, WIDTH), the constant first.
        out: filled with probabilities in (0, 1); may be z.
    """
    distance = np.minimum(np.abs(z), NORMAL_END - 2.0**-20) * NORMAL_PARTS
    row = distance.astype(np.intp)
    at = 2.0 * (distance - row) - 1.0
    found = rows[row, DEGREE]
    for power in range(DEGREE - 1, -1, -1):
        found = found * at + rows[row, power]
    found = np.maximum(found, _HALF_CELL)
    out[...] = np.where(z > 0, 1.0 - found, found)


def correlate(rows: Values, root: Values, tables: tuple[Values, Values]) -> None:
    """Rows of independent points joined by a Gaussian copula.

    Args:
        rows: points in (0, 1), replaced by correlated ones, shape (rows, draws).
        root: lower-triangular root of the normals' correlation matrix.
        tables: those of the normal's inverse, as for `invert`, and of its distribution function, as for `normal`.
    """
    inverse, forward = tables
    normals = rows.copy()
    shapes = np.array([[-np.inf, np.inf, 0.0, 1.0]] * len(rows))
    invert(normals, inverse, np.zeros(len(rows), dtype=np.int64), shapes)
    for row, weights in zip(rows, root, strict=True):
        # Term by term and not as a matrix product, whose rounding depends on the size of the block.
        joined = np.zeros(rows.shape[1])
        for weight, other in zip(weights, normals, strict=True):
            if weight != 0.0:
                joined += weight * other
        normal(joined, forward, row)


def scan(
    x: Values,
    grids: Values,
    counts: NDArray[np.int32],
    sums: Values,
    marked: NDArray[np.bool_],
    sizes: NDArray[np.int64],
) -> Values:
    """Counts by sequence and bin, sums by chunk and sequence, and some of the values, of some columns of draws.

    Args:
        x: a row for each column, of draws that start with draw 0 of a chunk, shape (columns, draws).
        grids: for each column the lowest value, bins to each unit, and the value that is taken off before sums are
            formed, shape (columns, 3).
        counts: raised by the counts, shape (columns, LANES, bins + 2); the first and last bin hold what lies beyond.
        sums: filled with sums of x − centre and of its square, shape (columns, 2, chunks, LANES).
        marked: whether a bin's values are wanted, shape (columns, bins + 2).
        sizes: filled with the number of wanted values of each column.

    Returns:
        The wanted values, one column after the other.
    """
    lane = np.arange(x.shape[1]) % LANES * counts.shape[2]
    for values, (low, scale, centre), count, total in zip(x, grids, counts, sums, strict=True):
        place = bins(values, low, scale, counts.shape[2]) + lane
        count += np.bincount(place, minlength=count.size).reshape(count.shape).astype(np.int32)  # noqa: PLW2901
        total[...] = power_sums(values[None], np.array([centre]))[0]
    return collect(x, grids, marked, sizes)


def power_sums(x: Values, centres: Values) -> Values:
    """Sums of what some columns of draws are above a value, and of its square, by chunk and sequence.

    Args:
        x: a row for each column, of draws that start with draw 0 of a chunk, shape (columns, draws).
        centres: what is taken off each column before, shape (columns,).

    Returns:
        Shape (columns, 2, chunks, LANES).
    """
    chunks = -(-x.shape[1] // CHUNK)
    padded = np.zeros((len(x), chunks * CHUNK))
    np.subtract(x, centres[:, None], out=padded[:, : x.shape[1]])
    parts = padded.reshape(len(x), chunks, CHUNK // LANES, LANES)
    return np.stack([parts.sum(axis=2), (parts * parts).sum(axis=2)], axis=1)


def bins(x: Values, low: float, scale: float, size: int) -> NDArray[np.intp]:
    """Bin of each value; the first and the last of `size` bins hold what lies beyond."""
    # What is no number goes into the first bin; the sums tell of it.
    place = np.minimum(np.fmax((x - low) * scale + 1.0, 0.0), size - 1.0)
    return place.astype(np.intp)


def collect(x: Values, grids: Values, marked: NDArray[np.bool_], sizes: NDArray[np.int64]) -> Values:
    """The values of some columns that lie in marked bins.

    Args:
        x: a row for each column, shape (columns, draws).
        grids: as for `scan`.
        marked: whether a bin's values are wanted, shape (columns, bins + 2).
        sizes: filled with the number of values of each column.

    Returns:
        The values, one column after the other.
    """
    found = []
    for values, (low, scale, _), wanted in zip(x, grids, marked, strict=True):
        found.append(values[wanted[bins(values, low, scale, len(wanted))]])
    sizes[:] = [len(values) for values in found]
    return np.concatenate(found)


def cheapest(x: Values, rows: NDArray[np.int64], counts: NDArray[np.int64]) -> None:
    """How often each of some rows is the lowest of them, by the number of rows that tie.

    Args:
        x: shape (all rows, draws).
        rows: the rows that compete.
        counts: raised by the counts, shape (rows, rows, LANES): [i, k − 1, l] counts draws of sequence l in which row i
            is the lowest together with k − 1 others.
    """
    costs = x[rows]
    least = costs == costs.min(axis=0)
    ties = least.sum(axis=0) - 1
    lane = np.arange(costs.shape[1]) % LANES
    for row, mine in enumerate(least):
        np.add.at(counts[row], (ties[mine], lane[mine]), 1)


def bin_sums(u: Values, columns: Values, sums: Values) -> None:
    """Sums of some columns by bin of equal probability and by sequence.

    Args:
        u: probabilities of a parameter in (0, 1), shape (draws,).
        columns: what is summed, shape (draws, columns).
        sums: filled with the sums, shape (bins, LANES, columns).
    """
    bins, _, size = sums.shape
    cell = (u * bins).astype(np.int64) * LANES + np.arange(len(u)) % LANES
    for column in range(size):
        found = np.bincount(cell, columns[:, column], bins * LANES)
        sums[:, :, column] = found.reshape(bins, LANES)
