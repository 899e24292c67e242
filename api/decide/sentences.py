"""The fixed sentences of an answer about shipment and parties, in three languages."""

from __future__ import annotations

from collections.abc import Mapping

from api.canonical import fixed_notation
from api.decide.parties import PartyHit
from api.decide.wording import AND, STOP
from api.rulebook.values import Language

SENTENCES: Mapping[str, Mapping[Language, str]] = {
    "no_entry": {
        "en": "Line {lines}: no control entry in force on {day} comes into question.",
        "zh": "第{lines}行：{day}没有涉及的有效管制条目。",
        "fr": "Ligne {lines} : aucune entrée en vigueur au {day} n'est concernée.",
    },
    "no_measure": {
        "en": "Line {lines}: an entry comes into question, but no measure in force on {day} "
        "restricts this shipment.",
        "zh": "第{lines}行：涉及管制条目，但{day}没有限制该批货物的有效措施。",
        "fr": "Ligne {lines} : une entrée est concernée, mais aucune mesure en vigueur au {day} ne "
        "restreint cet envoi.",
    },
    "not_met": {
        "en": "Line {lines} is not {title} ({short}, {label}): {because}",
        "zh": "第{lines}行不属于{title}（{short}，{label}）：{because}",
        "fr": "La ligne {lines} n'est pas {title} ({short}, {label}) : {because}",
    },
    "true_destination": {
        "en": " The end user's country decides: {country} instead of the declared {declared}.",
        "zh": "以最终用户所在国家为准：{country}，而非申报的{declared}。",
        "fr": " Le pays de l'utilisateur final décide : {country} au lieu de {declared} déclaré.",
    },
    "before_known_law": {
        "en": "{day} lies before {known_from}, the first day this rule set knows: nothing is known "
        "of the law of that day.",
        "zh": "{day}早于本规则集的起始日{known_from}：不掌握当日的法律。",
        "fr": "Le {day} précède le {known_from}, premier jour connu de ces règles : rien n'est su "
        "du droit de ce jour.",
    },
    "licences_not_checked": {
        "en": "Licences are cited, but this service keeps no licence register yet: the shipment is "
        "decided as if there were none.",
        "zh": "已引用许可证，但本服务尚无许可证登记：按无许可证判定。",
        "fr": "Des licences sont citées, mais ce service ne tient pas encore de registre : l'envoi "
        "est jugé comme s'il n'y en avait pas.",
    },
    "history_not_consulted": {
        "en": "Earlier decisions were not consulted: retries, splitting and unusual volumes are "
        "not seen here.",
        "zh": "未查询以往决定：此处无法发现重复申报、化整为零和异常数量。",
        "fr": "Les décisions passées n'ont pas été consultées : nouvelles tentatives, "
        "fractionnement et volumes inhabituels ne sont pas vus ici.",
    },
    "listing_suspended": {
        "en": "{party} may be {name}, listed by {short}; those measures are suspended until "
        "{until}.",
        "zh": "{party}可能是{short}所列的{name}；相关措施暂停至{until}。",
        "fr": "{party} peut être {name}, inscrit par {short} ; ces mesures sont suspendues "
        "jusqu'au {until}.",
    },
    "listing_stopped": {
        "en": "{party} may be {name}, listed by {short}; those measures are no longer carried out, "
        "but no notice that it was taken off the list is known.",
        "zh": "{party}可能是{short}所列的{name}；相关措施已停止实施，但未见移出清单的公告。",
        "fr": "{party} peut être {name}, inscrit par {short} ; ces mesures ne sont plus "
        "appliquées, mais aucun avis de radiation n'est connu.",
    },
    "parties_not_screened": {
        "en": "The parties were not screened against lists of restricted parties.",
        "zh": "未对各方进行受限名单筛查。",
        "fr": "Les parties n'ont pas été confrontées aux listes de parties restreintes.",
    },
    "law_uncertain": {
        "en": "The law is uncertain and the stricter reading decided. {question} To confirm: "
        "{confirm}",
        "zh": "法律状态不确定，按较严解释判定。{question}需确认：{confirm}",
        "fr": "Le droit est incertain et la lecture stricte a décidé. {question} À confirmer : "
        "{confirm}",
    },
}

_LIKENESS: Mapping[str, Mapping[Language, str]] = {
    "name": {
        "en": "the names agree to {points} points of 100",
        "zh": "名称相似度{points}分（满分100）",
        "fr": "les noms concordent à {points} points sur 100",
    },
    "hint": {
        "en": "it is an abbreviation of the name",
        "zh": "系该名称的缩写",
        "fr": "c'est une abréviation du nom",
    },
    "identifier_only": {
        "en": "found by an identifier, under another name",
        "zh": "系凭识别号码匹配，名称不同",
        "fr": "trouvé par un identifiant, sous un autre nom",
    },
    "part_of_name": {
        "en": "a part of the name is enough: {detail}",
        "zh": "名称中的一部分相符：{detail}",
        "fr": "une partie du nom suffit : {detail}",
    },
    "initials": {
        "en": "it consists of the initials",
        "zh": "由首字母组成",
        "fr": "il est formé des initiales",
    },
    "spelling": {
        "en": "spelt otherwise: {detail}",
        "zh": "拼写不同：{detail}",
        "fr": "orthographe différente : {detail}",
    },
    "joined_words": {
        "en": "words are joined or split",
        "zh": "单词连写或拆分",
        "fr": "des mots sont joints ou séparés",
    },
    "missing_words": {
        "en": "without {detail}",
        "zh": "缺少{detail}",
        "fr": "sans {detail}",
    },
    "added_words": {
        "en": "with {detail} besides",
        "zh": "另有{detail}",
        "fr": "avec {detail} en plus",
    },
    "word_order": {
        "en": "in another order",
        "zh": "语序不同",
        "fr": "dans un autre ordre",
    },
    "country_agrees": {
        "en": "the country agrees ({detail}, {points})",
        "zh": "国家一致（{detail}，{points}）",
        "fr": "le pays concorde ({detail}, {points})",
    },
    "country_differs": {
        "en": "the country differs ({detail}, {points})",
        "zh": "国家不同（{detail}，{points}）",
        "fr": "le pays diffère ({detail}, {points})",
    },
    "identifier_agrees": {
        "en": "the identifier agrees ({detail}, {points})",
        "zh": "识别号一致（{detail}，{points}）",
        "fr": "l'identifiant concorde ({detail}, {points})",
    },
    "identifier_differs": {
        "en": "the identifier differs ({detail}, {points})",
        "zh": "识别号不同（{detail}，{points}）",
        "fr": "l'identifiant diffère ({detail}, {points})",
    },
}
_OWNED: Mapping[Language, str] = {
    "en": "owner {owner}; listed owners hold {least} to {most} %",
    "zh": "所有者{owner}；受限所有者合计持有{least}%至{most}%",
    "fr": "propriétaire {owner} ; les propriétaires listés détiennent {least} à {most} %",
}


_VALUES: Mapping[str, Mapping[Language, str]] = {
    "exporter": {"en": "exporter", "zh": "出口商", "fr": "exportateur"},
    "seller": {"en": "seller", "zh": "卖方", "fr": "vendeur"},
    "buyer": {"en": "buyer", "zh": "买方", "fr": "acheteur"},
    "payer": {"en": "payer", "zh": "付款方", "fr": "payeur"},
    "consignee": {"en": "consignee", "zh": "收货人", "fr": "destinataire"},
    "intermediate_consignee": {
        "en": "intermediate consignee",
        "zh": "中间收货人",
        "fr": "destinataire intermédiaire",
    },
    "end_user": {"en": "end user", "zh": "最终用户", "fr": "utilisateur final"},
    "freight_forwarder": {"en": "freight forwarder", "zh": "货运代理", "fr": "transitaire"},
    "notify_party": {"en": "notify party", "zh": "通知方", "fr": "partie à notifier"},
    "bank": {"en": "bank", "zh": "银行", "fr": "banque"},
    "country_given": {
        "en": "by the country given",
        "zh": "依据所填国家",
        "fr": "d'après le pays indiqué",
    },
    "address_read": {
        "en": "by the end of an address",
        "zh": "依据地址末尾",
        "fr": "d'après la fin d'une adresse",
    },
}


def value_in_words(value: str, language: Language) -> str:
    """The value of a fact for a person: roles in words, anything else as it is."""
    return _VALUES.get(value, {}).get(language, value)


def screening_sentence(found: PartyHit, language: Language) -> str:
    """Why a party may be a listed one: what its score is made of."""
    said = [
        _LIKENESS[clue.kind][language].format(
            points=fixed_notation(clue.points) if clue.kind == "name" else f"{clue.points:+f}",
            detail=clue.detail,
        )
        for clue in found.hit.clues
    ]
    if found.share is not None:
        least, most = fixed_notation(found.share.least), fixed_notation(found.share.most)
        said.append(_OWNED[language].format(owner=found.owner, least=least, most=most))
    return AND[language].join(said) + STOP[language]
