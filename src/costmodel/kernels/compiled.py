"""The loops compiled by numba; what they do, and with what, is written in `plain`."""

import numpy as np
from numba import njit

from costmodel.kernels.plain import (
    BITS,
    CHUNK,
    DEGREE,
    LANES,
    NORMAL_END,
    NORMAL_PARTS,
    OCTAVES,
    PARTS,
    SMALLEST,
)

_CELL = 2.0**-BITS
_HALF_CELL = 2.0 ** -(BITS + 1)
# Numbers that are worked on at a time, so that what is between two loops stays in the fastest cache.
_STRIP = 256
# Binary digits of a floating-point number's fraction, and what its exponent is stored with added.
_FRACTION, _BIAS = 52, 1022
_PART_BITS = PARTS.bit_length() - 1

_LAST = NORMAL_END - 2.0**-20

_compile = njit(cache=True, nogil=True, error_model="numpy")


@_compile
def sobol(first, directions, shift, out):
    points = out.shape[1] // LANES
    for dimension in range(out.shape[0]):
        own = directions[dimension]
        state = shift[dimension].copy()
        gray = first ^ (first >> 1)
        digit = 0
        while gray:
            if gray & 1:
                for lane in range(LANES):
                    state[lane] ^= own[digit, lane]
            gray >>= 1
            digit += 1
        row = out[dimension]
        for point in range(points):
            for lane in range(LANES):
                row[point * LANES + lane] = state[lane] * _CELL + _HALF_CELL
            changing, digit = first + point, 0
            while changing & 1:
                changing >>= 1
                digit += 1
            if point + 1 < points:
                for lane in range(LANES):
                    state[lane] ^= own[digit, lane]


@_compile
def invert(x, tables, which, shapes):
    v, side, found = np.empty(_STRIP), np.empty(_STRIP), np.empty(_STRIP)
    bits, sign = v.view(np.int64), side.view(np.int64)
    # No branches: which side a probability lies on is a coin toss that no processor can guess.
    for line in range(x.shape[0]):
        if which[line] < 0:
            continue
        u, rows = x[line], tables[which[line]]
        low, high, offset, scale = shapes[line, 0], shapes[line, 1], shapes[line, 2], shapes[line, 3]
        for start in range(0, len(u), _STRIP):
            size = min(_STRIP, len(u) - start)
            for i in range(size):
                side[i] = 0.5 - u[start + i]
                v[i] = max(0.5 - abs(u[start + i] - 0.5), SMALLEST)
            for i in range(size):
                exponent = (bits[i] >> _FRACTION) - _BIAS
                part = (bits[i] >> (_FRACTION - _PART_BITS)) & (PARTS - 1)
                # The fraction's digits after those of the part, as a number from -1 to 1.
                rest = bits[i] & ((1 << (_FRACTION - _PART_BITS)) - 1)
                at = rest * 2.0 ** (_PART_BITS - _FRACTION + 1) - 1.0
                row = np.uint64(part - exponent * PARTS + (sign[i] >> 63 & 1) * (OCTAVES * PARTS))
                value = rows[row, DEGREE]
                for power in range(DEGREE - 1, -1, -1):
                    value = value * at + rows[row, power]
                found[i] = value
            for i in range(size):
                value = found[i]
                value = low if value < low else value
                value = high if value > high else value
                u[start + i] = value * scale + offset


@_compile
def draw(first, directions, shift, laws, out):
    tables, which, shapes = laws
    for row in range(out.shape[0]):
        own = slice(row, row + 1)
        sobol(first, directions[own], shift[own], out[own])
        invert(out[own], tables, which[own], shapes[own])


@_compile
def normal(z, rows, out):
    for i in range(len(z)):
        distance = abs(z[i])
        distance = (_LAST if distance > _LAST else distance) * NORMAL_PARTS
        whole = np.int32(distance)
        row = np.uint64(whole)
        at = 2.0 * (distance - whole) - 1.0
        value = rows[row, DEGREE]
        for power in range(DEGREE - 1, -1, -1):
            value = value * at + rows[row, power]
        value = _HALF_CELL if value < _HALF_CELL else value
        out[i] = 1.0 - value if z[i] > 0 else value


@_compile
def scan(x, grid, counts, sums):
    low, scale, centre = grid
    top = counts.shape[1] - 1.0
    for chunk in range(sums.shape[1]):
        start = chunk * CHUNK
        size = min(CHUNK, len(x) - start)
        total, squares = sums[0, chunk], sums[1, chunk]
        total[:] = 0.0
        squares[:] = 0.0
        for i in range(size):
            lane = i % LANES
            value = x[start + i]
            place = (value - low) * scale + 1.0
            place = place if place > 0.0 else 0.0
            counts[lane, int(place if place < top else top)] += 1
            value -= centre
            total[lane] += value
            squares[lane] += value * value


@_compile
def collect(x, grid, marked):
    low, scale, _ = grid
    top = len(marked) - 1.0
    found = np.empty(len(x))
    size = 0
    for value in x:
        found[size] = value
        place = (value - low) * scale + 1.0
        place = place if place > 0.0 else 0.0
        size += marked[int(place if place < top else top)]
    return found[:size].copy()


@_compile
def cheapest(costs, counts):
    rows, draws = costs.shape
    least, ties, who = np.empty(_STRIP), np.empty(_STRIP, np.int64), np.empty(_STRIP, np.int64)
    for start in range(0, draws, _STRIP):
        size = min(_STRIP, draws - start)
        least[:] = np.inf
        for row in range(rows):
            for i in range(size):
                below = costs[row, start + i] < least[i]
                least[i] = costs[row, start + i] if below else least[i]
                who[i] = row if below else who[i]
        ties[:] = -1
        for row in range(rows):
            for i in range(size):
                ties[i] += costs[row, start + i] == least[i]
        for i in range(size):
            if ties[i] == 0:
                counts[who[i], 0, i % LANES] += 1
            else:
                for row in range(rows):
                    if costs[row, start + i] == least[i]:
                        counts[row, ties[i], i % LANES] += 1
