"""The command line: `lodestone`."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from api import auditing
from api.errors import LodestoneError, SettingsError
from api.settings import Settings

ALLOW, DENY, BAD_INPUT, FAILED = 0, 3, 2, 1
DIFFERENT = 4


def main(arguments: list[str] | None = None) -> None:
    """Runs one command and exits: 0 done or allow, 3 deny, 4 differs, 2 bad input, 1 failed."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(Settings.from_environment(), options)
        sys.stdout.flush()
    except SettingsError as error:
        print(f"lodestone: {error}", file=sys.stderr)
        code = FAILED
    except LodestoneError as error:
        print(f"{error}", file=sys.stderr)
        code = BAD_INPUT if 400 <= error.status < 500 else FAILED
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:
        # Whoever read along has read enough, as `head` does; nothing is left to write to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = FAILED
    except OSError as error:
        print(f"lodestone: {error.strerror}: {error.filename or 'output'}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = FAILED
    sys.exit(code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lodestone", description="Export-control decisions for restricted metals and magnets."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("serve", help="serve the API")
    command.set_defaults(run=_serve)

    command = commands.add_parser(
        "evaluate", help="decide shipments from files, offline: exit 0 allow, 3 deny, 2 bad input"
    )
    command.add_argument("files", nargs="+", metavar="FILE", type=Path)
    command.add_argument("--json", action="store_true", help="answers as JSON, one a line")
    command.add_argument("--language", choices=("en", "zh", "fr"), default="en")
    command.add_argument("--rule-set", default="cn", help="a folder under the rules directory")
    command.set_defaults(run=_evaluate)

    command = commands.add_parser(
        "screen", help="hold a name against the listed parties, offline: exit 0 no hit, 3 some"
    )
    command.add_argument("name", metavar="NAME")
    command.add_argument("--country", help="its country, two letters")
    command.add_argument(
        "--identifier", action="append", default=[], metavar="TYPE=VALUE", help="as uscc=9143…"
    )
    command.add_argument("--as-of", metavar="DAY", help="YYYY-MM-DD; default: today")
    command.add_argument("--json", action="store_true", help="the answer as JSON")
    command.add_argument("--language", choices=("en", "zh", "fr"), default="en")
    command.add_argument("--rule-set", default="cn", help="a folder under the rules directory")
    command.set_defaults(run=_screen)

    flows = commands.add_parser("flows", help="history of shipments").add_subparsers(
        required=True, metavar="ACTION"
    )
    command = flows.add_parser(
        "import",
        help="load history from CSV in place of what was loaded before; without FILE the public "
        "monthly figures that come with Lodestone",
        epilog="columns: day, material, mass_kg, exporter, consignee, destination, and where known "
        "form, exporter_country, exporter_identifier (as uscc=9143…), consignee_identifier, "
        "value_cny; with --public: month, material, mass_kg, and where known form, destination, "
        "source, note",
    )
    command.add_argument("file", nargs="?", metavar="FILE", type=Path)
    command.add_argument(
        "--public", action="store_true", help="the file has public monthly figures, not shipments"
    )
    command.add_argument("--rule-set", default="cn", help="a folder under the rules directory")
    command.set_defaults(run=_flows_import)

    command = commands.add_parser(
        "replay",
        help="decide recorded decisions again and compare byte for byte, no server needed: exit 0 "
        "all the same, 4 some differ, 2 bad input",
    )
    command.add_argument("ids", nargs="*", metavar="ID")
    command.add_argument("--all", action="store_true", help="every decision on record")
    command.add_argument(
        "--since",
        metavar="TIME",
        help="with --all: recorded then or later; RFC 3339, or YYYY-MM-DD",
    )
    command.add_argument("--until", metavar="TIME", help="with --all: recorded then or earlier")
    command.add_argument("--jobs", metavar="N", help="processes; default: one a core")
    command.add_argument("--json", action="store_true", help="answers as JSON, one a line")
    command.set_defaults(run=_replay)

    command = commands.add_parser("openapi", help="print the description of the API")
    command.set_defaults(run=_openapi)

    auditing.add_parsers(commands)

    rules = commands.add_parser("rules", help="rule files").add_subparsers(
        required=True, metavar="ACTION"
    )
    command = rules.add_parser("check", help="find every mistake: exit 0 none, 2 some")
    command.add_argument("rule_sets", nargs="*", metavar="RULE_SET")
    command.set_defaults(run=_rules_check)
    command = rules.add_parser("publish", help="make the files the next version")
    command.add_argument("rule_set", nargs="?", default="cn", metavar="RULE_SET")
    command.add_argument("--author", default=None, help="who publishes; default: the login name")
    command.add_argument("--note", required=True, help="what changed and why")
    command.set_defaults(run=_rules_publish)
    command = rules.add_parser("schema", help="write the JSON Schemas to rules/schema")
    command.set_defaults(run=_rules_schema)
    return parser


def _serve(settings: Settings, _: argparse.Namespace) -> int:
    from gevent import monkey

    monkey.patch_all()
    from api.serving import serve

    serve(settings)
    return ALLOW


def _evaluate(settings: Settings, options: argparse.Namespace) -> int:
    from api.checking import read_checked
    from api.decide.evaluate import Evaluator
    from api.printing import in_words
    from api.rulebook.model import RuleSetVersion

    rule_set, _ = read_checked(settings.rules_directory / options.rule_set)
    evaluator = Evaluator(RuleSetVersion(rule_set, 0))
    worst = ALLOW
    for file in options.files:
        answer, faults = _decide_file(file, evaluator, options.language)
        if answer is None:
            print("\n".join(f"{file}: {fault}" for fault in faults), file=sys.stderr)
            worst = BAD_INPUT
        else:
            as_json = json.dumps(answer, ensure_ascii=False)
            print(as_json if options.json else in_words(answer, options.language))
            if answer["outcome"] == "deny" and worst != BAD_INPUT:
                worst = DENY
    return worst


def _decide_file(
    file: Path, evaluator: Any, language: Any
) -> tuple[dict[str, Any] | None, list[str]]:
    """The answer, or what is wrong with the file."""
    from marshmallow import ValidationError

    from api.canonical import read_json
    from api.decide.explain import render, render_screening
    from api.web.schemas import ShipmentSchema, in_words

    try:
        shipment = ShipmentSchema().load(read_json(file.read_bytes()))
    except OSError as error:
        return None, [str(error.strerror)]
    except ValidationError as error:
        found = in_words(error.messages, language)
        return None, [f"{fault['pointer']}: {fault['message']}" for fault in found]
    except (ValueError, RecursionError) as error:
        return None, [f"not JSON: {error}"]
    day = shipment.export_date or _today(evaluator.version.rule_set.time_zone)
    evaluation = evaluator.evaluate(shipment, day)
    answer = render(evaluation, evaluator.version, shipment, language)
    return answer | {"screening": render_screening(evaluation, shipment, language)}, []


def _screen(settings: Settings, options: argparse.Namespace) -> int:
    from marshmallow import ValidationError

    from api.checking import read_checked
    from api.decide.evaluate import Evaluator
    from api.decide.explain import render_hit
    from api.printing import hits_in_words
    from api.rulebook.model import RuleSetVersion
    from api.web.schemas import ToScreenSchema, in_words

    pairs = [text.partition("=") for text in options.identifier]
    party = {"name": options.name, "country": options.country} | (
        {"identifiers": [{"type": kind, "value": value} for kind, _, value in pairs]}
        if pairs
        else {}
    )
    asked = {"parties": [party]} | ({"as_of": options.as_of} if options.as_of else {})
    try:
        wanted = ToScreenSchema().load(asked)
    except ValidationError as error:
        for fault in in_words(error.messages, options.language):
            print(f"{fault['pointer']}: {fault['message']}", file=sys.stderr)
        return BAD_INPUT
    rule_set, _ = read_checked(settings.rules_directory / options.rule_set)
    evaluator = Evaluator(RuleSetVersion(rule_set, 0))
    day = wanted.as_of or _today(rule_set.time_zone)
    hits = [
        render_hit(screened, options.language)
        for screened in evaluator.screening(wanted.parties[0], day)
    ]
    answer = {"name": options.name, "as_of": day.isoformat(), "hits": hits}
    as_json = json.dumps(answer, ensure_ascii=False)
    print(as_json if options.json else hits_in_words(answer, options.language))
    return DENY if hits else ALLOW


def _today(time_zone: str) -> date:
    from api.instants import now

    return now().astimezone(ZoneInfo(time_zone)).date()


def _flows_import(settings: Settings, options: argparse.Namespace) -> int:
    from api.app import first_start
    from api.checking import read_checked
    from api.decide.evaluate import Evaluator
    from api.flows.importing import PUBLIC_FIGURES, import_figures, import_shipments
    from api.flows.traces import traces_of
    from api.rulebook.model import RuleSetVersion
    from api.store.database import Database

    file = options.file or PUBLIC_FIGURES
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError:
        print(f"{file}: not UTF-8", file=sys.stderr)
        return BAD_INPUT
    first_start(settings)
    database = Database(settings.database_url)
    if options.public or options.file is None:
        done = import_figures(database, text, file.name)
    else:
        rule_set, _ = read_checked(settings.rules_directory / options.rule_set)
        traces = traces_of(Evaluator(RuleSetVersion(rule_set, 0)))
        done = import_shipments(database, text, rule_set.goods.materials, traces, file.name)
    print(f"{file.name}: {done.rows} rows, {done.mass_kg.normalize():f} kg, as {done.series}")
    return ALLOW


def _replay(settings: Settings, options: argparse.Namespace) -> int:
    from api.replay.command import replay

    return DIFFERENT if replay(settings, options) else ALLOW


def _openapi(settings: Settings, _: argparse.Namespace) -> int:
    from api.app import create_app, openapi_yaml

    print(openapi_yaml(create_app(settings)), end="")
    return ALLOW


def _rules_check(settings: Settings, options: argparse.Namespace) -> int:
    from api.checking import read_checked, rule_set_directories
    from api.disclosure.reading import read_disclosure
    from api.rulebook.read import RuleFileError
    from api.web.disclosable import disclosable_paths

    directories = [settings.rules_directory / name for name in options.rule_sets]
    directories = directories or rule_set_directories(settings.rules_directory)
    if not directories:
        print(f"no rule set under {settings.rules_directory}", file=sys.stderr)
        return BAD_INPUT
    code = ALLOW
    try:
        read_disclosure(settings.rules_directory, disclosable_paths())
    except RuleFileError as error:
        print(error)
        code = BAD_INPUT
    for directory in directories:
        try:
            rule_set, _ = read_checked(directory)
        except RuleFileError as error:
            for problem in error.problems:
                print(f"{directory.name}/{problem}")
            print(f"{directory.name}: {len(error.problems)} mistakes")
            code = BAD_INPUT
        else:
            print(
                f"{directory.name}: {len(rule_set.instruments)} instruments, "
                f"{len(rule_set.entries)} entries, {len(rule_set.parties)} listed parties, "
                f"{len(rule_set.rules)} rules, {rule_set.digest}"
            )
    return code


def _rules_publish(settings: Settings, options: argparse.Namespace) -> int:
    from api.app import first_start
    from api.checking import read_checked
    from api.instants import now
    from api.store.database import Database
    from api.store.versions import Versions

    rule_set, content = read_checked(settings.rules_directory / options.rule_set)
    for first in first_start(settings):
        if first.rule_set == rule_set.id:
            print(f"published {first.rule_set}@{first.number} {first.digest}")
            return ALLOW
    versions = Versions(Database(settings.database_url))
    author = options.author or getpass.getuser()
    published = versions.publish(rule_set.id, content, author, options.note, now())
    # By now every worker has asked for the newest version again.
    time.sleep(2 * settings.refresh_seconds)
    print(f"published {published.rule_set}@{published.number} {published.digest}")
    return ALLOW


def _rules_schema(settings: Settings, _: argparse.Namespace) -> int:
    from api.disclosure.schema import DISCLOSURE
    from api.rulebook.schemas import SCHEMAS

    folder = settings.rules_directory / "schema"
    folder.mkdir(exist_ok=True)
    for kind, schema in {**SCHEMAS, "disclosure": DISCLOSURE}.items():
        text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        (folder / f"{kind}.schema.json").write_text(text, encoding="utf-8")
    return ALLOW


if __name__ == "__main__":
    main()
