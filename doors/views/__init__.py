"""Pages for people about what comes in by the doors."""
