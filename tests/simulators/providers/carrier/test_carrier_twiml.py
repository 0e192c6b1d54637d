"""Documents: what is read, what is refused, and with which of the provider's codes."""

from __future__ import annotations

import ast
import inspect
import re

import pytest
from twilio.twiml import voice_response

from simulators.providers.carrier.schema import ATTRIBUTES, CHILDREN, UNPLAYED, VERBS
from simulators.providers.carrier.transport import Reply
from simulators.providers.carrier.twiml import read_document, read_twiml

OWN = {"Message"}
"""Read as Sms: texting apps use the name in voice documents too."""


def reading(body: str, content_type: str = "text/xml"):
    return read_document(Reply(200, content_type, body.encode()))


def built() -> dict[str, tuple[set[str], set[str]]]:
    """Of every element that the provider's package builds: its attributes, and where it nests."""
    found: dict[str, tuple[set[str], set[str]]] = {}
    for parent in ast.parse(inspect.getsource(voice_response)).body:
        for node in ast.walk(parent):
            nests = isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "nest"
            if nests and isinstance(inner := node.args[0], ast.Call):
                attributes, parents = found.setdefault(inner.func.id, (set(), set()))
                attributes |= {camel(word.arg) for word in inner.keywords if word.arg}
                parents.add(parent.name)
    return found


def camel(name: str) -> str:
    return re.sub("_(.)", lambda letter: letter[1].upper(), name.rstrip("_"))


TEXT_ARGUMENTS = {
    "message",
    "number",
    "name",
    "identity",
    "sipUrl",
    "phoneNumber",
    "applicationSid",
}
"""Arguments of the builders that become an element's text."""


@pytest.mark.parametrize("element", sorted(set(ATTRIBUTES) - OWN))
def test_attributes_are_those_of_the_providers_package(element: str) -> None:
    """What its builders can write is known here, and nothing else is."""
    attributes = built()[element][0] - TEXT_ARGUMENTS
    if element == "Play":
        attributes.discard("url")
    assert ATTRIBUTES[element] == attributes


def test_verbs_and_nesting_are_those_of_the_providers_package() -> None:
    """Every verb is played or said to be passed over; what Gather and Dial may hold is known."""
    nested = built()
    tops = {name for name, (_, parents) in nested.items() if "VoiceResponse" in parents}
    assert tops == (VERBS | UNPLAYED) - OWN
    for parent, children in CHILDREN.items():
        ours = {name for name, (_, parents) in nested.items() if parent in parents}
        assert children == ours - {"Sim", "WhatsApp"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", 12100),
        ("  \n", 12100),
        ("\n<?xml version='1.0'?><Response/>", 12100),
        ("<Response><Say>Hi</Response>", 12100),
        ("<Response><Pause length=1/></Response>", 12100),
        ("<!DOCTYPE a [<!ENTITY e 'x'>]><Response><Say>&e;</Say></Response>", 12100),
        ("<response/>", 12102),
        ("<html><body>Error</body></html>", 12102),
        ("<Response>" + "x" * 70_000 + "</Response>", 11750),
    ],
)
def test_what_cannot_be_read_has_the_providers_code(body: str, code: int) -> None:
    """Not well-formed, another root, too long: nothing is played."""
    read = reading(body)
    assert (read.value, read.error) == (None, code)
    assert read.detail


def test_a_blank_before_a_document_without_declaration_is_allowed() -> None:
    """Only the declaration must come first."""
    assert reading("\n <Response><Hangup/></Response>").error == 0


@pytest.mark.parametrize(
    ("inner", "named"),
    [
        ("<Shout>Hi</Shout>", "<Shout> is no verb"),
        ("<say>Hi</say>", "<Say>"),
        ('<Say volume="11">Hi</Say>', "'volume'"),
        ('<Say Voice="alice">Hi</Say>', "'Voice'"),
        ("<Gather><Dial>+1</Dial></Gather>", "<Dial> cannot be in <Gather>"),
        ("<Connect><Stream url='wss://x'/></Connect>", "does not play it"),
    ],
)
def test_what_should_not_be_there_is_a_warning(inner: str, named: str) -> None:
    """12200 names it, and the rest of the document is played."""
    read = reading(f"<Response>{inner}<Hangup/></Response>")
    assert read.error == 12200
    assert named in read.detail
    assert read.value is not None
    assert read.value.verbs[-1].name == "Hangup"


@pytest.mark.parametrize("kind", ["text/xml", "application/xml; charset=utf-8", "TEXT/HTML"])
def test_documents_come_as_xml_or_html(kind: str) -> None:
    """The type's case and parameters do not matter."""
    assert reading("<Response><Hangup/></Response>", kind).value is not None


@pytest.mark.parametrize("kind", ["application/json", "image/png", ""])
def test_other_content_types_cannot_be_played(kind: str) -> None:
    """12300, even if the body would do."""
    assert reading("<Response/>", kind).error == 12300


def test_plain_text_is_played_if_it_is_a_document_and_else_read_aloud() -> None:
    """As the provider does."""
    document = reading("<Response><Hangup/></Response>", "text/plain").value
    spoken = reading("Polls are\n open", "text/plain").value
    assert document is not None
    assert spoken is not None
    assert document.verbs[0].name == "Hangup"
    assert [(verb.name, verb.text) for verb in spoken.verbs] == [("Say", "Polls are open")]


def test_audio_is_played() -> None:
    """An audio file is one Play."""
    document = read_document(Reply(200, "audio/mpeg", b"")).value
    assert document is not None
    assert [verb.name for verb in document.verbs] == ["Play"]


def test_markup_in_speech_is_read_as_its_words() -> None:
    """SSML changes how words sound, not which they are; comments are not read."""
    body = b"<Response><Say>Enter <emphasis>four</emphasis><!-- 5 --> digits</Say></Response>"
    document = read_twiml(body).value
    assert document is not None
    assert document.verbs[0].text == "Enter four digits"
