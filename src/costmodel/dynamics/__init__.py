"""How the market moves through time: events, mechanisms, and the path that they make (docs/methods.md)."""
