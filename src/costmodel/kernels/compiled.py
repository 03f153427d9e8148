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
    # No branches: which side a probability lies on is a coin toss that no processor can guess. And strips are slices,
    # since an index that may be negative, as far as the compiler knows, is looked at before it is used.
    for line in range(x.shape[0]):
        if which[line] < 0:
            continue
        rows = tables[which[line]]
        low, high, offset, scale = shapes[line, 0], shapes[line, 1], shapes[line, 2], shapes[line, 3]
        for start in range(0, x.shape[1], _STRIP):
            u = x[line, start : start + _STRIP]
            for i in range(len(u)):
                side[i] = 0.5 - u[i]
                v[i] = max(0.5 - abs(u[i] - 0.5), SMALLEST)
            for i in range(len(u)):
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
            for i in range(len(u)):
                value = found[i]
                value = low if value < low else value
                value = high if value > high else value
                u[i] = value * scale + offset


@_compile
def draw(first, directions, shift, laws, out):
    tables, which, shapes = laws
    for row in range(out.shape[0]):
        own = slice(row, row + 1)
        sobol(first, directions[own], shift[own], out[own])
        invert(out[own], tables, which[own], shapes[own])


@_compile
def normal(z, rows, out):
    distance, place, found = np.empty(_STRIP), np.empty(_STRIP, np.int32), np.empty(_STRIP)
    for start in range(0, len(z), _STRIP):
        own, into = z[start : start + _STRIP], out[start : start + _STRIP]
        for i in range(len(own)):
            value = abs(own[i])
            distance[i] = (_LAST if value > _LAST else value) * NORMAL_PARTS
            place[i] = np.int32(distance[i])
        for i in range(len(own)):
            row = np.uint64(place[i])
            at = 2.0 * (distance[i] - place[i]) - 1.0
            value = rows[row, DEGREE]
            for power in range(DEGREE - 1, -1, -1):
                value = value * at + rows[row, power]
            found[i] = value
        for i in range(len(own)):
            value = _HALF_CELL if found[i] < _HALF_CELL else found[i]
            into[i] = 1.0 - value if own[i] > 0 else value


@_compile
def correlate(rows, root, tables):
    inverse, forward = tables
    size = rows.shape[0]
    normals, joined = np.empty((size, CHUNK)), np.empty(CHUNK)
    which, shapes = np.zeros(size, np.int64), np.empty((size, 4))
    shapes[:] = np.array([-np.inf, np.inf, 0.0, 1.0])
    for start in range(0, rows.shape[1], CHUNK):
        own = rows[:, start : start + CHUNK]
        draws = own.shape[1]
        normals[:, :draws] = own
        invert(normals[:, :draws], inverse, which, shapes)
        for row in range(size):
            joined[:] = 0.0
            for other in range(row + 1):
                weight, values = root[row, other], normals[other]
                if weight != 0.0:
                    for i in range(CHUNK):
                        joined[i] += weight * values[i]
            normal(joined[:draws], forward, own[row])


@_compile
def scan(x, grids, counts, sums, marked, sizes):
    top = counts.shape[2] - 1.0
    place = np.empty(CHUNK, np.int32)
    found = np.empty(x.size)
    kept = np.uint64(0)
    for column in range(x.shape[0]):
        low, scale, centre = grids[column, 0], grids[column, 1], grids[column, 2]
        count, wanted, before = counts[column], marked[column], kept
        for chunk in range(sums.shape[2]):
            values = x[column, chunk * CHUNK : (chunk + 1) * CHUNK]
            for i in range(len(values)):
                at = (values[i] - low) * scale + 1.0
                # Written so that what is no number goes into the first bin; the sums tell of it.
                at = at if at > 0.0 else 0.0
                place[i] = np.int32(at if at < top else top)
            for i in range(len(values)):
                at = np.uint64(place[i])
                count[np.uint64(i % LANES), at] += 1
                found[kept] = values[i]
                kept += np.uint64(wanted[at])
            total, squares = sums[column, 0, chunk], sums[column, 1, chunk]
            total[:] = 0.0
            squares[:] = 0.0
            whole = len(values) // LANES
            for turn in range(whole):
                own = values[turn * LANES : (turn + 1) * LANES]
                for lane in range(LANES):
                    value = own[lane] - centre
                    total[lane] += value
                    squares[lane] += value * value
            for lane in range(len(values) - whole * LANES):
                value = values[whole * LANES + lane] - centre
                total[lane] += value
                squares[lane] += value * value
        sizes[column] = kept - before
    return found[:kept].copy()


@_compile
def collect(x, grids, marked, sizes):
    top = marked.shape[1] - 1.0
    found = np.empty(x.size)
    kept = np.uint64(0)
    for column in range(x.shape[0]):
        low, scale, wanted, before = grids[column, 0], grids[column, 1], marked[column], kept
        for value in x[column]:
            found[kept] = value
            at = (value - low) * scale + 1.0
            at = at if at > 0.0 else 0.0
            kept += np.uint64(wanted[np.uint64(at if at < top else top)])
        sizes[column] = kept - before
    return found[:kept].copy()


@_compile
def cheapest(x, rows, counts):
    size = len(rows)
    least, ties, who = np.empty(_STRIP), np.empty(_STRIP, np.int64), np.empty(_STRIP, np.int64)
    for start in range(0, x.shape[1], _STRIP):
        draws = min(_STRIP, x.shape[1] - start)
        least[:] = np.inf
        for row in range(size):
            own = x[rows[row], start : start + draws]
            for i in range(len(own)):
                below = own[i] < least[i]
                least[i] = own[i] if below else least[i]
                who[i] = row if below else who[i]
        ties[:] = -1
        for row in range(size):
            own = x[rows[row], start : start + draws]
            for i in range(len(own)):
                ties[i] += np.int64(own[i] == least[i])
        for i in range(draws):
            if ties[i] == 0:
                counts[np.uint64(who[i]), 0, i % LANES] += 1
            else:
                for row in range(size):
                    if x[rows[row], start + i] == least[i]:
                        counts[row, ties[i], i % LANES] += 1


@_compile
def bin_sums(u, columns, sums):
    sums[:] = 0.0
    for i in range(len(u)):
        cell = sums[np.uint64(u[i] * sums.shape[0]), i % LANES]
        for column in range(columns.shape[1]):
            cell[column] += columns[i, column]
