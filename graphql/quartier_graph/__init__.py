"""The graph: publishes what the rooms hold, and decides nothing."""
