"""The model's equations: pure functions of floats or arrays, one equation each, in the literature's symbols.

Nothing here knows of parameter sets, channels or draws.
"""
