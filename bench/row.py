"""One row of the table: rounds of the product and of pgbench, in turn."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median

from bench import load, pgbench
from bench.load import Call, Rate


@dataclass(frozen=True, kw_only=True)
class Row:
    """`product(client)` prepares a call; `script` holds the same statements.

    `before(clients, seconds)` is called ahead of each half of a round and answers the
    variables of the script.
    """

    name: str
    product: Callable[[int], Call]
    script: str
    clients: tuple[int, ...]
    before: Callable[[int, int], dict[str, object]] = lambda clients, seconds: {}


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Medians over the rounds, and the ratio's whole range."""

    name: str
    clients: int
    product: Rate
    database: Rate
    ratios: list[float]

    @property
    def ratio(self) -> float:
        """What share of the database's own rate the product reaches."""
        return median(self.ratios)


def measured(row: Row, *, rounds: int, seconds: int) -> Iterator[Figures]:
    """Product and pgbench take turns, so that the machine's moods strike both."""
    for clients in row.clients:
        product, database = [], []
        for _round in range(rounds):
            row.before(clients, seconds)
            product.append(load.rate(row.product, clients=clients, seconds=seconds))
            variables = row.before(clients, seconds)
            database.append(
                pgbench.rate(row.script, variables, clients=clients, seconds=seconds)
            )
        yield Figures(
            name=row.name,
            clients=clients,
            product=middle(product),
            database=middle(database),
            ratios=[
                one.per_second / other.per_second
                for one, other in zip(product, database, strict=True)
            ],
        )


def middle(rates: list[Rate]) -> Rate:
    return Rate(
        per_second=median(one.per_second for one in rates),
        milliseconds=median(one.milliseconds for one in rates),
    )
