"""Seeded defects of a campaign's hub: small days with one thing wrong, and what checks say."""

from __future__ import annotations

from typing import Any

import orjson
from build_run import SECOND, Run
from checks_cases import case

from simulators.world.campaign import FIELDS, merge

NAMES = ("Ann Smith", "José Núñez", "Bích Ngọc Nguyễn", "Ann Smith", "Ойла Ковальчук", "Al Reed")


def record(person: int, source: str) -> str:
    return f"OH-{person + 1:06d}.{source}"


def cells(person: int, source: str, version: int = 1) -> tuple[int, ...]:
    """What a source says of a person: no two records alike."""
    support = {"file": 0, "field": 1, "phone": 2}[source] + person % 2 + version - 1
    return support, 60 + person if source == "file" else 0, person + version, person % 3 // 2


def hub(run: Run) -> None:
    """A day of six people, known to file and field, some to the phone bank; all went well."""
    run.history, run.readback, run.calls, run.injects = [], [], [], []
    run.precincts, run.reports, run.people = [], [], []
    run.info |= {"fields": list(FIELDS), "world": {"kind": "campaign"}, "injects": []}
    run.info["target"] |= {
        "operations": ["sign_in", "submit_report", "amend_report"],
        "readers": [
            {"name": "records", "mode": "keyed", "derived": ["name"]},
            {"name": "people", "mode": "merged"},
            {"name": "states", "mode": "totals"},
        ],
    }
    run.operate("sign_in", "canvasser-1/sign-in", at=1.0, role="canvasser", values=(1,))
    for person, name in enumerate(NAMES):
        for place, source in enumerate(("file", "field", "phone")[: 2 + person % 2]):
            key = record(person, source)
            run.precincts.append(
                {"record": key, "name": name, "county": "OH", "kind": "contact", "source": source}
            )
            held = list(cells(person, source))
            run.reports.append({"record": key, "values": held, "true_values": held, "errors": []})
            run.operate(
                "submit_report", f"k-{key}-1", at=10.0 + person + place / 10, record=key,
                values=cells(person, source), role="canvasser", home="OH",
            )  # fmt: skip
    better = cells(2, "field", version=2)
    run.operate(
        "amend_report", "k-amended", at=60.0, record=record(2, "field"), values=better, version=2,
        role="canvasser", home="OH",
    )  # fmt: skip
    run.info["records"] = len(run.precincts)
    run.people.append({"who": 0, "role": "canvasser", "key": "canvasser-1", "record": "OH"})
    for each in run.precincts:
        person, source = int(each["record"][3:9]) - 1, each["source"]
        values = better if each["record"] == record(2, "field") else cells(person, source)
        run.stored(
            each["record"], values, source="records", derived={"name": each["name"]},
            key="k-amended" if values is better else f"k-{each['record']}-1",
        )  # fmt: skip
    show(run)


def show(run: Run) -> None:
    """Let people and sums be those of the records that are held now."""
    run.readback = [row for row in run.readback if row["source"] == "records"]
    held: dict[str, dict[str, list[int]]] = {}
    for row in run.readback:
        if row["round"] == "settled":
            person, _, source = row["record"].rpartition(".")
            held.setdefault(person, {})[source] = row["values"]
    for person, records in held.items():
        shown = merge(records)._asdict()
        run.stored(person, source="people", mode="merged", derived=shown)
    rows = [row for row in run.readback if row["source"] == "records"]
    sums = [sum(column) for column in zip(*(row["values"] for row in rows), strict=True)]
    values = tuple(each // 2 for each in sums)  # both rounds say the same
    supporters = sum(merge(records).support in (1, 2) for records in held.values())
    counted = {"people": len(held), "supporters": supporters}
    run.stored("OH", values, source="states", mode="totals", number=len(rows) / 2, derived=counted)


def shown(run: Run, person: int) -> list[dict[str, Any]]:
    """What is shown of a person, in every round."""
    return [row for row in run.readback if row["record"] == f"OH-{person + 1:06d}"]


def rewrite(run: Run, person: int, **numbers: int) -> None:
    """Let a person be shown otherwise."""
    for row in shown(run, person):
        row["derived"] = orjson.dumps(orjson.loads(row["derived"]) | numbers).decode()


def hold(run: Run, key: str, **columns: Any) -> None:
    """Let a record be held otherwise, and people and sums after it."""
    for row in run.readback:
        if row["record"] == key:
            row.update(columns)
    show(run)


WELL = dict.fromkeys(
    ("lost", "phantom", "duplicate", "altered", "misattributed", "stale", "late", "mis_totalled",
     "merged", "names", "completeness", "already_have_it"), "pass",
)  # fmt: skip
WELL["already_have_it"] = "not_applicable"


@case(**WELL, unlisted="not_applicable", rules="not_applicable", authorization="not_applicable")
def all_is_well_at_the_hub(run: Run) -> None:
    hub(run)


def astray(run: Run, outcome: str) -> None:
    """Let a canvasser of Colorado write of somebody in Ohio, as is held already."""
    run.operate(
        "amend_report", "k-astray", at=70.0, record=record(3, "field"), version=2, who=1,
        values=cells(3, "field"), role="canvasser", home="CO", outcome=outcome,
    )  # fmt: skip


@case(**WELL, authorization="pass")
def a_canvasser_is_refused_another_states_people(run: Run) -> None:
    hub(run)
    astray(run, "refused")


@case(authorization="fail")
def a_canvasser_writes_of_another_states_people(run: Run) -> None:
    hub(run)
    astray(run, "ok")


@case(lost="fail", merged="pass", completeness="fail", altered="pass", mis_totalled="fail")
def a_contact_is_lost(run: Run) -> None:
    hub(run)
    run.readback = [row for row in run.readback if row["record"] != record(1, "phone")]
    show(run)


@case(altered="fail", lost="pass", misattributed="pass", merged="pass", mis_totalled="fail")
def a_contact_is_altered(run: Run) -> None:
    hub(run)
    hold(run, record(1, "field"), values=[5, 99, 9, 1])


@case(stale="fail", altered="pass", lost="pass", merged="pass", mis_totalled="fail")
def a_correction_of_a_contact_is_lost(run: Run) -> None:
    hub(run)
    hold(run, record(2, "field"), values=list(cells(2, "field")))


@case(duplicate="fail", lost="pass", mis_totalled="fail")
def a_row_of_the_file_is_loaded_twice(run: Run) -> None:
    hub(run)
    key = record(4, "file")
    derived = {"name": NAMES[4]}
    run.stored(key, cells(4, "file"), source="records", derived=derived, key=f"k-{key}-1")
    show(run)


@case(misattributed="fail", lost="pass", merged="pass")
def a_contact_stands_with_somebody_else(run: Run) -> None:
    hub(run)
    hold(run, record(1, "file"), values=list(cells(4, "file")))


@case(mis_totalled="fail", merged="pass", lost="pass")
def the_dashboard_keeps_what_was_corrected(run: Run) -> None:
    hub(run)
    for row in run.readback:
        if row["source"] == "states":
            row["values"][2] -= 1


@case(merged="fail", altered="pass", mis_totalled="pass")
def a_source_is_forgotten_in_the_merge(run: Run) -> None:
    hub(run)
    without = {source: cells(3, source) for source in ("file", "phone")}
    rewrite(run, 3, **merge(without)._asdict())


@case(merged="fail", lost="pass")
def a_person_is_not_shown(run: Run) -> None:
    hub(run)
    run.readback = [row for row in run.readback if row["record"] != "OH-000004"]


@case(merged="fail", phantom="pass")
def a_person_is_shown_of_whom_nothing_is_held(run: Run) -> None:
    hub(run)
    run.stored("OH-000099", source="people", mode="merged", derived={"support": 1, "sources": 1})


@case(merged="fail", merged__people="pass", merged__states="fail", mis_totalled="pass")
def the_dashboard_counts_somebody_twice(run: Run) -> None:
    hub(run)
    for row in run.readback:
        if row["source"] == "states":
            row["derived"] = orjson.dumps(orjson.loads(row["derived"]) | {"people": 7}).decode()


@case(merged="unknown", merged__states="pass", names="pass")
def people_are_shown_without_numbers(run: Run) -> None:
    hub(run)
    for row in run.readback:
        if row["source"] == "people":
            row["derived"] = None


def unreadable(run: Run, key: str) -> None:
    """A record is shown without its contacts, and the person as they were merged of it whole."""
    for row in run.readback:
        if row["record"] == key:
            row["values"] = [*row["values"][:2], None, *row["values"][3:]]


@case(merged__people="unknown", altered="fail")
def a_record_has_a_cell_that_cannot_be_read(run: Run) -> None:
    hub(run)
    unreadable(run, record(1, "field"))


@case(merged__people="fail")
def nobody_is_shown_of_a_record_that_cannot_be_read(run: Run) -> None:
    hub(run)
    unreadable(run, record(1, "field"))
    run.readback = [row for row in run.readback if row["record"] != "OH-000002"]


@case(merged__people="fail")
def another_is_wrong_beside_one_that_cannot_be_read(run: Run) -> None:
    hub(run)
    unreadable(run, record(1, "field"))
    rewrite(run, 3, support=5)


@case(merged="unknown", lost="fail")
def no_record_is_held(run: Run) -> None:
    hub(run)
    run.readback = [row for row in run.readback if row["source"] != "records"]


@case(merged="unknown", names="unknown", lost="unknown")
def the_hub_cannot_be_read(run: Run) -> None:
    hub(run)
    run.info["unread"] = [{"reader": "records", "why": "503"}]


@case(names="fail", altered="pass", merged="pass")
def a_name_is_cut_in_the_middle_of_a_letter(run: Run) -> None:
    hub(run)
    cut = NAMES[2].encode()[:16].decode(errors="replace")
    hold(run, record(2, "file"), derived=orjson.dumps({"name": cut}).decode())


@case(names="unknown", lost="pass")
def no_name_is_shown(run: Run) -> None:
    hub(run)
    for row in run.readback:
        if row["source"] == "records":
            row["derived"] = '{"name":null}'


@case(names="not_applicable", merged="not_applicable", lost="pass")
def the_hub_shows_records_alone(run: Run) -> None:
    hub(run)
    run.info["target"]["readers"] = [{"name": "records", "mode": "keyed"}]
    run.readback = [row | {"derived": None} for row in run.readback if row["source"] == "records"]


# -- whoever was told yes looks at once ---------------------------------------------------------


def looks(run: Run, person: int, *, gap: float = 0.5, status: int | None = 200,
          outcome: str = "ok") -> None:  # fmt: skip
    """The canvasser looks at what they wrote of a person; ``gap`` is wall seconds from the yes."""
    run.info["target"]["operations"] = ["sign_in", "submit_report", "amend_report", "read_report"]
    key = record(person, "field")
    (yes,) = [row["done"] for row in run.history if row["op"] == f"k-{key}-1"]
    run.operate(
        "read_report", f"{key}/read-report", at=yes / SECOND + gap, record=key, role="canvasser",
        home="OH", outcome=outcome, status=status,
    )  # fmt: skip


@case(read_your_writes="pass")
def everybody_sees_what_they_wrote(run: Run) -> None:
    hub(run)
    looks(run, 1)
    looks(run, 3, gap=20.0)


@case(read_your_writes="fail", lost="pass", merged="pass")
def a_look_is_answered_from_a_copy_that_lags(run: Run) -> None:
    hub(run)
    looks(run, 1)
    looks(run, 3, status=404, outcome="refused")


@case(read_your_writes="fail")
def not_there_may_be_an_answer_like_any_other(run: Run) -> None:
    """As the target's description has it; here nobody had to wait for what they looked for."""
    hub(run)
    looks(run, 1, status=404)


@case(read_your_writes="not_applicable")
def people_look_only_much_later(run: Run) -> None:
    hub(run)
    looks(run, 1, gap=20.0)


@case(read_your_writes="unknown")
def looks_are_never_answered(run: Run) -> None:
    hub(run)
    looks(run, 1, status=None, outcome="unknown")


@case(read_your_writes="unknown")
def a_look_finds_nothing_while_the_database_is_away(run: Run) -> None:
    killed = run.injects[0] | {"kind": "service.kill"}
    hub(run)
    looks(run, 1)
    looks(run, 3, status=404, outcome="refused")
    at = run.history[-1]["sent"] / SECOND * run.info["speed"]
    run.injects.append(killed | {"started_drill": at - 60, "ended_drill": at + 60})


@case(read_your_writes="not_applicable")
def what_others_wrote_may_come_later(run: Run) -> None:
    hub(run)
    looks(run, 1, status=404, outcome="refused")
    run.history[-1]["who"] = 7


@case(read_your_writes="not_drilled")
def looks_cannot_be_driven(run: Run) -> None:
    hub(run)
    run.info["target"]["not_drilled"] = ["read_report"]
