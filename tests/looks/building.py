"""Everything that the demo city shows when it is looked at."""

from governance import clock
from tests.looks import affairs, stations


def build() -> dict[str, int]:
    """The case of each station by its name."""
    found = stations.build()
    affairs.build(clock.now())
    return found
