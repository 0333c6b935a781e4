"""What each sign is worth: three small logistic models, learned by bench/hotfix_links.py.

A weight is the change in the natural logarithm of the odds when the sign goes from 0 to 1 (or up by one).
They come from the fixes of six projects in BugsInPy, and from the same fixes put together with another commit
of the project; docs/decisions/0014 says what was measured, also on projects that no weight has seen.
"""

from __future__ import annotations

#: Whether two pieces belong together (`evidence.between`).
LINK = {
    "constant": -1.69,
    #: Where they stand.
    "same function": 1.41,
    "same class": 0.60,
    "same file": 0.52,
    "near": 5.31,
    "same directory": 0.43,
    #: Names: rarer ones say more.
    "shared names": 0.52,
    "rarest shared name": 1.10,
    "rarest shared new name": 1.08,
    "shared words": 1.63,
    "alike name parts": 5.36,
    "defines what it uses": 0.73,
    "names its function": 0.54,
    "import for it": 1.24,
    #: The same done in two places.
    "same edit": 1.16,
    #: What goes with a fix: a test, a document. A comment alone says little.
    "one is a test": 1.67,
    "one is a document": 1.16,
    "one is a comment": -0.66,
    #: A line without names can share none.
    "few names": 1.52,
}

#: Whether the two sides of a cut are two things (`cuts.signs`); links come as the logarithm of their odds.
CUT = {
    "constant": 0.22,
    "strongest link": -0.90,
    "three strongest links": -0.91,
    "all links": 0.48,
    "lines of the smaller": 0.72,
    "lines of the larger": -0.20,
    "pieces of the smaller": 0.21,
    "pieces of the larger": 0.15,
    "same file": 1.10,
    "same function": 0.27,
    "same class": 0.42,
    "lines between": -0.06,
    #: A comment, an import, a document or a test alone is no second thing.
    "only comments": -1.32,
    "only imports": -2.24,
    "only documents": -1.39,
    "only tests": -3.44,
    #: The larger a change and the more it adds, the likelier that there are two in it.
    "new functions": 0.92,
    "new functions in the smaller": -0.60,
    "files": 0.36,
    "functions": 0.11,
    "lines": 0.20,
    #: What is known about the incident points at one side and not at the other.
    "bearing on one side only": 0.56,
}

#: Which side of a cut is the fix (`cuts.likeness_to_a_fix`): the one with more of this.
FIX = {
    "bearing": 3.08,
    "lines": -0.72,
    "conditions": 0.18,
    "new functions": -1.42,
    "only comments or imports": -0.17,
    "no source": -0.34,
    "pieces": 0.34,
    "files": -1.68,
    "only removes": -0.77,
}

#: A cut above this is objected to.
TWO_THINGS = 1.93
#: Below this it is not said which of two sides is the fix, and both are named: three to one.
SURE_OF_THE_FIX = 1.1


def weigh(signs: dict[str, float], weights: dict[str, float]) -> float:
    """Return the logarithm of the odds."""
    return sum(weights[name] * value for name, value in signs.items())
