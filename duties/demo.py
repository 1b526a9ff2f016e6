"""An admitted item, care targets and an issued task for the demo city."""
