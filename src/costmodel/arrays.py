"""The one numeric type of the equations, and the constants of the calendar."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

#: A float for central values, an array for draws; everything in the model broadcasts over it.
Array: TypeAlias = float | NDArray[np.float64]

#: Hours in a year of 365.25 days.
HOURS_PER_YEAR = 8766.0
