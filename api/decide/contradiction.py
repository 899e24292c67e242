"""What the papers of one line say against themselves."""

from __future__ import annotations

from decimal import Decimal

from api.decide.goods import Clue, GoodsView, assess
from api.rulebook.goods import Goods


def code_contradiction(goods: GoodsView, catalogue: Goods) -> tuple[Clue, ...] | None:
    """What the customs code means and the line denies, e.g. 99.5 % under a code for 99.99 %."""
    code = catalogue.customs_codes.get(goods.line.hs_code or "")
    if code is None:
        return None
    verdict = assess(code.means, goods)
    if verdict.holds is False:
        return verdict.clues
    other = goods.naming.first_of(code.denied_by)
    return None if other is None else (Clue("named_other", value=other),)


def said_purity(goods: GoodsView) -> Decimal | None:
    """The purity in the description, if the declared one, rounded alike, lies below it."""
    said, declared = goods.naming.purity_pct, goods.line.purity_pct
    if said is None or declared is None or not goods.naming.materials:
        return None
    return said if round(declared, -int(said.as_tuple().exponent)) < said else None
