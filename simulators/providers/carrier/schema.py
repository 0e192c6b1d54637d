"""Which verbs, nested elements and attributes the provider's voice documents may have.

Names are case-sensitive. A test holds these tables against the builders of the provider's own
Python package.
"""

from __future__ import annotations

__all__ = ["ATTRIBUTES", "CHILDREN", "UNPLAYED", "VERBS"]

_CALLBACK = "statusCallback statusCallbackMethod statusCallbackEvent"
_RECORDING = (
    "recordingStatusCallback recordingStatusCallbackMethod recordingStatusCallbackEvent "
    "recordingConfigurationId"
)
_MACHINE = (
    "machineDetection amdStatusCallbackMethod amdStatusCallback machineDetectionTimeout "
    "machineDetectionSpeechThreshold machineDetectionSpeechEndThreshold "
    "machineDetectionSilenceTimeout"
)

ATTRIBUTES: dict[str, frozenset[str]] = {
    name: frozenset(attributes.split())
    for name, attributes in {
        "Say": "voice loop language",
        "Play": "loop digits",
        "Pause": "length",
        "Gather": "input action method timeout speechTimeout maxSpeechTime profanityFilter "
        "finishOnKey numDigits partialResultCallback partialResultCallbackMethod language hints "
        "bargeIn debug actionOnEmptyResult speechModel enhanced",
        "Record": "action method timeout finishOnKey maxLength playBeep trim transcribe "
        f"transcribeCallback {_RECORDING}",
        "Dial": "action method timeout hangupOnStar timeLimit callerId record trim answerOnBridge "
        f"ringTone recordingTrack sequential referUrl referMethod events passports {_RECORDING}",
        "Enqueue": "action maxQueueSize method waitUrl waitUrlMethod workflowSid",
        "Leave": "",
        "Redirect": "method",
        "Reject": "reason",
        "Hangup": "",
        "Sms": "to from action method statusCallback",
        "Message": "to from action method statusCallback",
        "Number": f"sendDigits url method byoc {_CALLBACK} {_MACHINE}",
        "Client": f"url method {_CALLBACK}",
        "Sip": f"username password url method {_CALLBACK} {_MACHINE}",
        "Queue": "url method reservationSid postWorkActivitySid",
        "Conference": "muted beep startConferenceOnEnter endConferenceOnExit waitUrl waitMethod "
        "maxParticipants record region coach trim eventCallbackUrl jitterBufferSize "
        f"participantLabel {_CALLBACK} {_RECORDING}",
        "Application": f"url method customerId copyParentTo {_CALLBACK}",
    }.items()
}
"""Attributes of every element that this carrier plays."""

VERBS = frozenset(
    {
        "Say",
        "Play",
        "Pause",
        "Gather",
        "Record",
        "Dial",
        "Enqueue",
        "Leave",
        "Redirect",
        "Reject",
        "Hangup",
        "Sms",
        "Message",
    }
)
"""What this carrier plays at the top of a document."""

UNPLAYED = frozenset({"Connect", "Echo", "Pay", "Prompt", "Queue", "Refer", "Start", "Stop"})
"""Verbs of the provider that this carrier reports and passes over."""

CHILDREN: dict[str, frozenset[str]] = {
    "Gather": frozenset({"Say", "Play", "Pause"}),
    "Dial": frozenset({"Number", "Client", "Sip", "Queue", "Conference", "Application"}),
}
"""What may be nested, where what is nested does something; Say's markup is read as its text."""
