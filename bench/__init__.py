"""The benchmark table: the product beside the same statements run by pgbench.

`bin/bench` calls `python -m bench`; docs/benchmarks.md says what the rows mean.
"""
