"""Run the command line as `python -m costmodel`."""

from costmodel.cli import main

main()
