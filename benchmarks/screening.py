"""Screening of names: what it finds and what it leaves alone, and what a name costs.

Names are made by rule from a fixed seed. Some listed ones are spoilt as hands and forms spoil
names; others, of the same trades and words, are nobody's. Beside it stands rapidfuzz's plain
`token_sort_ratio` over all names, at the threshold that suits it best.
"""

from __future__ import annotations

import random
import string
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from anyascii import anyascii
from rapidfuzz import fuzz, process, utils

from api.screening.screener import Listed, Screener, Thresholds
from benchmarks.figures import Figure, microseconds

SEED = 20261123
THRESHOLDS = Thresholds(
    hit_at_least=Decimal(86),
    country_agrees=Decimal(2),
    country_differs=Decimal(-4),
    identifier_agrees=Decimal(20),
    identifier_differs=Decimal(-6),
)
QUALITY_LISTED = 10_000
SPOILT = INNOCENT = 5_000
SIZES = (500, 50_000, 1_000_000)

LEGAL_FORMS_TEXT = """
Inc; Incorporated; Corp; Corporation; Co; Company; Co. Ltd; Co., Ltd.; Ltd; Limited; LLC; L.L.C.;
LLP; LP; L.P.; Limited Partnership; Limited Liability Company; Limited Company; PLC; Public
Limited Company; Pty; Pty Ltd; Proprietary Limited; Pvt; Pvt Ltd; Private Limited; Pte; Pte Ltd;
Sdn Bhd; Berhad; Bhd; PT; Tbk; Public Company Limited; PCL; Unlimited; Chartered; PC; PLLC; FZE;
FZCO; FZ-LLC; DMCC; WLL; JSC; Joint Stock Company; OJSC; CJSC; PJSC; Open Joint Stock Company;
Public Joint Stock Company; KK; Kabushiki Kaisha; Kabushiki Gaisha; GK; Godo Kaisha; YK; Yugen
Kaisha; Joint Stock Corporation; GmbH; gGmbH; mbH; m.b.H.; Gesellschaft mit beschränkter Haftung;
GmbH & Co. KG; AG; Aktiengesellschaft; KG; KGaA; OHG; GbR; UG; UG (haftungsbeschränkt); e.K.;
e.V.; eG; SE; Societas Europaea; Ges.m.b.H.; SA; S.A.; SAS; S.A.S.; SASU; SARL; S.à r.l.; EURL;
SCA; SNC; SCS; Société Anonyme; Société par actions simplifiée; SCOP; S.p.A.; Società per Azioni;
S.r.l.; Srls; S.a.s.; S.n.c.; S.c.a.r.l.; S.A.p.A.; Soc. Coop.; S.L.; S.L.U.; S.A.U.; S.A. de
C.V.; S. de R.L.; S. de R.L. de C.V.; Sociedad Anónima; Sociedad Limitada; Ltda; Limitada; EIRELI;
Lda; B.V.; N.V.; Besloten Vennootschap; Naamloze Vennootschap; V.O.F.; C.V.; BVBA; SPRL; SRL;
ASBL; VZW; AB; Aktiebolag; A/S; ApS; AS; ASA; Oy; Oyj; Oy Ab; Osakeyhtiö; HB; KB; hf; ehf; a.s.;
akciová společnost; s.r.o.; spol. s r.o.; společnost s ručením omezeným; odštěpný závod; o.z.;
k.s.; v.o.s.; z.s.; Sp. z o.o.; S.K.A.; spółka akcyjna; spółka z ograniczoną odpowiedzialnością;
Kft; Kft.; Zrt; Nyrt; Rt; d.o.o.; d.d.; j.d.o.o.; EOOD; OOD; EAD; AD; UAB; SIA; OÜ; A.Ş.; Ltd.
Şti.; Anonim Şirketi; Limited Şirketi; A.E.; E.P.E.; IKE; ООО; ОАО; ЗАО; ПАО; АО; НАО; ИП; ТОО;
ТОВ; ФГУП; ГУП; НПО; НПП; Общество с ограниченной ответственностью; Акционерное общество;
Публичное акционерное общество; Закрытое акционерное общество; Открытое акционерное общество;
ПрАТ; ПАТ; 有限公司; 有限责任公司; 有限責任公司; 股份有限公司; 股份公司; 集团有限公司; 集團有限公司; 控股有限公司; 集团股份有限公司; 公司; 总公司; 總公司;
分公司; 无限公司; 合伙企业; 有限合伙; (有限合伙); 株式会社; 株式會社; 有限会社; 合同会社; 合名会社; 合資会社; 会社; (株); (有); (合); ㈱; ㈲;
一般社団法人; 一般財団法人; 公益財団法人; 独立行政法人; 国立研究開発法人; 及其分支机构; 及其分支機構; 及其子公司; 及其下属机构; 주식회사; (주); 유한회사; Chusik
Hoesa; Jusik Hoesa; GIE; GEIE; EIG; EEIG; CIC; CVBA; Jur. Pers.; No Liability; NL; Unltd
"""
COMMON_WORDS_TEXT = """
technology technologies technical technics technik technologie technologien tecnologia tecnologie
technika technique techno tech international internationale internazionale internacional global
globe world worldwide universal united union national nationale nazionale federal state general
generale allgemeine continental overseas foreign domestic regional metropolitan industry
industries industrial industrie industrielle industriale industria industriali aerospace aero
aeronautics aeronautical aeronautica aeronautique aviation aviazione avionics aircraft airlines
air airport aerial space spatial astronautics luftfahrt raumfahrt flug helicopter helicopters
drone drones unmanned uav uas satellite satellites system systems systeme sistemi systemes group
groupe gruppe gruppo grupo grupa holding holdings beteiligung beteiligungs metal metals metall
metalle metalli metaux metallurgy metallurgical metallurgie mining mines mineral minerals ore ores
steel stahl acier acciaio iron aluminium aluminum copper zinc tin lead nickel titanium tungsten
molybdenum antimony gallium germanium indium magnesium rare earth earths magnet magnets magnetic
magnetics alloy alloys powder powders casting castings foundry forging forgings gold silver scrap
recycling refining smelting trading trade trader traders handel handels handelsgesellschaft
commerce commercial commerciale commercio import imports importers export exports exporters
distribution distributor distributors wholesale retail sales supply supplies supplier suppliers
store stores market markets marketing merchandise merchants brokers manufacturing manufacture
manufacturer manufacturers maker makers works werke werk factory fabrik production produktion
productions product products produits prodotti goods electronic electronics elektronik elettronica
electronique electric electrical electrics elektro elektrische power energy energie energia
nuclear solar wind oil gas petroleum petrochemical fuel battery batteries shipbuilding shipyard
shipyards ship ships shipping marine maritime naval navy ocean oceanic sea vessel vessels boat
boats yacht port harbor harbour offshore werft schiffbau chantier chantiers cantieri cantiere dock
docks engineering engineers engineer ingenieur ingenieure ingenieurbuero ingegneria ingenierie
machine machines machinery maschinen maschinenbau macchine mechanical mechanics mechanik
mechatronics meccanica mecanique tool tools tooling equipment instrument instruments
instrumentation apparatus device devices component components part parts spare motor motors engine
engines turbine turbines automotive auto automobile automobiles vehicle vehicles truck trucks car
cars transport transportation transports logistics logistic logistik logistica freight forwarding
cargo express delivery courier warehouse warehousing storage automation automatic automatics
robotics robot robots control controls sensor sensors laser lasers optic optics optical optik
photonics photonic imaging vision radar radio antenna antennas microwave wireless communication
communications telecom telecommunications telekom network networks internet online digital data
information informatics informatik computer computers computing software hardware cyber security
secure cloud semiconductor semiconductors micro microelectronics chip circuit circuits integrated
integration display displays precision defense defence defensa verteidigung difesa military army
arms armament armaments weapon weapons ordnance munitions ammunition missile missiles tactical
combat dynamics dynamic mission missions service services servizi dienstleistung dienstleistungen
solution solutions solutionen consulting consultants consultancy consultant advisory advisors
management managers administration operation operations maintenance repair support assistance
training business businesses enterprise enterprises unternehmen entreprise impresa venture
ventures partner partners partnership associate associates association associations verband
alliance consortium cooperative society societe societa gesellschaft company companies compagnie
compagnia corporate firm brothers bros sons son capital finance financial investment investments
invest fund funds bank banking insurance trust assets asset equity development developments
research forschung recherche ricerca science sciences scientific wissenschaft laboratory
laboratories lab laboratoire laborator labor institute institut istituto institution academy
university universitat universitaet universita universite college school faculty foundation
stiftung center centre zentrum centro agency agencies authority bureau office ministry department
division branch headquarters committee council commission organization organisation federation
studies study simulation test testing inspection measurement measuring analysis analytical quality
standard standards advanced applied modern new neue nova super ultra premier prime first best pro
plus smart intelligent innovative innovation innovations creative future alpha beta delta omega
chemical chemicals chemie chemistry chimica chimie pharmaceutical pharmaceuticals pharma medical
medicine health healthcare care biotech biotechnology bio biological life hospital dental material
materials materiali materiaux werkstoffe plastic plastics polymer polymers rubber glass ceramic
ceramics paper packaging textile textiles fashion garment garments leather furniture wood timber
food foods beverage beverages agriculture agricultural farm farms garden restaurant hotel hotels
travel tourism media publishing print printing press design designs studio studios art arts
construction constructions construct bau building buildings builders house homes home property
properties real estate land environment environmental water waste clean green eco heavy light
special specialty specialties high hi low joint stock limited private public east eastern west
western north northern south southern central pacific atlantic asia asian europe european euro
africa african american america americas usa us uk eu china chinese japan japanese nippon nihon
german germany deutschland deutsche france french francaise italy italia italian italiana czech
ceska bohemia polish poland polska taiwan korea korean canada canadian british britain england
swiss switzerland schweiz austria austrian russia russian spain spanish espana sweden swedish
india indian hong kong hongkong singapore malaysia vietnam mexico brazil australia australian
turkey netherlands dutch holland belgium belgian scandinavia nordic baltic tokyo osaka beijing
shanghai shenzhen guangzhou taipei london paris berlin york texas california jet flight fire
ground sky star team line lines link key point one two three kogyo denki seimitsu kiko kikai seiki
seisakusho seisakujo shoji sangyo zosen tekko kinzoku kagaku giken gijutsu denshi kenkyusho
kenkyujo jidosha kozai boeki bussan juko jukogyo sogo 科技 技术 技術 工程 工业 工業 产业 產業 实业 實業 企业 企業 集团 集團 控股
国际 國際 国家 國家 环球 全球 通用 联合 聯合 中国 中國 美国 美國 日本 台湾 台灣 德国 法国 英国 欧洲 亚洲 太平洋 香港 上海 北京 深圳 广州 广东 江苏 浙江 山东 天津
东京 東京 大阪 航空 航天 航太 宇航 宇宙 空间 太空 卫星 衛星 飞机 飛機 无人机 無人機 发动机 發動機 电子 電子 电气 電氣 電気 电机 電機 电器 電器 电力 電力 电路 半导体
半導體 微电子 集成电路 光电 光電 光学 光學 光子 激光 雷达 雷達 传感器 通信 通訊 通讯 网络 網路 信息 資訊 情报 数据 软件 軟體 硬件 计算机 电脑 人工智能 智能 机器人
機器人 自动化 自動化 系统 系統 控制 设备 設備 装备 裝備 仪器 儀器 机械 機械 精密 精工 机电 机床 重工 重工业 重工業 汽车 汽車 自動車 车辆 車輛 卡车 动力 動力 能源
新能源 石油 化工 化学 化學 医药 医疗 生物 材料 新材料 金属 金屬 有色金属 钢铁 鋼鐵 冶金 矿业 礦業 稀土 磁性 磁材 合金 铝业 铜业 造船 船舶 海洋 海事 海上 船厂 港口
物流 运输 運輸 货运 貿易 贸易 商贸 商貿 进出口 進出口 经贸 商事 商社 物产 物產 物産 供应链 销售 投资 投資 金融 资本 风险投资 基金 银行 保险 发展 發展 开发 開發 研究
研究所 研究院 研究中心 实验室 實驗室 科学 科學 大学 大學 学院 學院 学校 中心 机构 機構 协会 制造 製造 制作所 製作所 生产 加工 服务 服務 解决方案 咨询 管理 运营 防务
防衛 防卫 国防 國防 安全 军工 軍工 军械 武器 导弹 導彈 火控 战术 任务 陆地 先进 先進 高端 高科技 应用 應用 综合 総合 創新 创新 现代 电池 太阳能 环保 建筑 建设 建設
工具 产品 零件 配件 维修 工程技术 有限 责任 股份 分支 食品 农业 纺织 服装 塑料 包装 印刷 传媒 文化 教育 酒店 旅游 カンパニー エンジニアリング システム システムズ
テクノロジー テクノロジーズ エレクトロニクス サービス ホールディングス グループ インターナショナル ジャパン マリン エンジン メタル マテリアル ソリューションズ ネットワーク モーター
モータース エアロスペース 電工 電産 精機 精器 工業所 興業 商会 産業 鉄鋼 化成 製鋼 特殊鋼 технология технологии технологий завод заводы
фабрика комбинат предприятие предприятия производственное научно научный исследовательский
институт центр бюро конструкторское компания корпорация группа холдинг промышленность промышленная
торговый торговая дом металл металлы металлургический электроника электро энергия авиация
авиационный космический судостроительный судостроительная система системы международный российский
россия русский концерн объединение машиностроительный машиностроение химический приборостроение
оборонный
"""


LEGAL_FORMS = tuple(form.strip() for form in LEGAL_FORMS_TEXT.split(";"))
COMMON_WORDS = tuple(COMMON_WORDS_TEXT.split())

_SYLLABLES = (
    "ba be bo ca ce co da de do fa fe fi ga go ha he hi jo ka ke ki la le li lo ma me mi mo na ne "
    "ni no pa pe po ra re ri ro sa se si so ta te ti to va ve vi vo xe za ze zi bran cor dex fin "
    "gal hel kor lan mar nor pel quan ros sen tal ver vex zen stra tri plex dor mon ster ber wick"
).split()
_ENDINGS = "n r s x l nt rix tron dyne vex lux corp is us on ar ia ex um os ".split(" ")
_SURNAMES = (
    "Miller Anderson Thompson Harrison Whitfield Kowalski Brenner Hoffmann Schäfer Krüger Lindqvist "
    "Bergström Nowak Dvořák Novotný Svoboda Rossi Bianchi Ferrari Colombo Moreau Lefèvre Girard "
    "Fontaine Tanaka Yamamoto Kobayashi Nakamura Shimizu Matsuda Fujimoto Okamoto Hasegawa Ishikawa "
    "Takeda Morita Caldwell Pemberton Ashworth Kessler Vogel Zimmermann Albrecht Petrov Sokolov "
    "Jansen Verhoeven Peeters Nielsen Søndergaard Virtanen Korhonen Hawkins Sterling Radcliffe"
).split()
_PLACES = (
    "Dayton Huntsville Tulsa Akron Nagoya Kobe Gifu Sendai Bremen Kassel Brno Pilsen Torino Modena "
    "Toulouse Nantes Kaohsiung Hsinchu Taichung Gdynia Antwerp Rotterdam Malmö Tampere Suzhou Ningbo"
).split()
_TRADES = (
    "Technologies Technology Industries Aerospace Systems Electronics Metals Trading Shipbuilding "
    "Engineering Materials Defense Dynamics Robotics Aviation Manufacturing Instruments Optics "
    "Photonics Semiconductor Logistics Marine Solutions Research Laboratories Precision Alloys "
    "Magnetics Power Components Machinery Chemicals Services Holdings International Group Hydraulics "
    "Fasteners Bearings Castings Avionics Composites Ceramics Turbines Propulsion Forwarding Brewing "
    "Supply Tools Motors Energy Controls Sensors Networks Software Consulting Partners Foods Export"
).split()
_FORMS = {
    "US": ["Inc.", "LLC", "Corporation", "Corp.", "Co.", "", ""],
    "JP": ["Co., Ltd.", "K.K.", "Ltd.", "Corporation", "Co., Ltd."],
    "DE": ["GmbH", "AG", "GmbH & Co. KG", "SE"],
    "IT": ["S.p.A.", "S.r.l."],
    "CZ": ["a.s.", "s.r.o.", "spol. s r.o."],
    "TW": ["Co., Ltd.", "Inc.", "Corp."],
    "CN": ["Co., Ltd.", "Group Co., Ltd.", "Limited"],
}
_SHORT = {
    "International": "Intl", "Technologies": "Tech", "Technology": "Tech", "Aerospace": "Aerosp",
    "Manufacturing": "Mfg", "Industries": "Ind.", "Engineering": "Eng.", "Electronics": "Elec",
    "Laboratories": "Labs", "Services": "Svcs", "Systems": "Sys", "Holdings": "Hldgs",
    "Machinery": "Mach.", "Research": "Res.", "Group": "Grp", "Shipbuilding": "Shipbldg",
    "Instruments": "Instr.", "Materials": "Matls", "Semiconductor": "Semicon", "Logistics": "Log.",
}  # fmt: skip
_HAN = (
    "华鑫通达瑞宏盛泰恒远博创金海龙飞腾翔云天威力强安康信诚佳美德胜利源丰茂隆昌永兴荣光明辉凯晟锐"
    "景润泽浩宇星辰晨阳旭东升平和顺百千万青松柏竹梅兰石玉珠琪琳雅静思齐贤文武勇健雄伟岳峰岭川江河湖"
)
_HAN_TRADES = "科技 电子 航空 金属 贸易 材料 机械 精密 造船 新能源 自动化 通信 光电 国际 工业".split()
_HAN_FORMS = ["有限公司", "股份有限公司", "集团有限公司", "有限责任公司"]
_KEYS = {a: b for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm") for a, b in zip(row, row[1:] + row[-2], strict=True)}


@dataclass(frozen=True)
class Party:
    """A made-up party: its words, which of them are its own, its legal form and Chinese name."""

    words: tuple[str, ...]
    own: int
    form: str
    country: str
    chinese: str = ""

    @property
    def name(self) -> str:
        """As it would be published."""
        return " ".join([*self.words, self.form]).strip()


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
        """A party of one to three words of its own and one to three of its trade."""
        make = self.random
        country = make.choice(tuple(_FORMS))
        own = make.choices((1, 2, 3), (60, 33, 7))[0]
        words = [self.own_word() for _ in range(own)]
        trades = make.sample(_TRADES, k=make.choices((0, 1, 2, 3), (8, 47, 35, 10))[0])
        form = make.choice(_FORMS[country])
        chinese = ""
        if country in ("CN", "TW"):
            han = "".join(make.choices(_HAN, k=make.choice((2, 3, 3, 4))))
            chinese = han + "".join(make.sample(_HAN_TRADES, k=make.choice((1, 1, 2))))
            chinese += make.choice(_HAN_FORMS)
        return Party((*words, *trades), own, form, country, chinese)


def _typing_error(make: random.Random, name: str) -> str:
    """One letter lost, doubled, replaced by another (often its neighbour on the keys) or swapped."""
    places = [n for n, c in enumerate(name) if c.isalnum()]
    at = make.choice(places)
    drawn = make.randrange(4)
    other = _KEYS.get(name[at].lower(), "e") if make.random() < 0.5 else make.choice(string.ascii_lowercase)
    if drawn == 0:
        return name[:at] + name[at + 1 :]
    if drawn == 1:
        return name[:at] + other + name[at:]
    if drawn == 2 and at + 1 < len(name) and name[at + 1].isalnum():
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return name[:at] + other + name[at + 1 :]


def _bare(chinese: str) -> str:
    """A Chinese name without its legal form."""
    form = max((form for form in _HAN_FORMS if chinese.endswith(form)), key=len, default="")
    return chinese.removesuffix(form)


def _spoil(make: random.Random, party: Party, kind: str, initials: Counter[str]) -> str | None:
    """The party's name spoilt in one way, or None if it has no room for it."""
    words = list(party.words)
    plain = " ".join(words)
    letters = sum(map(str.isalnum, plain))
    result: str | None = None
    if kind == "one typing error" and letters >= 5:
        result = f"{_typing_error(make, plain)} {party.form}"
    elif kind == "two typing errors" and letters >= 9:
        result = f"{_typing_error(make, _typing_error(make, plain))} {party.form}"
    elif kind == "a word dropped" and len(words) > 2:
        at = make.randrange(len(words))
        if party.own > 1 or at >= party.own:
            result = " ".join(words[:at] + words[at + 1 :] + [party.form])
    elif kind == "words swapped" and len(words) > 1:
        one, two = make.sample(range(len(words)), 2)
        words[one], words[two] = words[two], words[one]
        result = " ".join([*words, party.form])
    elif kind == "words joined" and len(words) > 1:
        at = make.randrange(len(words) - 1)
        words[at : at + 2] = [words[at] + words[at + 1]]
        result = " ".join([*words, party.form])
    elif kind == "a word split":
        at = make.randrange(len(words))
        if len(words[at]) > 4:
            cut = make.randrange(2, len(words[at]) - 1)
            words[at : at + 1] = [words[at][:cut], words[at][cut:]]
            result = " ".join([*words, party.form])
    elif kind == "shortened words" and any(word in _SHORT for word in words):
        result = " ".join([_SHORT.get(word, word) for word in words] + [party.form])
    elif kind == "initials" and len(words) > 3:
        short = "".join(word[0] for word in words).upper()
        result = short if initials[short] == 1 else None
    elif kind == "other legal form, case, width or accents":
        drawn = make.randrange(4)
        if drawn == 0:
            result = f"{plain} {make.choice(_FORMS[make.choice(tuple(_FORMS))])}"
        elif drawn == 1:
            result = make.choice((plain.upper, plain.lower))()
        elif drawn == 2:
            result = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in party.name)
        else:
            result = anyascii(plain)
    elif kind == "swapped with a typing error" and len(words) > 1 and letters >= 9:
        result = _typing_error(make, " ".join([*words[1:], words[0]]))
    elif kind == "Chinese" and party.chinese:
        result = _bare(party.chinese) + make.choice(["", "公司", *_HAN_FORMS])
    elif kind == "pinyin" and party.chinese:
        drawn = make.randrange(4)
        name = party.chinese if drawn < 2 else _bare(party.chinese)
        syllables = [anyascii(c) for c in name]
        result = " ".join(syllables) if drawn % 2 else "".join(syllables).capitalize()
        result += " Co., Ltd." if drawn > 1 else ""
    return result.strip() if result else None


KINDS = (
    "one typing error",
    "two typing errors",
    "a word dropped",
    "words swapped",
    "words joined",
    "a word split",
    "shortened words",
    "initials",
    "other legal form, case, width or accents",
    "swapped with a typing error",
    "Chinese",
    "pinyin",
)


def spoilt(parties: Sequence[Party], count: int, seed: int) -> list[tuple[int, str, str]]:
    """Parties by number with a way of spoiling and the spoilt name, each way as often."""
    make = random.Random(seed)
    initials = Counter("".join(word[0] for word in p.words).upper() for p in parties)
    made: list[tuple[int, str, str]] = []
    while len(made) < count:
        kind = KINDS[len(made) % len(KINDS)]
        number = make.randrange(len(parties))
        name = _spoil(make, parties[number], kind, initials)
        if name:
            made.append((number, kind, name))
    return made


def innocent(parties: Sequence[Party], count: int, seed: int) -> list[tuple[str, str]]:
    """Ways of being like a listed party without being one, each with a name, each as often."""
    maker = Maker(seed)
    make = maker.random
    taken = {frozenset(p.words[: p.own]) for p in parties}
    taken_chinese = {p.chinese[:2] for p in parties}
    made: list[tuple[str, str]] = []
    while len(made) < count:
        kind = ("new", "new", "same trade words", "shares one own word", "only common words", "Chinese")[
            len(made) % 6
        ]
        other, model = maker.party(), make.choice(parties)
        words, own = other.words, other.words[: other.own]
        name = other.name
        if kind == "same trade words":
            own = other.words[: model.own] if other.own >= model.own else ()
            words = (*own, *model.words[model.own :])
            name = " ".join([*words, model.form])
        elif kind == "shares one own word":
            if model.own < 2 or other.own < 2:
                continue
            own = (make.choice(model.words[: model.own]), other.words[0])
            name = " ".join([*own, *other.words[other.own :], other.form])
        elif kind == "only common words":
            own = ("common",)
            name = " ".join([*make.sample(_TRADES, k=make.choice((2, 3))), other.form])
        elif kind == "Chinese":
            if not other.chinese or other.chinese[:2] in taken_chinese:
                continue
            name = other.chinese
        if own and frozenset(own) not in taken:
            made.append((kind, name.strip()))
    return made


def listed_of(parties: Sequence[Party]) -> list[Listed]:
    """The parties as listed, in English and where they have one by their Chinese name."""
    return [
        Listed(str(n), (p.name, p.chinese) if p.chinese else (p.name,), p.country)
        for n, p in enumerate(parties)
    ]


def screener_of(listed: Sequence[Listed]) -> Screener:
    """A screener with the word lists here."""
    return Screener(listed, THRESHOLDS, LEGAL_FORMS, COMMON_WORDS)


def _plain(name: str) -> str:
    return utils.default_process(anyascii(name))


def quality() -> Iterator[Figure]:
    """How many spoilt names are found, and how many of the finds are right."""
    maker = Maker(SEED)
    parties = [maker.party() for _ in range(QUALITY_LISTED)]
    listed = listed_of(parties)
    screener = screener_of(listed)
    found = spoilt(parties, SPOILT, SEED + 1)
    others = innocent(parties, INNOCENT, SEED + 2)

    right, asked = Counter[str](), Counter[str]()
    for number, kind, name in found:
        asked[kind] += 1
        right[kind] += any(hit.listed == str(number) for hit in screener.screen(name))
    wrong = Counter(kind for kind, name in others if screener.screen(name))
    hits, false = right.total(), wrong.total()
    recall, precision = hits / SPOILT, hits / (hits + false)

    plain = [[_plain(name) for name in party.names] for party in listed]
    everyone = [name for names in plain for name in names]
    scores = [
        max(fuzz.token_sort_ratio(_plain(name), own) for own in plain[number])
        for number, _, name in found
    ]
    false_scores = []
    for _, name in others:
        best = process.extractOne(_plain(name), everyone, scorer=fuzz.token_sort_ratio, score_cutoff=60)
        false_scores.append(best[1] if best else 0.0)

    def judged(threshold: int) -> tuple[float, float, float]:
        true = sum(score >= threshold for score in scores)
        mistaken = sum(score >= threshold for score in false_scores)
        found_share, right_share = true / SPOILT, true / max(1, true + mistaken)
        return 2 * found_share * right_share / max(1e-9, found_share + right_share), found_share, right_share

    _, plain_recall, plain_precision = max(judged(threshold) for threshold in range(60, 101))
    strict = max(
        (found_share for _, found_share, right_share in map(judged, range(60, 101)) if right_share >= 0.98),
        default=0.0,
    )
    beside = f"token_sort_ratio at its best {plain_recall:.3f}, {strict:.3f} at precision 0.98"
    yield Figure("screening, recall on spoilt names", recall, 0.98, at_most=False, note=beside)
    beside = f"token_sort_ratio at its best {plain_precision:.3f}"
    yield Figure("screening, precision", precision, 0.98, at_most=False, note=beside)
    for kind in KINDS:
        note = f"{right[kind]} of {asked[kind]}"
        yield Figure(f"  recall: {kind}", right[kind] / asked[kind], note=note)
    asked_others = Counter(kind for kind, _ in others)
    for kind, count in asked_others.items():
        yield Figure(f"  innocent taken for listed: {kind}", wrong[kind] / count, note=f"{wrong[kind]} of {count}")
    sample = random.Random(SEED).sample(listed, 1_000)
    exact = sum(
        any(hit.listed == party.id and hit.score >= 98 for hit in screener.screen(name))
        for party in sample
        for name in party.names[:1]
    )
    yield Figure("screening, published names found at 98 or more", exact / len(sample), 1.0, at_most=False)


def cost() -> Iterator[Figure]:
    """Milliseconds a name as the list grows, beside rapidfuzz over all names."""
    maker = Maker(SEED)
    parties = [maker.party() for _ in range(SIZES[-1])]
    for size in SIZES:
        few = parties[:size]
        listed = [Listed(str(n), (p.name,), p.country) for n, p in enumerate(few)]
        started = time.perf_counter()
        screener = screener_of(listed)
        built = time.perf_counter() - started
        queries = [name for _, _, name in spoilt(few, 60, SEED + 3)]
        queries += [name for _, name in innocent(few, 60, SEED + 4)]
        yield from _cost_at(size, screener, [_plain(p.name) for p in few], queries, built)


def _cost_at(
    size: int, screener: Screener, plain: list[str], queries: list[str], built: float
) -> Iterator[Figure]:
    brute_queries = queries if size <= 1_000 else queries[:: max(1, size // 10_000)]

    def ours() -> None:
        for name in queries:
            screener.screen(name)

    def theirs() -> None:
        for name in brute_queries:
            process.extract(
                _plain(name), plain, scorer=fuzz.token_sort_ratio, score_cutoff=86, limit=10
            )

    rounds = 5 if size <= 1_000 else 1
    times = microseconds({"ours": ours, "theirs": theirs}, rounds=rounds, budget_seconds=0.05)
    mine, brute = times["ours"] / len(queries) / 1e3, times["theirs"] / len(brute_queries) / 1e3
    slowest = 0.0
    for name in queries:
        started = time.perf_counter()
        screener.screen(name)
        slowest = max(slowest, time.perf_counter() - started)
    note = f"{mine:.3f} ms beside {brute:.3f} ms, slowest {slowest * 1e3:.1f} ms, built in {built:.1f} s"
    yield Figure(
        f"screening, {size:,} names beside brute force",
        mine / brute,
        1.0,
        note=note,
    )
    if size == SIZES[-1]:
        yield Figure(f"screening, ms a name at {size:,} names", mine, 3.0)


def figures() -> Iterator[Figure]:
    """All of them."""
    yield from quality()
    yield from cost()


if __name__ == "__main__":
    for figure in figures():
        print(figure, flush=True)
