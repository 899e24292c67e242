"""What was looked at of goods, in English, Chinese and French. Rule texts are in the rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from api.decide.goods import Clue
from api.rulebook.values import Language

_FIELDS: Mapping[str, Mapping[Language, str]] = {
    "purity_pct": {"en": "the purity", "zh": "纯度", "fr": "la pureté"},
    "particle_size_um": {
        "en": "the particle size",
        "zh": "粒度",
        "fr": "la taille des particules",
    },
    "dimensions_mm": {"en": "the dimensions", "zh": "尺寸", "fr": "les dimensions"},
    "crystal": {
        "en": "whether it is a single crystal or polycrystal",
        "zh": "单晶或多晶",
        "fr": "s'il s'agit d'un monocristal ou d'un polycristal",
    },
    "form": {"en": "the form", "zh": "形态", "fr": "la forme"},
    "hs_code": {
        "en": "the full ten-digit customs code",
        "zh": "完整的十位海关编码",
        "fr": "le code douanier complet à dix chiffres",
    },
    "description": {
        "en": "what exactly the goods are",
        "zh": "货物的确切名称",
        "fr": "la nature exacte de la marchandise",
    },
    "composition": {"en": "the composition", "zh": "成分", "fr": "la composition"},
}

_CLUES: Mapping[str, Mapping[Language, str]] = {
    "customs_code": {
        "en": "customs code {value} is a code of this item",
        "zh": "海关编码{value}属于该物项",
        "fr": "le code douanier {value} est celui de ce bien",
    },
    "declared_code": {
        "en": "the exporter declares control code {value}",
        "zh": "出口商申报管制编码{value}",
        "fr": "l'exportateur déclare le code de contrôle {value}",
    },
    "declared_family": {
        "en": "the exporter declares {value}, of which this is a part",
        "zh": "出口商申报{value}，该物项属其下",
        "fr": "l'exportateur déclare {value}, dont ce bien fait partie",
    },
    "short_code": {
        "en": "customs code {value} is too short to tell",
        "zh": "海关编码{value}位数不足，无法判断",
        "fr": "le code douanier {value} est trop court pour décider",
    },
    "shared_code": {
        "en": "customs code {value} covers this item among others",
        "zh": "海关编码{value}涵盖该物项及其他货物",
        "fr": "le code douanier {value} couvre ce bien parmi d'autres",
    },
    "magnet": {
        "en": "the line speaks of magnets",
        "zh": "该行涉及磁体",
        "fr": "la ligne parle d'aimants",
    },
    "named": {
        "en": "the line names it ({value})",
        "zh": "该行载明该物项（{value}）",
        "fr": "la ligne le nomme ({value})",
    },
    "named_other": {
        "en": "the line names another product ({value})",
        "zh": "该行载明其他产品（{value}）",
        "fr": "la ligne nomme un autre produit ({value})",
    },
    "article": {
        "en": "by words and customs code it is a finished article ({value})",
        "zh": "品名与海关编码表明其为制成品（{value}）",
        "fr": "désignation et code douanier en font un article fini ({value})",
    },
    "denied": {
        "en": "the line names {value}, and its composition denies it",
        "zh": "该行载明{value}，而其成分予以否定",
        "fr": "la ligne nomme {value}, ce que sa composition dément",
    },
    "composition": {
        "en": "the composition shows it",
        "zh": "成分表明属于该物项",
        "fr": "la composition le montre",
    },
    "form": {
        "en": "its form is {value}, not {bound}",
        "zh": "其形态为{value}，而非{bound}",
        "fr": "sa forme est {value}, non {bound}",
    },
    "size_met": {
        "en": "it can be machined into a listed size",
        "zh": "可加工成所列尺寸",
        "fr": "il peut être usiné à une taille listée",
    },
    "size_failed": {
        "en": "it cannot be machined into any listed size",
        "zh": "不能加工成所列任何尺寸",
        "fr": "il ne peut être usiné à aucune taille listée",
    },
    "unknown": {
        "en": "{fact} is not given",
        "zh": "未提供{fact}",
        "fr": "il manque {fact}",
    },
    "borderline": {
        "en": "{fact} {value} % lies between the limits {bound} %",
        "zh": "{fact} {value}%介于两限值{bound}%之间",
        "fr": "{fact} {value} % se situe entre les limites {bound} %",
    },
    "is": {"en": "{fact} is {value}", "zh": "{fact}为{value}", "fr": "{fact} vaut {value}"},
}

_FORMS: Mapping[str, Mapping[Language, str]] = {
    "ore": {"en": "ore", "zh": "矿石", "fr": "minerai"},
    "metal": {"en": "metal", "zh": "金属", "fr": "métal"},
    "powder": {"en": "powder", "zh": "粉末", "fr": "poudre"},
    "alloy": {"en": "alloy", "zh": "合金", "fr": "alliage"},
    "oxide": {"en": "oxide", "zh": "氧化物", "fr": "oxyde"},
    "compound": {"en": "compound", "zh": "化合物", "fr": "composé"},
    "wafer": {"en": "wafer", "zh": "晶片", "fr": "plaquette"},
    "target": {"en": "target", "zh": "靶材", "fr": "cible"},
    "magnet": {"en": "magnet", "zh": "磁体", "fr": "aimant"},
    "scrap": {"en": "scrap", "zh": "废料", "fr": "rebut"},
    "technology": {"en": "technology", "zh": "技术", "fr": "technologie"},
    "equipment": {"en": "equipment", "zh": "设备", "fr": "équipement"},
    "assembly": {"en": "assembly", "zh": "组件", "fr": "ensemble"},
    "other": {"en": "other", "zh": "其他", "fr": "autre"},
}

_COMPARED: Mapping[str, Mapping[Language, tuple[str, str]]] = {
    "at_least": {
        "en": ("is at least", "is below"),
        "zh": ("不低于", "低于"),
        "fr": ("atteint", "est inférieur à"),
    },
    "more_than": {
        "en": ("is above", "is not above"),
        "zh": ("高于", "不高于"),
        "fr": ("dépasse", "ne dépasse pas"),
    },
    "at_most": {
        "en": ("is at most", "is above"),
        "zh": ("不高于", "高于"),
        "fr": ("ne dépasse pas", "dépasse"),
    },
    "less_than": {
        "en": ("is below", "is not below"),
        "zh": ("低于", "不低于"),
        "fr": ("est inférieur à", "n'est pas inférieur à"),
    },
}
_IN_RANGE: Mapping[Language, tuple[str, str]] = {
    "en": ("fits", "does not fit"),
    "zh": ("符合", "不符合"),
    "fr": ("correspond à", "ne correspond pas à"),
}

AND: Mapping[Language, str] = {"en": "; ", "zh": "；", "fr": " ; "}
STOP: Mapping[Language, str] = {"en": ".", "zh": "。", "fr": "."}
_LIST: Mapping[Language, str] = {"en": ", ", "zh": "、", "fr": ", "}
_SHOWN_CLUES = 4


def field_name(field: str, language: Language) -> str:
    """The field for a person, with its wire name: "the purity (purity_pct)"."""
    base, _, element = field.partition(".")
    if base == "properties":
        return f"properties.{element}"
    words = _FIELDS.get(base, {}).get(language, base)
    return f"{words} ({base}{': ' + element if element else ''})"


def field_names(fields: Iterable[str], language: Language) -> str:
    """Several fields; elements of the composition are gathered into one."""
    elements = [f.removeprefix("composition.") for f in fields if f.startswith("composition.")]
    plain = [f for f in fields if not f.startswith("composition.")]
    if elements:
        plain.append("composition." + _LIST[language].join(dict.fromkeys(elements)))
    return _LIST[language].join(field_name(field, language) for field in plain)


def clue_sentence(clues: Iterable[Clue], language: Language) -> str:
    """What was looked at, as one sentence."""
    shown = list(dict.fromkeys(_clue(clue, language) for clue in clues))[:_SHOWN_CLUES]
    return AND[language].join(shown) + (STOP[language] if shown else "")


def _clue(clue: Clue, language: Language) -> str:
    fact = clue.fact.replace("composition.", "")
    fact = field_name(fact, language) if fact in _FIELDS or clue.kind == "unknown" else fact
    if clue.kind == "unknown":
        fact = field_name(clue.fact, language)
    template = _CLUES.get(clue.kind)
    if template is not None:
        value, bound = clue.value, clue.bound
        if clue.kind == "form":
            value, bound = (_FORMS.get(form, {}).get(language, form) for form in (value, bound))
        return template[language].format(fact=fact, value=value, bound=bound)
    operator, _, verdict = clue.kind.rpartition("_")
    met, failed = _COMPARED.get(operator, {}).get(language, _IN_RANGE[language])
    return f"{fact} {clue.value} {met if verdict == 'met' else failed} {clue.bound}"
