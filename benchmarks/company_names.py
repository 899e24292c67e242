"""Company names made by public patterns, from a fixed seed: words of their own and of a trade."""

from __future__ import annotations

import random
import string
from collections.abc import Sequence
from dataclasses import dataclass

_SYLLABLES = (
    "ba be bo ca ce co da de do fa fe fi ga go ha he hi jo ka ke ki la le li lo ma me mi mo na ne "
    "ni no pa pe po ra re ri ro sa se si so ta te ti to va ve vi vo xe za ze zi bran cor dex fin "
    "gal hel kor lan mar nor pel quan ros sen tal ver vex zen stra tri plex dor mon ster ber wick"
).split()
_ENDINGS = "n r s x l nt rix tron dyne vex lux corp is us on ar ia ex um os ".split(" ")
_SURNAMES = (
    "Miller Anderson Thompson Harrison Whitfield Kowalski Brenner Hoffmann Schäfer Krüger "
    "Lindqvist Bergström Nowak Dvořák Novotný Svoboda Rossi Bianchi Ferrari Colombo Moreau "
    "Lefèvre Girard Fontaine Tanaka Yamamoto Kobayashi Nakamura Shimizu Matsuda Fujimoto Okamoto "
    "Hasegawa Ishikawa Takeda Morita Caldwell Pemberton Ashworth Kessler Vogel Zimmermann "
    "Albrecht Petrov Sokolov Jansen Verhoeven Peeters Nielsen Søndergaard Virtanen Korhonen "
    "Hawkins Sterling Radcliffe"
).split()
_PLACES = (
    "Dayton Huntsville Tulsa Akron Nagoya Kobe Gifu Sendai Bremen Kassel Brno Pilsen Torino Modena "
    "Toulouse Nantes Kaohsiung Hsinchu Taichung Gdynia Antwerp Rotterdam Malmö Tampere Suzhou "
    "Ningbo"
).split()
_TRADES = (
    "Technologies Technology Industries Aerospace Systems Electronics Metals Trading Shipbuilding "
    "Engineering Materials Defense Dynamics Robotics Aviation Manufacturing Instruments Optics "
    "Photonics Semiconductor Logistics Marine Solutions Research Laboratories Precision Alloys "
    "Magnetics Power Components Machinery Chemicals Services Holdings International Group "
    "Hydraulics Fasteners Bearings Castings Avionics Composites Ceramics Turbines Propulsion "
    "Forwarding Brewing Supply Tools Motors Energy Controls Sensors Networks Software Consulting "
    "Partners Foods Export"
).split()
FORMS = {
    "US": ["Inc.", "LLC", "Corporation", "Corp.", "Co.", "", ""],
    "JP": ["Co., Ltd.", "K.K.", "Ltd.", "Corporation", "Co., Ltd."],
    "DE": ["GmbH", "AG", "GmbH & Co. KG", "SE"],
    "IT": ["S.p.A.", "S.r.l."],
    "CZ": ["a.s.", "s.r.o.", "spol. s r.o."],
    "TW": ["Co., Ltd.", "Inc.", "Corp."],
    "CN": ["Co., Ltd.", "Group Co., Ltd.", "Limited"],
}
_HAN = (
    "华鑫通达瑞宏盛泰恒远博创金海龙飞腾翔云天威力强安康信诚佳美德胜利源丰茂隆昌永兴荣光明辉凯晟锐"
    "景润泽浩宇星辰晨阳旭东升平和顺百千万青松柏竹梅兰石玉珠琪琳雅静思齐贤文武勇健雄伟岳峰岭川江河湖"
)
_HAN_TRADES = (
    "科技 电子 航空 金属 贸易 材料 机械 精密 造船 新能源 自动化 通信 光电 国际 工业".split()
)
HAN_FORMS = ["有限公司", "股份有限公司", "集团有限公司", "有限责任公司"]


@dataclass(frozen=True)
class Party:
    """A party: its words, the places of those that are its own, its legal form, Chinese name."""

    words: tuple[str, ...]
    own: tuple[int, ...]
    form: str
    country: str
    chinese: str = ""

    @property
    def name(self) -> str:
        """As it would be published."""
        return " ".join([*self.words, self.form]).strip()

    @property
    def own_words(self) -> tuple[str, ...]:
        """The words that are its own."""
        return tuple(self.words[at] for at in self.own)


class Maker:
    """Makes parties, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def own_word(self) -> str:
        """A word that is a party's own: mostly invented, some surnames, places and initials."""
        make = self.random
        drawn = make.random()
        if drawn < 0.12:
            return make.choice(_SURNAMES)
        if drawn < 0.17:
            return make.choice(_PLACES)
        if drawn < 0.22:
            return "".join(make.choices(string.ascii_uppercase, k=make.choice((3, 3, 4))))
        syllables = "".join(make.choices(_SYLLABLES, k=make.choice((2, 2, 3, 3, 4))))
        return (syllables + make.choice(_ENDINGS)).capitalize()

    def party(self) -> Party:
        """A party of one to three words of its own and none to three of its trade."""
        make = self.random
        country = make.choice(tuple(FORMS))
        own = make.choices((1, 2, 3), (60, 33, 7))[0]
        words = [self.own_word() for _ in range(own)]
        trades = make.sample(_TRADES, k=make.choices((0, 1, 2, 3), (8, 47, 35, 10))[0])
        form = make.choice(FORMS[country])
        chinese = ""
        if country in ("CN", "TW"):
            han = "".join(make.choices(_HAN, k=make.choice((2, 3, 3, 4))))
            chinese = han + "".join(make.sample(_HAN_TRADES, k=make.choice((1, 1, 2))))
            chinese += make.choice(HAN_FORMS)
        return Party((*words, *trades), tuple(range(own)), form, country, chinese)


INNOCENT_KINDS = (
    "new",
    "new",
    "same trade words",
    "shares one own word",
    "only common words",
    "Chinese",
)


def innocent(parties: Sequence[Party], count: int, seed: int) -> list[tuple[str, str]]:
    """Ways of being like a listed party without being one, each with a name, each as often."""
    maker = Maker(seed)
    make = maker.random
    taken = {frozenset(p.own_words) for p in parties}
    taken_chinese = {_own_han(p.chinese) for p in parties}
    made: list[tuple[str, str]] = []
    while len(made) < count:
        kind = INNOCENT_KINDS[len(made) % len(INNOCENT_KINDS)]
        other, model = maker.party(), make.choice(parties)
        own = other.own_words
        name = other.name
        if kind == "same trade words":
            own = own[: len(model.own)] if len(other.own) >= len(model.own) else ()
            name = " ".join([*own, *model.words[len(model.own) :], model.form])
        elif kind == "shares one own word":
            if len(model.own) < 2 or len(other.own) < 2:
                continue
            own = (make.choice(model.own_words), other.words[0])
            name = " ".join([*own, *other.words[len(other.own) :], other.form])
        elif kind == "only common words":
            own = ("common",)
            name = " ".join([*make.sample(_TRADES, k=make.choice((2, 3))), other.form])
        elif kind == "Chinese":
            if not other.chinese or _own_han(other.chinese) in taken_chinese:
                continue
            name = other.chinese
        if own and frozenset(own) not in taken:
            made.append((kind, name.strip()))
    return made


def without_form(chinese: str) -> str:
    """A Chinese name without its legal form."""
    forms = sorted([*HAN_FORMS, "株式会社", "公司"], key=len, reverse=True)
    for form in forms:
        if chinese.endswith(form):
            return chinese.removesuffix(form)
    return chinese


def _own_han(chinese: str) -> str:
    """The ideographs of a made name before its trade."""
    bare = without_form(chinese)
    while trade := next((t for t in _HAN_TRADES if bare.endswith(t)), ""):
        bare = bare.removesuffix(trade)
    return bare
