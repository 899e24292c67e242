"""The answers on the wire, for the API's description. They are built by `decide.explain`."""

from __future__ import annotations

from marshmallow import Schema, fields


class BasisSchema(Schema):
    instrument = fields.String()
    clause = fields.String(allow_none=True)
    title = fields.String()
    source = fields.String()
    verified = fields.String(metadata={"description": "double, single or memory"})


class ReasonSchema(Schema):
    rule = fields.String()
    disposition = fields.String()
    lines = fields.List(fields.Integer())
    parties = fields.List(fields.Integer())
    message = fields.String()
    remedy = fields.String(allow_none=True)
    asks = fields.List(
        fields.String(), metadata={"description": "JSON pointers to what would settle it"}
    )
    severity = fields.String(metadata={"description": "of a red flag: low, medium or high"})
    earlier = fields.Nested(lambda: EarlierSchema())
    differences = fields.List(fields.Nested(lambda: DifferenceSchema()))
    basis = fields.Nested(BasisSchema, allow_none=True)
    matched = fields.Dict(keys=fields.String())


class EvidenceSchema(Schema):
    rule = fields.String()
    lines = fields.List(fields.Integer())
    figures = fields.Dict(keys=fields.String())


class ReadingSchema(Schema):
    applies = fields.Boolean()
    outcome = fields.String()
    disposition = fields.String()
    reasons = fields.List(fields.String())


class WarningSchema(Schema):
    code = fields.String()
    message = fields.String()
    instrument = fields.String()
    confirm = fields.String()
    sources = fields.List(fields.String())
    readings = fields.List(fields.Nested(ReadingSchema))


class ControlResultSchema(Schema):
    entry = fields.String()
    code = fields.String(allow_none=True)
    title = fields.String()
    match = fields.String(metadata={"description": "listed, possible or excluded"})
    because = fields.String()
    missing = fields.List(fields.String())
    verified = fields.String()


class LineResultSchema(Schema):
    line = fields.Integer()
    disposition = fields.String()
    controls = fields.List(fields.Nested(ControlResultSchema))


class ProspectSchema(Schema):
    from_ = fields.Date(data_key="from")
    outcome = fields.String()
    disposition = fields.String()
    reasons = fields.List(fields.String())


class VersionNameSchema(Schema):
    id = fields.String()
    version = fields.Integer()
    digest = fields.String()


class LogSchema(Schema):
    index = fields.Integer()
    leaf = fields.String()


class HitSchema(Schema):
    """A listed party that a party may be."""

    entity = fields.String()
    name = fields.String(metadata={"description": "the listed name it is like"})
    score = fields.String(metadata={"description": "points of 100"})
    because = fields.String()
    through = fields.String(metadata={"description": "name, or owner"})
    owner = fields.String(allow_none=True)
    owned_pct = fields.String(allow_none=True)
    owned_pct_at_most = fields.String(allow_none=True)
    list = fields.String(metadata={"description": "control, watch or unreliable"})
    instrument = fields.String()
    title = fields.String()
    listed_from = fields.Date()
    listed_until = fields.Date(allow_none=True)
    state = fields.String(
        metadata={"description": "in_force, uncertain, suspended, stopped, not_yet or ended"}
    )
    suspended_until = fields.Date(allow_none=True)
    verified = fields.String()


class ScreenedPartySchema(Schema):
    """A party and whom it may be."""

    party = fields.Integer()
    name = fields.String()
    hits = fields.List(fields.Nested(HitSchema))


class EarlierSchema(Schema):
    """A like shipment that was denied."""

    decision = fields.String()
    reference = fields.String()
    evaluated_at = fields.DateTime()
    disposition = fields.String()


class DifferenceSchema(Schema):
    """What a shipment has otherwise than the earlier one."""

    field = fields.String()
    before = fields.String(allow_none=True)
    after = fields.String(allow_none=True)


class DecisionSchema(Schema):
    """A decision: allow or deny, with all reasons."""

    id = fields.String(metadata={"description": "of a dry run it names nothing"})
    reference = fields.String()
    outcome = fields.String(metadata={"enum": ["allow", "deny"]})
    disposition = fields.String()
    reasons = fields.List(fields.Nested(ReasonSchema))
    warnings = fields.List(fields.Nested(WarningSchema))
    lines = fields.List(fields.Nested(LineResultSchema))
    screening = fields.List(fields.Nested(ScreenedPartySchema))
    rule_set = fields.Nested(VersionNameSchema)
    as_of = fields.Date()
    looked_at = fields.List(
        fields.String(), metadata={"description": "instruments in force that were looked at"}
    )
    outlook = fields.List(fields.Nested(ProspectSchema))
    evaluated_at = fields.DateTime()
    log = fields.Nested(LogSchema)


class RecordedDecisionSchema(DecisionSchema):
    """A decision as it was answered; with `evidence` where that was asked for."""

    evidence = fields.List(fields.Nested(EvidenceSchema))
    masked = fields.List(
        fields.String(),
        metadata={
            "description": "paths, of the answer or of its request, that are shown as hashes"
        },
    )


class FoundDecisionSchema(Schema):
    """What a list says of a decision."""

    index = fields.Integer(metadata={"description": "its place in the log"})
    id = fields.String()
    reference = fields.String()
    exporter = fields.String()
    evaluated_at = fields.DateTime()
    as_of = fields.Date()
    outcome = fields.String(metadata={"enum": ["allow", "deny"]})
    disposition = fields.String()
    rule_set = fields.String(metadata={"description": "the version that decided, as cn@3"})
    actor = fields.String()


class DecisionsSchema(Schema):
    """A page of decisions, the newest first."""

    decisions = fields.List(fields.Nested(FoundDecisionSchema))
    next = fields.String(
        allow_none=True, metadata={"description": "cursor of the next page, null on the last one"}
    )
    masked = fields.List(
        fields.String(), metadata={"description": "paths that this role sees as hashes"}
    )


class LogProofSchema(Schema):
    """A proof of RFC 9162 over the log; hashes are base64."""

    index = fields.Integer()
    old = fields.Integer()
    size = fields.Integer()
    root = fields.String()
    proof = fields.List(fields.String())


class VersionSchema(Schema):
    """A published version of a rule set."""

    rule_set = fields.String()
    number = fields.Integer()
    digest = fields.String()
    author = fields.String()
    approver = fields.String(allow_none=True)
    note = fields.String()
    published_at = fields.DateTime()


class PublishedContentSchema(VersionSchema):
    """A version with its content: rule files by name."""

    content = fields.Dict(keys=fields.String())


class RuleSetsSchema(Schema):
    rule_sets = fields.List(fields.Nested(VersionSchema))


class VersionsSchema(Schema):
    versions = fields.List(fields.Nested(VersionSchema))


class ControlSchema(Schema):
    """A control entry as it stands on a day."""

    entry = fields.String()
    code = fields.String(allow_none=True)
    number = fields.String(allow_none=True)
    instrument = fields.String()
    instrument_title = fields.String()
    list = fields.String()
    title = fields.String()
    material = fields.String()
    form = fields.String()
    hs_codes = fields.List(fields.String())
    shared_hs_codes = fields.List(fields.String())
    match = fields.String(
        metadata={"description": "how the asked code bears on it"}, allow_none=True
    )
    in_force = fields.Boolean()
    uncertain = fields.Boolean()
    verified = fields.String()
    notes = fields.List(fields.String())


class ControlsSchema(Schema):
    as_of = fields.Date()
    rule_set = fields.Nested(VersionNameSchema)
    controls = fields.List(fields.Nested(ControlSchema))


class ScreeningsSchema(Schema):
    """Parties held against the lists."""

    as_of = fields.Date()
    rule_set = fields.Nested(VersionNameSchema)
    screening = fields.List(fields.Nested(ScreenedPartySchema))


class ConfirmationSchema(Schema):
    """What became of an allowed decision."""

    decision = fields.String()
    state = fields.String(metadata={"description": "shipped or cancelled"})
    day = fields.Date()
    at = fields.DateTime()


class ReplayDifferenceSchema(Schema):
    """A place where a recorded value is not what comes out again; what is missing has no member."""

    pointer = fields.String(
        metadata={
            "description": "JSON pointer that begins with what is compared: /answer, /facts or "
            "/record (what decisions are found by), or with what cannot be read: /request, "
            "/history or /rule_set"
        }
    )
    recorded = fields.Raw(metadata={"description": "any JSON value"})
    replayed = fields.Raw(metadata={"description": "any JSON value"})
    why = fields.String(metadata={"description": "what keeps the values from being compared"})


class ReplaySchema(Schema):
    """How a recorded decision comes out again."""

    decision = fields.String()
    rule_set = fields.Nested(VersionNameSchema)
    same = fields.Boolean()
    erased = fields.Boolean(
        metadata={"description": "names were erased on lawful order: what differs is no alarm"}
    )
    differences = fields.List(fields.Nested(ReplayDifferenceSchema))


class FlowSchema(Schema):
    """The mass of one month and group."""

    month = fields.String()
    group = fields.Dict(keys=fields.String(), values=fields.String())
    mass_kg = fields.String()
    decisions = fields.Integer()
    change_pct = fields.String(
        allow_none=True, metadata={"description": "against the month before"}
    )
    share_pct = fields.String(allow_none=True, metadata={"description": "of the month's all"})


class FlowsSchema(Schema):
    """Flows by month."""

    series = fields.String()
    group_by = fields.List(fields.String())
    flows = fields.List(fields.Nested(FlowSchema))
