"""How much a set, or a command, may ask for: far above any real use, and low enough that a mistake ends at once."""

#: One file. The largest set so far has 50 kB and 1,800 values, seven levels deep.
MAX_BYTES = 1_000_000
MAX_NODES = 20_000
MAX_DEPTH = 40
#: Characters of a name, of a number, of a label, of a title, and of a paragraph.
MAX_NAME = 200
MAX_DIGITS = 100
MAX_LABEL = 200
MAX_TITLE = 200
MAX_PARAGRAPH = 10_000
#: Characters of a table of sources.
MAX_EVIDENCE = 5_000_000
#: Sets that extend one another.
MAX_CHAIN = 32
#: Problems that are told of one set.
MAX_PROBLEMS = 100
#: Entries of a table or list of a set.
MAX_ENTRIES = 200
MAX_OBSERVATIONS = 1_000
MAX_CORRELATED = 100
MAX_SOURCES = 50
#: Quarters of a path: a hundred years.
MAX_QUARTERS = 400
#: Draws of one run. `simulate` streams them; a report, which keeps them, then needs some gigabytes.
MAX_DRAWS = 10_000_000
#: Draws of what keeps them all in memory, parameter by parameter.
MAX_KEPT = 2**20
#: Values along one parameter of a curve.
MAX_POINTS = 1_001
#: Threads or processes at a time.
MAX_WORKERS = 256
#: A sweep: its cells, values along one parameter, draws of each cell, which are all in memory, and sets that it loads.
MAX_CELLS = 10**9
MAX_VALUES = 1_000_000
MAX_CELL_DRAWS = 2**18
MAX_VARIANTS = 1_000

#: All of them in words, for the pages of the documentation.
LIMITS = {
    "bytes of a set file": MAX_BYTES,
    "values in a set file": MAX_NODES,
    "levels of nesting": MAX_DEPTH,
    "characters of a name or key": MAX_NAME,
    "characters of a number": MAX_DIGITS,
    "characters of a title": MAX_TITLE,
    "characters of a label or other text leaf": MAX_LABEL,
    "characters of a description, assumption or note": MAX_PARAGRAPH,
    "sets that extend one another": MAX_CHAIN,
    "channels, chips, sites, decisions, levers, events; parameters that one event sets": MAX_ENTRIES,
    "observations": MAX_OBSERVATIONS,
    "parameters in one entry of `correlations`": MAX_CORRELATED,
    "sources of one leaf": MAX_SOURCES,
    "quarters of a path": MAX_QUARTERS,
    "draws (`run.draws`, `--draws`): `simulate --output` then takes 5 GB, and `simulate` alone keeps none": MAX_DRAWS,
    "draws of commands that keep them all (`voi`, `discover`, `breakeven`, `attribute`, `frontier`, …)": MAX_KEPT,
    "values along a curve (`--points`)": MAX_POINTS,
    "`--workers`, `--jobs`": MAX_WORKERS,
    "cells of a sweep": MAX_CELLS,
    "values along one parameter of a sweep": MAX_VALUES,
    "draws of a cell of a sweep": MAX_CELL_DRAWS,
    "sets that a sweep loads, one for each combination of values that are more than a number": MAX_VARIANTS,
    "characters of `evidence/sources.csv`": MAX_EVIDENCE,
    "problems told of one set": MAX_PROBLEMS,
}
