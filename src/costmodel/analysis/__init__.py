"""What follows from costs under uncertainty (docs/methods.md).

- Draws and what they say: `uncertainty` (`simulate`), `precision`, `named` outcomes, `convergence`; beneath them
  `recording` (the model as a tape), `streaming` (one pass over the draws) and `statistics`.
- Draws to work with: `sample`, and `sweep` over many sets.
- What moves a result: `sensitivity` (one at a time), `curves`, `global_sensitivity` (on `sobol` and `given_data`),
  `drivers` (those of a report).
- What would change a choice: `breakeven` (on `ranges`, `roots`, put into words by `thresholds`), `acceptability`,
  `discovery`, `value_of_information` (on `information`).
"""
