"""What follows from costs under uncertainty: summaries and sensitivities (docs/methods.md)."""
