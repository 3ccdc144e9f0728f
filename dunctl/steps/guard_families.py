"""Of what kind the words are that a letter must not have: rules of contact name them, too."""

from __future__ import annotations

from collections.abc import Mapping

FAMILIES: Mapping[str, str] = {
    "abuse": "insults and accusations",
    "violence": "violence, and hints at it",
    "threat": "threats that name nothing, and pestering",
    "step": "a step that is not decided, allowed and next",
    "claim": "interest, fees or a set-off without clause or statute",
    "disclosure": "people who are not to hear of it, publicity, reputation",
    "falsehood": "crimes, papers and urgency that are made up",
    "pressure": "guilt, family and sentiment",
    "unfinished": "a text that is not finished",
}
"""What a letter must not have; each reason is of one of these."""
