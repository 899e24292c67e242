"""Where the goods really go and who is behind them: facts of the shipment as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal

from api.decide.bearing import Bearing
from api.decide.naming import normalise
from api.decide.papers import repeated_lines, round_lines
from api.decide.parties import ScreenedParty
from api.rulebook.conditions import Scalar
from api.rulebook.trade import Trade
from api.shipment import Owner, Party, Role, Shipment

_BEHIND: tuple[Role, ...] = (
    "end_user",
    "buyer",
    "payer",
    "notify_party",
    "consignee",
    "intermediate_consignee",
)
MaterialsNamed = Callable[[str], frozenset[str]]


def route_facts(
    shipment: Shipment,
    bearings: Sequence[Bearing],
    screened: Sequence[ScreenedParty],
    trade: Trade,
    materials_named: MaterialsNamed,
) -> dict[str, Scalar]:
    """The facts of the shipment that need no history. `screened` in the order of its parties."""
    materials = materials_of(bearings)
    found: dict[str, Scalar | None] = {
        "shipment.sensitive": bool(materials),
        "shipment.lines": Decimal(len(shipment.lines)),
        "route.hub": _hub(shipment, trade),
        "consignee.business": _business("consignee", shipment, screened),
        "end_user.business": _business("end_user", shipment, screened),
        "end_user.named": bool(shipment.by_role("end_user")),
        "papers.repeated_lines": Decimal(repeated_lines(shipment)),
        "papers.round_lines": Decimal(round_lines(shipment)),
    }
    found |= dict(_restricted(shipment, materials, trade))
    found |= dict(_documents(shipment, materials, materials_named))
    return {name: value for name, value in found.items() if value is not None}


def materials_of(bearings: Iterable[Bearing]) -> tuple[str, ...]:
    """The restricted materials of the shipment."""
    return tuple(dict.fromkeys(m for bearing in bearings for m in bearing.materials))


def _hub(shipment: Shipment, trade: Trade) -> str | None:
    """The first country on the way, or the last, that passes restricted goods on."""
    stops = (*(shipment.route.transit or ()), shipment.route.destination)
    return next((country for country in stops if country in trade.hubs), None)


def _business(role: Role, shipment: Shipment, screened: Sequence[ScreenedParty]) -> str | None:
    pairs = zip(shipment.parties, screened, strict=True)
    return next((s.business for p, s in pairs if p.role == role and s.business), None)


def _restricted(
    shipment: Shipment, materials: Sequence[str], trade: Trade
) -> Iterator[tuple[str, Scalar]]:
    """A country that may not get the materials, behind a declared destination that may."""
    for country, barred in trade.restricted.items():
        if country == shipment.route.destination:
            continue
        if barred is not None and barred.isdisjoint(materials):
            continue
        for role in _BEHIND:
            if any(country in _countries(party) for party in shipment.by_role(role)):
                yield "restricted.country", country
                yield "restricted.role", role
                return


def _countries(party: Party) -> Iterator[str | None]:
    yield party.country
    yield from _owners_countries(party.owners)


def _owners_countries(owners: Iterable[Owner] | None) -> Iterator[str | None]:
    for owner in owners or ():
        yield owner.country
        yield from _owners_countries(owner.owners)


def _documents(
    shipment: Shipment, materials: Sequence[str], materials_named: MaterialsNamed
) -> Iterator[tuple[str, Scalar]]:
    """Names on other papers: a material that no line bears on, or other words altogether."""
    papers = shipment.documents
    if papers is None:
        return
    if papers.amended_after_release is not None:
        yield "papers.amended", papers.amended_after_release
    texts = [t for t in (papers.bill_of_lading_description, papers.invoice_description) if t]
    named = [m for text in texts for m in materials_named(text) if m not in materials]
    if named:
        yield "papers.documents_name", named[0]
    declared = " ".join(line.description or "" for line in shipment.lines)
    if texts and declared.strip():
        yield "papers.documents_differ", any(_differs(text, declared) for text in texts)


def _differs(text: str, declared: str) -> bool:
    """No word in common. Texts in different scripts can only be compared by what they name."""
    one, other = (set(normalise(t).replace("|", " ").split()) for t in (text, declared))
    if text.isascii() != declared.isascii():
        return bool(one) and bool(other) and one.isdisjoint(other)
    if text.isascii():
        return one.isdisjoint(other)
    return set("".join(one)).isdisjoint("".join(other))
