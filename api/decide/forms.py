"""What form goods have, by each who says something of it, held against the forms of an entry."""

from __future__ import annotations

from dataclasses import dataclass

# Substances by kind. The other forms are shapes, uses or devices that a substance may have.
KINDS = frozenset({"ore", "metal", "alloy", "oxide", "compound"})
# A declared form of these is believed by itself; of any other it takes a word or a code as well.
_BELIEVED = KINDS - {"ore"} | {"powder", "scrap"}
_DEVICES = frozenset({"assembly", "equipment", "technology"})


@dataclass(frozen=True)
class Forms:
    """The declared form, those the description speaks of, and the customs code's.

    `said` are all words of the description, `meant` those outside of purposes, `told` of these the
    ones that are more than a shape: granules and blocks may be of any substance.
    """

    declared: str | None
    said: frozenset[str]
    meant: frozenset[str]
    told: frozenset[str]
    coded: str | None

    def fit(self, wanted: frozenset[str]) -> bool | None:
        """Whether the goods have one of the forms.

        None where nothing says it, and where a declared form is belied by the description or the
        customs code: words never clear what other words accuse.
        """
        declared = self.declared
        if declared in _DEVICES and "magnet" not in wanted and declared not in wanted:
            declared = None  # what is built of a material is still of it, magnets excepted
        if declared is not None:
            # Powder is a shape as much as a kind: a "metal" may be powder by its description.
            if declared in wanted or ("powder" in self.said and "powder" in wanted):
                return True
            belied = self.careless and bool(self.said & wanted)
            return None if belied or self.coded in wanted else False
        if self.said & wanted or self.coded in wanted:
            return True
        # Devices and papers are named beside their material: "NdFeB motor segments".
        plain = self.meant - _DEVICES
        return False if plain or self.coded is not None else None

    @property
    def solid(self) -> bool:
        """Whether the description tells a shape of solid metal: wire, sheet, rod."""
        return "metal" in self.meant - self.told

    def only(self, form: str) -> bool:
        """Whether the description tells this form and no other, and none is declared."""
        return self.declared is None and self.told - _DEVICES == {form}

    @property
    def built(self) -> bool:
        """Whether the declared form is a device or papers."""
        return self.declared in _DEVICES

    @property
    def careless(self) -> bool:
        """Whether a form is declared that the description does not speak of but by a shape."""
        return self.declared is not None and self.declared not in self.told

    @property
    def strong(self) -> bool:
        """Whether more than a shape, an ore or the bare declaration tells a form."""
        if self.coded is not None:
            return True
        if self.declared is not None:
            return self.declared in self.told - {"ore"}
        return bool(self.told - _DEVICES - {"ore"})

    @property
    def unsupported(self) -> bool:
        """Whether nothing but the declaration speaks for the declared form."""
        return self.careless and self.declared != self.coded

    @property
    def doubtful(self) -> bool:
        """Whether the declared form is one that goods are given to hide what they are."""
        return self.unsupported and self.declared not in (*_BELIEVED, "assembly")

    @property
    def shown(self) -> str:
        """The form for people, the declared one first."""
        return self.declared or next(iter(sorted(self.meant or self.said)), self.coded or "")

    @property
    def silent(self) -> bool:
        """Whether nobody says anything of the form, shapes aside."""
        return self.declared is None and not self.told and self.coded is None

    def has(self, form: str) -> bool:
        """Whether anybody says that the goods have this form."""
        return self.declared == form or form in self.said or self.coded == form
