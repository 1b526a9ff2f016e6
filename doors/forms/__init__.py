"""Shapes of what people enter about what comes in by the doors."""
