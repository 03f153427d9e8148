"""Processes of a build: how they start, how much memory they may take, and that none outlives the build."""

import ctypes
import os
import signal
import sys
from pathlib import Path

#: Environment of everything that runs in a build: one thread for linear algebra, since sets run side by side, one order
#: of sets (of the mathematical kind) in every process, and figures as every kernel shows them, which matplotlib reads
#: only as it is imported.
ENVIRONMENT = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"),
    "PYTHONHASHSEED": "0",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
}
# prctl(2): send this signal when the parent dies.
_PR_SET_PDEATHSIG = 1
# Where control groups of Linux state what a container may take.
_GROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def can_fork() -> bool:
    """Whether kernels may be forks: on Linux. macOS can fork, but its own libraries do not bear it."""
    return sys.platform == "linux"


def die_with_parent() -> None:
    """End this process when its parent dies, even by `kill -9`; on Linux alone."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def cores() -> int:
    """Number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory() -> int | None:
    """Bytes of memory that this machine, or the container on it, has; None where that is not known."""
    try:
        found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    except (AttributeError, OSError, ValueError):
        return None
    for limit in _GROUP_LIMITS:
        try:
            found.append(int(limit.read_text(encoding="ascii")))
        except (OSError, ValueError):
            continue
    return min(found)


def limit_memory(limit: int | None) -> None:
    """Let this process take no more data than that: beyond it Python raises MemoryError.

    Args:
        limit: bytes; None for no limit.
    """
    if limit is None or sys.platform != "linux":
        return
    import resource

    # Data, not address space: libraries reserve far more addresses than they use.
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
