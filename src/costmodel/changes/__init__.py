"""What a change of parameter files changes: two revisions or folders, set by set; what a reviewer wants to know.

`sides` finds the sets of both; `inputs` tells what they state; `figures` what follows from that; `comparison` puts the
two side by side; `document` gives it as plain data, `markdown` as a summary for a pull request.
"""

from costmodel.changes.comparison import Changes, SetChange, compared
from costmodel.changes.sides import Side, side

__all__ = ["Changes", "SetChange", "Side", "compared", "side"]
