"""Sweeps: thousands to millions of cells over any parameters and sets, kept as a dataset of Parquet files."""
