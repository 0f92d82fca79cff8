"""Coefficients that several methods have in common."""

from __future__ import annotations

from frism.methods.method import Choice, Parameter

LAST_SEED = 2**31 - 1
SEED = Parameter("Seed of the random numbers.", 0, LAST_SEED, optional=0, whole=True)
RESCALE = Choice(
    "What makes up for the dropped entries: `probability` divides each kept one by its probability "
    "of being kept, `norm` restores the matrix's sum of magnitudes.",
    ("probability", "norm"),
    optional="probability",
)


def factor(*default: float, of: str = "task vector") -> Parameter:
    """Returns the parameter `lambda` with its default candidates."""
    return Parameter(f"Factor of the {of}.", 0.0, 3.0, default)


def density(default: float, of: str) -> Parameter:
    """Returns the share of entries that is kept, with its default."""
    return Parameter(f"Share of the entries of {of} that is kept.", 0.0, 1.0, (default,))


def drop_probability(default: float) -> Parameter:
    """Returns the probability of dropping an entry, with its default."""
    return Parameter("Probability of dropping an entry.", 0.0, 0.999, (default,))
