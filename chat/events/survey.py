"""Whether it helped: asked once, answered with one tap and, if the customer likes, in words. Knows no Django."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from chat.ledger.event import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyAsked(Kind):
    """The question went to the customer, once, through the channel they used last."""

    name: ClassVar[str] = "survey.asked"
    speaks: ClassVar[bool] = True
    quiet: ClassVar[bool] = True

    question: str

    def sentence(self) -> str:
        return "The customer was asked whether this helped."

    @classmethod
    def example(cls) -> Self:
        return cls(question="Did this help?")


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyAnswered(Kind):
    """An answer. A no is stored at once; the cause and the words may follow in another answer, and the last one counts."""

    name: ClassVar[str] = "survey.answered"
    personal: ClassVar[frozenset[str]] = frozenset({"by", "text"})
    keeps: ClassVar[bool] = True

    by: str
    helped: bool
    cause: str = ""
    """policy | product | help | waiting | other; empty while not told."""
    text: str = ""

    def sentence(self) -> str:
        return f"{self.by or 'The customer'} answered that this {'helped' if self.helped else 'did not help'}."

    @classmethod
    def example(cls) -> Self:
        return cls(by="Nadia", helped=False, cause="policy", text="A dented lamp should be replaced.")
