"""Messages for refused requests: what was given and what is wanted, in the clerk's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.rulebook.values import Language

_TEXTS: Mapping[str, Mapping[Language, str]] = {
    "unknown_field": {
        "en": "this field is not known here",
        "zh": "此处没有该字段",
        "fr": "ce champ n'est pas connu ici",
    },
    "required": {"en": "this is missing", "zh": "缺少此项", "fr": "ce champ manque"},
    "null": {
        "en": "this may not be null",
        "zh": "此项不能为 null",
        "fr": "null n'est pas admis ici",
    },
    "text": {"en": "a text belongs here", "zh": "此处应为文本", "fr": "un texte est attendu ici"},
    "object": {
        "en": "an object belongs here",
        "zh": "此处应为对象",
        "fr": "un objet est attendu ici",
    },
    "list": {"en": "a list belongs here", "zh": "此处应为列表", "fr": "une liste est attendue ici"},
    "boolean": {
        "en": "true or false belongs here",
        "zh": "此处应为 true 或 false",
        "fr": "true ou false est attendu ici",
    },
    "whole": {
        "en": "a whole number from {least} to {most} belongs here",
        "zh": "此处应为{least}至{most}的整数",
        "fr": "un nombre entier de {least} à {most} est attendu ici",
    },
    "number": {
        "en": "a number, or a text with a decimal number, belongs here",
        "zh": "此处应为数字或十进制数字文本",
        "fr": "un nombre, ou un texte contenant un nombre décimal, est attendu ici",
    },
    "finite": {
        "en": "{value} is not a number one can measure",
        "zh": "{value}不是可度量的数值",
        "fr": "{value} n'est pas un nombre mesurable",
    },
    "digits": {
        "en": "the number has too many digits; at most {most} are read",
        "zh": "数字位数过多，最多{most}位",
        "fr": "le nombre a trop de chiffres ; {most} au plus",
    },
    "range": {
        "en": "{value} is outside {least} to {most}",
        "zh": "{value}不在{least}至{most}之间",
        "fr": "{value} n'est pas entre {least} et {most}",
    },
    "zero": {
        "en": "this cannot be 0; leave it out when it is not known",
        "zh": "此项不能为0；如未知请省略",
        "fr": "ceci ne peut être 0 ; omettez-le s'il est inconnu",
    },
    "bore": {
        "en": "a bore of {value} mm does not go into a diameter of {most} mm",
        "zh": "内径{value}毫米不能大于或等于外径{most}毫米",
        "fr": "un alésage de {value} mm ne tient pas dans un diamètre de {most} mm",
    },
    "wall": {
        "en": "two walls of {value} mm do not go into a diameter of {most} mm",
        "zh": "外径{most}毫米容不下两侧各{value}毫米的壁厚",
        "fr": "deux parois de {value} mm ne tiennent pas dans un diamètre de {most} mm",
    },
    "says_nothing": {
        "en": "the description has no letter: say what the goods are",
        "zh": "货物描述没有任何文字：请写明是何货物",
        "fr": "la désignation n'a aucune lettre : dites quelle est la marchandise",
    },
    "length": {
        "en": "1 to {most} characters belong here, not {value}",
        "zh": "此处应为1至{most}个字符，而非{value}个",
        "fr": "1 à {most} caractères sont attendus ici, non {value}",
    },
    "characters": {
        "en": "the text has control characters, or characters that cannot be written",
        "zh": "文本含有控制字符或无法写出的字符",
        "fr": "le texte contient des caractères de contrôle ou impossibles à écrire",
    },
    "misleading": {
        "en": "the text has characters that are not shown or that turn others around (U+202D,"
        " U+202E, U+E0000 to U+E007F): write it as it reads, without them",
        "zh": "文本含有不可见字符或颠倒文字方向的字符（U+202D、U+202E、U+E0000至U+E007F），"
        "请去掉后按所见书写",
        "fr": "le texte contient des caractères invisibles ou qui en retournent d'autres (U+202D,"
        " U+202E, U+E0000 à U+E007F) : écrivez-le comme il se lit, sans eux",
    },
    "choice": {
        "en": "`{value}` is not one of {choices}",
        "zh": "“{value}”不在可选值之内：{choices}",
        "fr": "« {value} » n'est pas l'un de {choices}",
    },
    "country": {
        "en": "`{value}` is not a country code (two capital letters of ISO 3166-1, e.g. DE)",
        "zh": "“{value}”不是国家代码（ISO 3166-1 两位大写字母，如 DE）",
        "fr": "« {value} » n'est pas un code de pays (deux majuscules ISO 3166-1, p. ex. DE)",
    },
    "currency": {
        "en": "`{value}` is not a currency code (three capital letters, e.g. USD)",
        "zh": "“{value}”不是货币代码（三位大写字母，如 USD）",
        "fr": "« {value} » n'est pas un code de monnaie (trois majuscules, p. ex. USD)",
    },
    "hs_code": {
        "en": "a customs code has 6, 8 or 10 digits; `{value}` does not",
        "zh": "海关编码应为6、8或10位数字；“{value}”不符合",
        "fr": "un code douanier a 6, 8 ou 10 chiffres ; « {value} » non",
    },
    "date": {
        "en": "`{value}` is not a day of the calendar, written YYYY-MM-DD",
        "zh": "“{value}”不是有效日期（格式 YYYY-MM-DD）",
        "fr": "« {value} » n'est pas un jour du calendrier, écrit AAAA-MM-JJ",
    },
    "instant": {
        "en": "`{value}` is no time: write 2026-11-23 or 2026-11-23T08:00:00Z",
        "zh": "“{value}”不是时间：请写 2026-11-23 或 2026-11-23T08:00:00Z",
        "fr": "« {value} » n'est pas un moment : écrivez 2026-11-23 ou 2026-11-23T08:00:00Z",
    },
    "cursor": {
        "en": "this cursor was not given by this service for these filters; begin anew without it",
        "zh": "该 cursor 并非本服务为这些筛选条件所给出；请去掉后重新开始",
        "fr": "ce cursor n'a pas été donné par ce service pour ces filtres ; recommencez sans lui",
    },
    "element": {
        "en": "`{value}` is not the symbol of a chemical element, e.g. Dy",
        "zh": "“{value}”不是化学元素符号，如 Dy",
        "fr": "« {value} » n'est pas le symbole d'un élément chimique, p. ex. Dy",
    },
    "twice": {
        "en": "{value} stands here twice",
        "zh": "{value}重复出现",
        "fr": "{value} figure ici deux fois",
    },
    "composition_sum": {
        "en": "the composition adds up to {value} %, which is more than 100 %",
        "zh": "成分合计{value}%，超过100%",
        "fr": "la composition totalise {value} %, plus de 100 %",
    },
    "share_sum": {
        "en": "the shares add up to {value} %, which is more than 100 %",
        "zh": "份额合计{value}%，超过100%",
        "fr": "les parts totalisent {value} %, plus de 100 %",
    },
    "net_above_gross": {
        "en": "the net mass {value} kg is above the gross mass {most} kg",
        "zh": "净重{value}千克大于毛重{most}千克",
        "fr": "la masse nette {value} kg dépasse la masse brute {most} kg",
    },
    "items": {
        "en": "{least} to {most} belong here, not {value}",
        "zh": "此处应有{least}至{most}项，而非{value}项",
        "fr": "{least} à {most} sont attendus ici, non {value}",
    },
    "no_exporter": {
        "en": "one party must be the exporter",
        "zh": "必须有一方为出口商（exporter）",
        "fr": "une partie doit être l'exportateur",
    },
    "exporters": {
        "en": "a shipment has one exporter, not {value}",
        "zh": "一批货物只能有一个出口商（exporter），而非{value}个",
        "fr": "un envoi a un seul exportateur, non {value}",
    },
    "no_receiver": {
        "en": "one party must be the consignee or the end user",
        "zh": "必须有一方为收货人（consignee）或最终用户（end_user）",
        "fr": "une partie doit être le destinataire ou l'utilisateur final",
    },
    "no_goods": {
        "en": "a line needs a description or a customs code",
        "zh": "每行须有货物描述（description）或海关编码（hs_code）",
        "fr": "une ligne a besoin d'une description ou d'un code douanier",
    },
    "too_deep": {
        "en": "owners are read {most} levels deep",
        "zh": "所有者最多读取{most}层",
        "fr": "les propriétaires sont lus sur {most} niveaux",
    },
    "owners": {
        "en": "a request names {most} owners at most, of all its parties together",
        "zh": "一次请求中各方的所有者合计最多{most}个",
        "fr": "une requête nomme au plus {most} propriétaires, toutes parties confondues",
    },
    "circle": {
        "en": "`{value}` owns itself in this chain of owners",
        "zh": "“{value}”在该所有者链中拥有自身",
        "fr": "« {value} » se possède lui-même dans cette chaîne de propriétaires",
    },
    "not_confirmable": {
        "en": "decision `{value}` cannot be confirmed so: it is {choices}",
        "zh": "决定“{value}”不能如此确认：其状态为{choices}",
        "fr": "la décision « {value} » ne peut être confirmée ainsi : elle est {choices}",
    },
    "other_law_then": {
        "en": "decision `{value}` does not hold on {choices}: it would be a deny then",
        "zh": "决定“{value}”在{choices}不适用：当日会被拒绝",
        "fr": "la décision « {value} » ne vaut pas le {choices} : ce serait alors un refus",
    },
    "ahead": {
        "en": "{value} has not come yet",
        "zh": "{value}尚未到来",
        "fr": "le {value} n'est pas encore venu",
    },
    "month": {
        "en": "`{value}` is not a month, written YYYY-MM",
        "zh": "“{value}”不是月份（格式 YYYY-MM）",
        "fr": "« {value} » n'est pas un mois, écrit AAAA-MM",
    },
    "months": {
        "en": "{value} is after {most}, where the months end",
        "zh": "{value}晚于截止月份{most}",
        "fr": "{value} est après {most}, où finissent les mois",
    },
    "material": {
        "en": "`{value}` is none of the materials of the rule sets or of the public figures",
        "zh": "“{value}”不是规则集或公开统计中的物项材料",
        "fr": "« {value} » n'est aucune matière des jeux de règles ni des chiffres publics",
    },
    "property_name": {
        "en": "`{value}` is not the name of a measurement (small letters, digits and _)",
        "zh": "“{value}”不是测量名称（小写字母、数字和下划线）",
        "fr": "« {value} » n'est pas un nom de mesure (minuscules, chiffres et _)",
    },
    "not_found": {
        "en": "there is no `{value}`",
        "zh": "没有“{value}”",
        "fr": "« {value} » n'existe pas",
    },
    "key_used": {
        "en": "Idempotency-Key `{value}` was used before with another request",
        "zh": "Idempotency-Key“{value}”此前已用于其他请求",
        "fr": "l'Idempotency-Key « {value} » a déjà servi à une autre demande",
    },
    "key_form": {
        "en": "Idempotency-Key has 1 to 255 printable characters",
        "zh": "Idempotency-Key 应为1至255个可打印字符",
        "fr": "Idempotency-Key compte 1 à 255 caractères imprimables",
    },
    "no_key": {
        "en": "send `Authorization: Bearer <key>` with a key of this service",
        "zh": "请发送 `Authorization: Bearer <key>`，使用本服务的密钥",
        "fr": "envoyez `Authorization: Bearer <key>` avec une clé de ce service",
    },
    "role": {
        "en": "this is for {choices}; the key is for {value}",
        "zh": "此项仅限{choices}；该密钥属于{value}",
        "fr": "ceci est réservé à {choices} ; la clé est pour {value}",
    },
    "not_json": {
        "en": "send the body as `Content-Type: application/json`",
        "zh": "请以 `Content-Type: application/json` 发送请求体",
        "fr": "envoyez le corps en `Content-Type: application/json`",
    },
    "malformed": {
        "en": "the body is not JSON: {value}",
        "zh": "请求体不是 JSON：{value}",
        "fr": "le corps n'est pas du JSON : {value}",
    },
    "nesting": {
        "en": "the body nests too deeply",
        "zh": "请求体嵌套过深",
        "fr": "le corps est trop imbriqué",
    },
    "refused": {
        "en": "faults: {value}; nothing was recorded",
        "zh": "错误{value}处；未作任何记录",
        "fr": "fautes : {value} ; rien n'a été enregistré",
    },
    "logged": {
        "en": "the error was logged; nothing was recorded",
        "zh": "错误已记入日志；未作任何记录",
        "fr": "l'erreur est au journal ; rien n'a été enregistré",
    },
    "parameter": {
        "en": "no such parameter here",
        "zh": "此处没有该参数",
        "fr": "ce paramètre n'existe pas ici",
    },
    "rule_set": {
        "en": "`{value}` names no rule set or version; write cn or cn@7",
        "zh": "“{value}”不是规则集或版本；请写 cn 或 cn@7",
        "fr": "« {value} » ne nomme ni règles ni version ; écrivez cn ou cn@7",
    },
}


class Fault(str):
    """A message that still knows how to say itself in another language."""

    __slots__ = ("kind", "words")
    kind: str
    words: Mapping[str, Any]

    def __new__(cls, kind: str, **words: Any) -> Fault:
        shown = {name: _shown(word) for name, word in words.items()}
        fault = super().__new__(cls, _TEXTS[kind]["en"].format(**shown))
        fault.kind, fault.words = kind, shown
        return fault

    def say(self, language: Language) -> str:
        """The message in the language."""
        return _TEXTS[self.kind][language].format(**self.words)


def _shown(word: Any) -> str:
    text = "".join(c if c.isprintable() else "?" for c in str(word))
    return text if len(text) <= 60 else f"{text[:57]}..."
