"""Kernels that are forks of a process in which everything is imported already.

A report's process comes from the fork server (`costmodel.reporting.pool`). Before it does anything else it forks once
more: that spare process waits until jupyter_client asks for a kernel, and becomes it. So imports are paid once for a
whole build, while each report still has a process, and a kernel, of its own.
"""

import json
import multiprocessing
import os
import signal
import sys
from typing import TYPE_CHECKING, Any, cast

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from costmodel.reporting.processes import die_with_parent, limit_memory

if TYPE_CHECKING:
    import subprocess

#: Name of the entry point by which jupyter_client finds the provisioner.
NAME = "costmodel-fork"


class Spare:
    """A fork of this process that waits to become a kernel; stands for it as `subprocess.Popen` would.

    Attributes:
        pid: its number.
        returncode: how it ended; None while it runs.
    """

    stdin = stdout = stderr = None

    def __init__(self, memory: int | None = None) -> None:
        """Fork; to be called while this process has one thread.

        Args:
            memory: bytes that the kernel may take; None for no limit.
        """
        order, self._order = os.pipe()
        self.returncode: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._order)
            _wait_and_serve(order, memory)
        os.close(order)

    def serve(self, arguments: list[str], environment: dict[str, str], folder: str | None) -> None:
        """Let it become a kernel.

        Args:
            arguments: the kernel's command line, after the program.
            environment: its environment.
            folder: its working directory; None for this process's.
        """
        with os.fdopen(self._order, "w", encoding="utf-8") as pipe:
            json.dump({"arguments": arguments, "environment": environment, "folder": folder}, pipe)

    def poll(self) -> int | None:
        """How it ended; None while it runs."""
        return self._ended(os.WNOHANG)

    def wait(self) -> int | None:
        """Wait for its end."""
        return self._ended(0)

    def _ended(self, options: int) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, options)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


def _wait_and_serve(order: int, memory: int | None) -> None:
    """What the spare process does; never returns."""
    code = 1
    try:
        die_with_parent()
        # A process group of its own, as jupyter_client starts kernels: Ctrl-C is the build's, not the kernel's.
        os.setsid()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        with os.fdopen(order, encoding="utf-8") as pipe:
            text = pipe.read()
        if text:
            limit_memory(memory)
            _serve(**json.loads(text))
        code = 0
    finally:
        os._exit(code)


def _serve(arguments: list[str], environment: dict[str, str], folder: str | None) -> None:
    import random

    import numpy as np
    from ipykernel.kernelapp import IPKernelApp

    os.environ.clear()
    os.environ.update(environment)
    if folder is not None:
        os.chdir(folder)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    multiprocessing.current_process().name = "MainProcess"
    # Forks would otherwise all draw the same numbers from the global generators.
    random.seed()
    np.random.seed()  # noqa: NPY002
    sys.argv = ["ipykernel_launcher", *arguments]
    IPKernelApp.launch_instance(arguments)


class ForkProvisioner(LocalProvisioner):
    """Starts a kernel from the spare process, if there is one and it is a kernel of this Python; else as usual."""

    #: The spare of this process. One report, one process, one kernel: there is never need of a second.
    spare: Spare | None = None

    async def launch_kernel(self, cmd: list[str], **options: Any) -> KernelConnectionInfo:
        """Start the kernel.

        Args:
            cmd: the kernel's command.
            **options: see jupyter_client.

        Returns:
            How to reach it.
        """
        spare, ForkProvisioner.spare = ForkProvisioner.spare, None
        if spare is None or cmd[:3] != [sys.executable, "-m", "ipykernel_launcher"]:
            return await super().launch_kernel(cmd, **options)
        # ipykernel reads its parent from the environment when it is imported, which was long ago.
        watched = f"--IPKernelApp.parent_handle={os.getpid()}"
        spare.serve([*cmd[3:], watched], {**options["env"], "JPY_PARENT_PID": str(os.getpid())}, options.get("cwd"))
        self.process = cast("subprocess.Popen[Any]", spare)
        self.pid = self.pgid = spare.pid
        return self.connection_info
