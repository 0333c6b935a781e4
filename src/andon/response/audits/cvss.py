"""The base score of a CVSS 3 vector: the formula of the CVSS 3.1 specification, section 7.1."""

from __future__ import annotations

_IMPACT = {"H": 0.56, "L": 0.22, "N": 0.0}
_VECTOR = {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2}
_COMPLEXITY = {"L": 0.77, "H": 0.44}
_INTERACTION = {"N": 0.85, "R": 0.62}
_RIGHTS = {"N": 0.85, "L": 0.62, "H": 0.27}
_RIGHTS_CHANGED = {"N": 0.85, "L": 0.68, "H": 0.5}


def base_score(vector: str) -> float | None:
    """Return the score from 0 to 10 of `CVSS:3.x/AV:.../...`; None for another version or a broken one."""
    if not vector.startswith("CVSS:3."):
        return None
    parts = dict(part.partition(":")[::2] for part in vector.split("/")[1:])
    is_changed = parts.get("S") == "C"
    try:
        impacts = [_IMPACT[parts[key]] for key in "CIA"]
        rights = (_RIGHTS_CHANGED if is_changed else _RIGHTS)[parts["PR"]]
        exploit = 8.22 * _VECTOR[parts["AV"]] * _COMPLEXITY[parts["AC"]] * rights * _INTERACTION[parts["UI"]]
    except KeyError:
        return None
    loss = 1 - (1 - impacts[0]) * (1 - impacts[1]) * (1 - impacts[2])
    impact = 7.52 * (loss - 0.029) - 3.25 * (loss - 0.02) ** 15 if is_changed else 6.42 * loss
    if impact <= 0:
        return 0.0
    return _round_up(min((1.08 if is_changed else 1.0) * (impact + exploit), 10.0))


def _round_up(score: float) -> float:
    """Return the score with one decimal, rounded up without the errors of binary numbers (appendix A)."""
    whole = round(score * 100_000)
    return whole / 100_000 if whole % 10_000 == 0 else (whole // 10_000 + 1) / 10
