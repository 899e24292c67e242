"""Figures of one line held against each other and against what is known of the trade.

Only what can be computed from the request and the rule set; each fact is absent where its data is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import lru_cache

from api.decide.bearing import NO_BEARING, Bearing
from api.decide.goods import ZERO
from api.decide.mass import quantity_kg, unit_of
from api.rulebook.conditions import Scalar, those_known
from api.rulebook.trade import Band, Trade, TradedGoods
from api.shipment import Dimensions, Line, Money, Shipment

_DENSEST_G_CM3 = Decimal("22.6")  # osmium, the densest of all
_KG_M3_A_G_CM3 = Decimal(1000)
_MM3_A_M3 = Decimal(10) ** 9
_PI_4 = Decimal("0.785398163")
_PIECES = frozenset(
    ("pcs", "pc", "piece", "pieces", "pce", "ea", "件", "个", "支", "片", "块", "只")
)
_PLACES = Decimal("0.0001")
_SEVERAL = 2  # figures of one line are not like those of another


class Papers:
    """Computes the facts of lines under one rule set's knowledge of the trade."""

    def __init__(self, trade: Trade) -> None:
        self._trade = trade
        self._goods = {item.id: item for item in trade.goods}
        self._bands = lru_cache(1_000)(self._bands_of)
        self._borne_on = lru_cache(2_000)(self._what_it_bears_on)

    def facts(self, line: Line, bearing: Bearing, shipment: Shipment) -> dict[str, Scalar]:
        """The `papers.*` facts of the line, and the code that they are held against."""
        found = dict[str, Scalar]()
        if line.hs_code is not None:
            found["line.hs_code"] = line.hs_code
        mass = line.net_mass_kg
        if line.quantity is not None:
            if (times := self._times_quantity(line)) is not None:
                found["papers.times_quantity"] = times
            mass = mass or quantity_kg(line, self._trade.units)
        packages = Decimal(line.packages) if line.packages is not None else None
        if (per_package := _ratio(mass, packages)) is not None:
            found["papers.kg_per_package"] = per_package
        if line.gross_mass_kg is not None and (line.net_mass_kg or ZERO) > line.gross_mass_kg:
            found["papers.net_above_gross"] = True
        if line.model is not None:
            found["papers.models"] = _models(line.model)
        if bearing.materials and not mass and not line.gross_mass_kg:
            found["papers.unweighed"] = True
        if bearing != NO_BEARING:
            found |= self._borne_on(bearing, line.origin or shipment.route.origin)
        if line.value is not None and (bearing.traded_as or bearing.decoy is not None):
            # Gross, where no other is told: then it costs no less a kilogram.
            priced = mass or line.gross_mass_kg
            if priced:
                found |= self._price_facts(line.value, priced, bearing)
            if line.value.currency not in self._trade.currencies:
                found["papers.currency_unknown"] = line.value.currency
        if mass and (line.volume_m3 is not None or line.dimensions_mm is not None):
            found |= those_known(self._density_facts(line, mass, bearing))
        return found

    def _what_it_bears_on(self, bearing: Bearing, origin: str | None) -> Mapping[str, Scalar]:
        return those_known(
            {
                "papers.material": next(iter(bearing.materials), None),
                "papers.named_material": next(iter(bearing.named), None),
                "papers.composed_material": next(iter(bearing.composed), None),
                "papers.decoy": bearing.decoy if not bearing.materials else None,
                "papers.traded_as": next(iter(bearing.traded_as), None),
                "papers.residual_of": bearing.residual_of,
                "papers.origin_unlikely": self._origin_unlikely(bearing, origin),
            }
        )

    def _bands_of(self, traded_as: tuple[str, ...]) -> tuple[Band | None, Band | None]:
        """The prices and densities that goods of these kinds may have."""
        goods = [self._goods[name] for name in traded_as]
        return (
            _union(item.usd_per_kg for item in goods),
            _union(item.density_g_cm3 for item in goods),
        )

    # --- mass, quantity, price ---

    def _times_quantity(self, line: Line) -> Decimal | None:
        """How many times the larger of declared mass and quantity is the smaller."""
        by_quantity, net = quantity_kg(line, self._trade.units), line.net_mass_kg
        if not by_quantity or not net:
            return None
        return _ratio(max(by_quantity, net), min(by_quantity, net))

    def _price_facts(self, value: Money, mass: Decimal, bearing: Bearing) -> Mapping[str, Scalar]:
        rate = self._trade.currencies.get(value.currency)
        if rate is None or not value.amount:
            return {}
        a_usd_per_kg = rate * mass  # so much is paid for one
        band, _ = self._bands(bearing.traded_as)
        hides = bearing.decoy is not None and not bearing.materials
        ceiling = band.high if band is not None else self._trade.decoys.usd_per_kg_up_to
        below = band is not None and value.amount < band.low * a_usd_per_kg
        above = value.amount > ceiling * a_usd_per_kg
        if not below and not (above and (hides or band is not None)):
            return {}
        price = _ratio(value.amount, a_usd_per_kg)
        found: dict[str, Scalar | None] = {"papers.usd_per_kg": price}
        if below and band is not None:
            found["papers.times_below_band"] = _ratio(band.low, price)
        elif band is not None:
            found["papers.times_above_band"] = _ratio(price, ceiling)
        if above and hides:
            found["papers.times_decoy_price"] = _ratio(price, ceiling)
        if above and not bearing.materials:
            like = self._restricted(lambda item: _within(price, item.usd_per_kg))
            found["papers.priced_like"] = like
        return those_known(found)

    def _restricted(self, test: Callable[[TradedGoods], bool]) -> str | None:
        """The material of the first restricted kind of goods that passes."""
        return next((i.material for i in self._trade.goods if i.material and test(i)), None)

    # --- density ---

    def _density_facts(
        self,
        line: Line,
        mass: Decimal,
        bearing: Bearing,
    ) -> dict[str, Scalar | None]:
        """The density of the pieces by their sizes, else of the whole by its volume.

        A volume may include packing, so that it can only show too much density.
        """
        solid = self._solid_volume_m3(line)
        volume = solid or line.volume_m3
        if not volume:
            return {}
        density = _ratio(mass, volume * _KG_M3_A_G_CM3)
        _, band = self._bands(bearing.traded_as)
        densest = band.high if band else _DENSEST_G_CM3
        found: dict[str, Scalar | None] = {"papers.density_g_cm3": density}
        if density and density > densest:
            found["papers.times_density"] = _ratio(density, densest)
        if solid is not None and band is not None and density and density < band.low:
            found["papers.times_too_light"] = _ratio(band.low, density)
        if not bearing.materials and not _within(density, band):
            # Of goods lighter than they can be, many are hollow: only a metal's density tells.
            too_dense = band is None or (density is not None and density > band.high)
            found["papers.dense_like"] = self._restricted(
                lambda item: (
                    (too_dense or "metal" in item.forms) and _within(density, item.density_g_cm3)
                )
            )
        return found

    def _solid_volume_m3(self, line: Line) -> Decimal | None:
        if line.dimensions_mm is None or line.quantity is None:
            return None
        if unit_of(line.quantity) not in _PIECES:
            return None
        piece = _piece_mm3(line.dimensions_mm)
        return piece * line.quantity.value / _MM3_A_M3 if piece else None

    # --- origin ---

    def _origin_unlikely(self, bearing: Bearing, origin: str | None) -> bool | None:
        """True where the declared origin is not known to mine or refine a material."""
        producers = self._trade.producers
        if origin is None:
            return None
        unlikely = any(m in producers and origin not in producers[m] for m in bearing.materials)
        return unlikely or None


def repeated_lines(shipment: Shipment) -> int:
    """How many lines of different goods have one and the same mass and value."""
    weighed = [n for n in shipment.lines if n.net_mass_kg is not None and n.value is not None]
    if len({line.net_mass_kg for line in weighed}) == len(weighed):
        return min(1, len(weighed))
    figures: dict[object, set[object]] = {}
    for line in weighed:
        goods = (line.description, line.hs_code, line.model)
        figures.setdefault((line.net_mass_kg, line.value), set()).add(goods)
    return max(map(len, figures.values()), default=0)


def round_lines(shipment: Shipment) -> int:
    """How many lines there are whose mass and value are all round, or none if one is not."""
    if len(shipment.lines) < _SEVERAL:
        return 0
    for line in shipment.lines:
        if line.net_mass_kg is None or line.value is None:
            return 0
        if line.net_mass_kg % 100 or line.value.amount % 1000:
            return 0
    return len(shipment.lines)


def _models(model: str) -> Decimal:
    names = Counter(part.strip() for part in model.replace(";", ",").replace("/", ",").split(","))
    return Decimal(len([name for name in names if name]))


def _piece_mm3(sizes: Dimensions) -> Decimal | None:
    outer, length = sizes.diameter, sizes.length or sizes.height
    if outer is not None and length is not None:
        bore = sizes.inner_diameter
        if bore is None and sizes.wall is not None:
            bore = outer - 2 * sizes.wall
        return _PI_4 * (outer * outer - (bore or ZERO) ** 2) * length
    if sizes.length is not None and sizes.width is not None and sizes.height is not None:
        return sizes.length * sizes.width * sizes.height
    return None


def _within(value: Decimal | None, band: Band | None) -> bool:
    return value is not None and band is not None and band.low <= value <= band.high


def _union(bands: Iterable[Band | None]) -> Band | None:
    known = [band for band in bands if band is not None]
    if not known:
        return None
    return Band(min(band.low for band in known), max(band.high for band in known))


def _ratio(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    """To four places; None where it has no meaning."""
    if one is None or not other:
        return None
    quotient = one / other
    return quotient.quantize(_PLACES) if quotient < Decimal(10) ** 12 else quotient
