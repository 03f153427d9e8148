"""What follows from costs under uncertainty: summaries and sensitivities (MODEL.md 7)."""
