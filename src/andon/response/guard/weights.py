"""What each sign is worth: three small logistic models, learned by bench/hotfix_links.py.

A weight is the change in the natural logarithm of the odds when the sign goes from 0 to 1 (or up by one).
They come from the fixes of six projects in BugsInPy, and from the same fixes put together with another commit
of the project; docs/decisions/0014 says what was measured, also on projects that no weight has seen.
"""

from __future__ import annotations

#: Whether two pieces belong together (`evidence.between`).
LINK = {
    "constant": -2.07,
    #: Where they stand.
    "same function": 1.51,
    "same class": 0.23,
    "same file": 0.56,
    "near": 3.77,
    "alike paths": 0.74,
    "same directory": -0.67,
    #: Names: rarer ones say more.
    "shared names": 0.42,
    "rarest shared name": 1.12,
    "rarest shared new name": 1.35,
    "shared words": 1.31,
    "alike name parts": 4.41,
    "defines what it uses": 0.99,
    "names its file": 0.52,
    "names its function": 0.96,
    "import for it": 0.99,
    #: The same done in two places.
    "same edit": 0.99,
    #: What goes with a fix: a test, a document. A comment alone says little.
    "one is a test": 1.21,
    "one is a document": 0.82,
    "one is a comment": -0.15,
    #: A line without names can share none.
    "few names": 0.73,
}

#: Whether the two sides of a cut are two things (`cuts.signs`); links come as the logarithm of their odds.
CUT = {
    "constant": -0.94,
    "strongest link": -0.69,
    "three strongest links": -0.85,
    "lines of the smaller": 0.78,
    "lines of the larger": 0.34,
    "pieces of the larger": -0.32,
    "same file": 1.17,
    #: A comment, an import, a document or a test alone is no second thing.
    "only comments": -1.45,
    "only imports": -2.28,
    "only documents": -1.05,
    "only tests": -3.95,
    #: The larger a change and the more it adds, the likelier that there are two in it.
    "new functions": 0.90,
    "new functions in the smaller": -0.45,
    "files": 0.30,
    "lines": -0.19,
    #: What is known about the incident points at one side and not at the other.
    "bearing on one side only": 0.53,
}

#: Which side of a cut is the fix (`cuts.likeness_to_a_fix`): the one with more of this.
FIX = {
    "bearing": 3.14,
    "lines": -0.61,
    "conditions": 0.36,
    "new functions": -1.40,
    "only comments or imports": -0.50,
    "no source": 0.35,
    "pieces": 0.28,
    "files": -1.43,
    "only removes": -0.73,
}

#: A cut above this blocks (`connected`), and above this it warns (`loose-ends`).
TWO_THINGS, MAYBE_TWO_THINGS = 3.50, 1.25
#: Below this it is not said which of two sides is the fix, and both are named: three to one.
SURE_OF_THE_FIX = 1.1


def weigh(signs: dict[str, float], weights: dict[str, float]) -> float:
    """Return the logarithm of the odds."""
    return sum(weights[name] * value for name, value in signs.items())
