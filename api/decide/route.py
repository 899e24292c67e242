"""Where the goods really go and who is behind them: facts of the shipment as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal

from api.decide.bearing import Bearing
from api.decide.involved import Involved
from api.decide.naming import words_of
from api.decide.papers import repeated_lines, round_lines
from api.rulebook.conditions import Scalar
from api.rulebook.trade import Trade
from api.shipment import Documents, Role, Shipment

_BEHIND: tuple[Role, ...] = (
    "end_user",
    "buyer",
    "payer",
    "notify_party",
    "consignee",
    "intermediate_consignee",
    "seller",
    "bank",
)
_WHOSE_BUSINESS: tuple[Role, ...] = ("consignee", "end_user")
MaterialsNamed = Callable[[str], frozenset[str]]


def route_facts(
    shipment: Shipment,
    bearings: Sequence[Bearing],
    involved: Involved,
    trade: Trade,
    materials_named: MaterialsNamed,
) -> dict[str, Scalar]:
    """The facts of the shipment that need no history."""
    materials = materials_of(bearings)
    facts: dict[str, Scalar] = {
        "shipment.sensitive": bool(materials),
        "shipment.lines": Decimal(len(shipment.lines)),
    }
    for role in _WHOSE_BUSINESS:
        facts[f"{role}.named"] = role in involved.named
    if (hub := _hub(shipment, trade)) is not None:
        facts["route.hub"] = hub
    for role in _WHOSE_BUSINESS:
        if role in involved.business:
            facts[f"{role}.business"] = involved.business[role]
    if (repeated := repeated_lines(shipment)) > 1:
        facts["papers.repeated_lines"] = Decimal(repeated)
    if (round_ := round_lines(shipment)) > 1:
        facts["papers.round_lines"] = Decimal(round_)
    facts |= _restricted(shipment, involved, materials, trade)
    if shipment.documents is not None:
        facts |= dict(_documents(shipment.documents, shipment, materials, materials_named))
    return facts


def materials_of(bearings: Iterable[Bearing]) -> tuple[str, ...]:
    """The restricted materials of the shipment."""
    return tuple(dict.fromkeys(m for bearing in bearings for m in bearing.materials))


def _hub(shipment: Shipment, trade: Trade) -> str | None:
    """The first country on the way, or the last, that passes restricted goods on."""
    stops = (*(shipment.route.transit or ()), shipment.route.destination)
    return next((country for country in stops if country in trade.hubs), None)


def _restricted(
    shipment: Shipment, involved: Involved, materials: Sequence[str], trade: Trade
) -> dict[str, Scalar]:
    """A country that may not get the materials, behind a declared destination that may."""
    seats = involved.seats
    destination = shipment.route.destination
    for country, barred in trade.restricted.items():
        if country == trade.territories.get(destination, destination) or country not in seats:
            continue
        if barred is not None and barred.isdisjoint(materials):
            continue
        for role in _BEHIND:
            if role in seats[country]:
                return {
                    "restricted.country": country,
                    "restricted.role": role,
                    "restricted.basis": seats[country][role],
                }
    return {}


def _documents(
    papers: Documents,
    shipment: Shipment,
    materials: Sequence[str],
    materials_named: MaterialsNamed,
) -> Iterator[tuple[str, Scalar]]:
    """Names on other papers: a material that no line bears on, or other words altogether."""
    if papers.amended_after_release:
        yield "papers.amended", True
    texts = [t for t in (papers.bill_of_lading_description, papers.invoice_description) if t]
    named = [m for text in texts for m in materials_named(text) if m not in materials]
    if named:
        yield "papers.documents_name", named[0]
    declared = " ".join(line.description or "" for line in shipment.lines)
    if declared.strip() and any(_differs(text, declared) for text in texts):
        yield "papers.documents_differ", True


def _differs(text: str, declared: str) -> bool:
    """No word in common. Texts in different scripts can only be compared by what they name."""
    one, other = (set(words_of(t)) for t in (text, declared))
    if text.isascii() != declared.isascii():
        return bool(one) and bool(other) and one.isdisjoint(other)
    if text.isascii():
        return one.isdisjoint(other)
    return set("".join(one)).isdisjoint("".join(other))
