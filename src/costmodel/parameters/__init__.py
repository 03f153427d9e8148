"""Parameter sets: the strict border between YAML files and the model."""

from costmodel.errors import ParameterError, Problem
from costmodel.parameters.load import load, load_mapping
from costmodel.parameters.model import Parameter, ParameterSet, RankCorrelation

__all__ = ["Parameter", "ParameterError", "ParameterSet", "Problem", "RankCorrelation", "load", "load_mapping"]
