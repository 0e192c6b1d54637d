"""Documents: YAML whose every complaint is one line with its place."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from harness.document import DocumentError, load_document, parse_document


@dataclass(frozen=True)
class World:
    __pydantic_config__: ClassVar[ConfigDict] = {"extra": "forbid"}
    precincts: Annotated[int, Field(gt=0)] = 3


class Bus(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["bus"]
    seats: int = 1


class Boat(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["boat"]
    password: int = 1


class Trip(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    world: World = World()
    by: Annotated[Bus | Boat, Field(discriminator="kind")] | None = None
    stops: dict[str, list[Bus]] = Field(default_factory=dict)
    rounds: int | list[Bus] = 1


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "t.yaml: found nothing, but the file must be a mapping of fields"),
        ("a: [", "t.yaml:1: not YAML: expected the node content, but found '<stream end>'"),
        ("name: x\nname: y", "t.yaml:2: name: named twice (first in line 1)"),
        ("world: {}", "t.yaml:1: name: missing, but it is required"),
        (
            "name: x\nworld:\n  precints: 3",
            (
                "t.yaml:3: world.precints: there is no such field; "
                "did you mean 'precincts'? Allowed: precincts"
            ),
        ),
        (
            "name: x\nworld:\n  precincts: -3",
            "t.yaml:3: world.precincts: found -3, but it must be more than 0",
        ),
        (
            "name: x\nby: {kind: bas}",
            "t.yaml:2: by: kind is 'bas', allowed: 'bus', 'boat'; did you mean 'bus'?",
        ),
        (
            "name: x\nby:\n  kind: bus\n  seat: 2",
            "t.yaml:4: by.seat: there is no such field; did you mean 'seats'? Allowed: kind, seats",
        ),
        (
            "name: x\nby:\n  kind: boat\n  password: hunter2",
            "t.yaml:4: by.password: found a value (not shown), but it must be a whole number",
        ),
        (
            "name: x\nstops:\n  north:\n    - kind: bus\n      seats: many",
            "t.yaml:5: stops.north[0].seats: found 'many', but it must be a whole number",
        ),
        (
            "name: x\nrounds:\n  - kind: bus\n    seats: q",
            "t.yaml:4: rounds[0].seats: found 'q', but it must be a whole number",
        ),
        (
            "name: 3\nworld: {precincts: 0}",
            "t.yaml:1: name: found 3, but it must be text (and 1 more problem)",
        ),
    ],
)
def test_every_complaint_is_one_line_with_its_place(text: str, line: str) -> None:
    """A mistake in a file is told in one line: file, line, field, found, allowed."""
    with pytest.raises(DocumentError) as caught:
        parse_document(text, "t.yaml").validate(Trip)
    assert str(caught.value) == line


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A file that is not there is a document error that names it."""
    with pytest.raises(DocumentError, match=r"nowhere\.yaml: there is no such file"):
        load_document(tmp_path / "nowhere.yaml", Trip)


def test_a_good_file_is_loaded(tmp_path: Path) -> None:
    """A file that fits becomes the model."""
    path = tmp_path / "trip.yaml"
    path.write_text("name: north\nby: {kind: bus, seats: 40}\n")
    assert load_document(path, Trip) == Trip(name="north", by=Bus(kind="bus", seats=40))


def test_words_and_times_stay_what_was_written() -> None:
    """``no`` is a word, ``19:30`` is text, and a date is text; numbers are numbers."""
    text = "a: no\nb: 19:30\nc: 2020-02-03\nd: 1_000\ne: 1.5\nf: true\ng: 007\nh: 2e3\n"
    data = parse_document(text, "t.yaml").data
    assert list(data.values()) == ["no", "19:30", "2020-02-03", 1000, 1.5, True, "007", 2000.0]


def test_anchors_merge_and_keep_their_places() -> None:
    """A merged anchor's fields are there, and its own fields override them without complaint."""
    document = parse_document("base: &b\n  x: 1\n  y: 2\nmine:\n  <<: *b\n  y: 3\n", "t.yaml")
    assert document.data["mine"] == {"x": 1, "y": 3}
    assert document.place(("mine", "y")) == "t.yaml:6"


def test_a_file_that_explodes_is_refused() -> None:
    """Aliases of aliases of aliases do not fill the memory."""
    text = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
    for before, after in zip("abcdefg", "bcdefgh", strict=True):
        text += f"{after}: &{after} [{', '.join([f'*{before}'] * 10)}]\n"
    with pytest.raises(DocumentError, match="too large"):
        parse_document(text, "t.yaml")
