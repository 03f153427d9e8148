"""Performance of a chip on a workload, and the cost of its useful work (docs/methods.md)."""

import numpy as np

from costmodel.arrays import HOURS_PER_YEAR, Array


def attainable(*, peak: Array, memory_bandwidth: Array, arithmetic_intensity: Array, bytes_per_number: float) -> Array:
    """Roofline: R = min(F, I·(2/bytes)·B).

    Args:
        peak: F, dense peak in the number format it runs, FLOP/s.
        memory_bandwidth: B, byte/s.
        arithmetic_intensity: I, FLOP per byte in bf16.
        bytes_per_number: 2 in bf16, 1 in fp8.

    Returns:
        FLOP/s.

    References:
        Williams, Waterman and Patterson (2009), "Roofline", Communications of the ACM 52(4).

    Examples:
        >>> float(attainable(peak=1e15, memory_bandwidth=3e12, arithmetic_intensity=100.0, bytes_per_number=2))
        300000000000000.0
    """
    return np.minimum(peak, arithmetic_intensity * (2.0 / bytes_per_number) * memory_bandwidth)


def attained(*, attainable: Array, utilization: Array) -> Array:
    """Work that a chip does in use: R·u.

    Args:
        attainable: R, FLOP/s.
        utilization: u, attained fraction of the roofline.

    Returns:
        FLOP/s.

    Examples:
        >>> attained(attainable=4e14, utilization=0.5)
        200000000000000.0
    """
    return attainable * utilization


def equivalence(*, rate: Array, reference_rate: Array) -> Array:
    """Work of a chip in units of the reference chip's: e = R·u/(R_ref·u_ref); without utilisations nominal, e⁰.

    Args:
        rate: R·u, or R alone, FLOP/s.
        reference_rate: the same of the reference chip, FLOP/s.

    Returns:
        Equivalence, H100e per accelerator.

    Examples:
        >>> equivalence(rate=2e14, reference_rate=4e14)
        0.5
    """
    return rate / reference_rate


def mixed(*, training: Array, inference: Array, share: Array) -> Array:
    """Equivalence on a mix of work: e = 1/(s/e_training + (1−s)/e_inference).

    Args:
        training: e_training.
        inference: e_inference.
        share: s, share of the work that is training.

    Returns:
        Equivalence, H100e.

    Examples:
        >>> mixed(training=1.0, inference=0.5, share=0.5)
        0.6666666666666666
    """
    return 1.0 / (share / training + (1.0 - share) / inference)


def mixed_cost(*, training: Array, inference: Array, share: Array) -> Array:
    """Cost of a unit of mixed work: s·cost_training + (1−s)·cost_inference, which is X/(H·A·e_mix).

    Args:
        training: cost of a unit of training, USD/H100e-h.
        inference: cost of a unit of inference, USD/H100e-h.
        share: s, share of the work that is training.

    Returns:
        USD/H100e-h.

    Examples:
        >>> mixed_cost(training=2.0, inference=4.0, share=0.25)
        3.5
    """
    return share * training + (1.0 - share) * inference


def cost_per_unit(*, stack: Array, availability: Array, equivalence: Array) -> Array:
    """Annual cost per H100-equivalent hour: X/(H·A·e).

    Args:
        stack: X, USD per accelerator-year.
        availability: A, share of hours up.
        equivalence: e, H100e per accelerator.

    Returns:
        USD/H100e-h.

    Examples:
        >>> round(cost_per_unit(stack=8766.0, availability=0.5, equivalence=2.0), 6)
        1.0
    """
    return stack / (HOURS_PER_YEAR * availability * equivalence)


def cost_per_exaflop(*, cost: Array, reference_attainable: Array, reference_utilization: Array) -> Array:
    """Cost of 10¹⁸ effective FLOP: π/(R_ref·u_ref·3600/10¹⁸).

    Args:
        cost: π, USD/H100e-h.
        reference_attainable: R_ref, FLOP/s.
        reference_utilization: u_ref, attained fraction of the roofline.

    Returns:
        USD per 10¹⁸ effective FLOP.

    Examples:
        >>> round(cost_per_exaflop(cost=3.6, reference_attainable=1e15, reference_utilization=0.5), 9)
        2.0
    """
    return cost / (reference_attainable * reference_utilization * 3600.0 / 1e18)
