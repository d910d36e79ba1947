"""Into which conversations a mail goes when more than one could be meant, and who takes part afterwards."""

from __future__ import annotations

import pytest

from chat.events.lifecycle import ConversationClosed
from chat.events.onward import ConversationMerged
from chat.events.participants import MOST, ParticipantJoined
from chat.events.talk import MessageSaid
from chat.ledger import read
from chat.ledger.received import QUARANTINED, TAKEN
from chat.people.models import Address, Site
from mailgateway import addresses
from mailgateway.deciding import by_hand
from tests.mailgateway.gateway import Gateway, entries, kinds, reply, rows, said, say, tag_of
from tests.mailgateway.mails import mail

pytestmark = pytest.mark.engine
PLAIN = "support@support.example"
PAUL = "Paul Lang <paul@customer.example>"


def joined(conversation: int) -> list[ParticipantJoined]:
    return [entry.body for entry in entries(conversation) if isinstance(entry.body, ParticipantJoined)]


async def written_to(gateway: Gateway, conversation: int, *names: str, text: str = "For both of you.") -> None:
    others = read.head(conversation).state.others.values()
    people = [person for person in others if person.name in names]
    body = MessageSaid(by="Tom", text=text, also=tuple(p.ref for p in people), also_names=names)
    await say(conversation, body, key=text)


# People in copy.


async def test_people_whom_the_customer_puts_in_copy_join(gateway: Gateway) -> None:
    conversation = await gateway.opened(To=PLAIN, Cc=f"{PAUL}, Mia <mia@customer.example>, noreply@shop.example")
    assert [(one.shown_name, one.address, one.how) for one in joined(conversation)] == [
        ("Paul Lang", "paul@customer.example", "copy"),
        ("Mia", "mia@customer.example", "copy"),
    ]
    assert {person.name for person in read.head(conversation).state.others.values()} == {"Paul Lang", "Mia"}


async def test_nobody_is_kept_for_whom_there_is_no_room(gateway: Gateway) -> None:
    crowd = ", ".join(f"guest{number}@customer.example" for number in range(100))
    conversation = await gateway.opened(To=PLAIN, Cc=crowd)
    assert len(joined(conversation)) == MOST
    assert await Address.objects.filter(address__startswith="guest").acount() == MOST


async def test_they_are_mailed_only_when_an_agent_addresses_them_and_see_nothing_of_before(gateway: Gateway) -> None:
    conversation = await gateway.opened("The secret is in the lamp.\n", To=PLAIN, Cc=PAUL)
    await gateway.answer(conversation, "Only for you.")
    assert {str(letter["To"].addresses[0].addr_spec) for letter in await gateway.mails_out()} == {"nadia@customer.example"}
    await written_to(gateway, conversation, "Paul Lang")
    (pauls,) = [letter for letter in await gateway.mails_out() if "paul@" in str(letter["To"])]
    text = pauls.get_body(("plain",)).get_content()
    assert "For both of you." in text
    assert not any(word in text for word in ("secret", "Only for you.", "/r/#"))
    assert tag_of(pauls) not in {tag_of(one) for one in await gateway.mails_out() if "nadia@" in str(one["To"])}


async def test_their_answers_stand_in_the_conversation_as_theirs(gateway: Gateway) -> None:
    conversation = await gateway.opened(To=PLAIN, Cc=PAUL)
    await written_to(gateway, conversation, "Paul Lang")
    (pauls,) = [letter for letter in await gateway.mails_out() if "paul@" in str(letter["To"])]
    await gateway.bring(reply(pauls, "I agree.\n", From=PAUL), to=tag_of(pauls), sender="paul@customer.example")
    body = said(conversation)[-1]
    assert (body.by, body.text, body.doubt, body.found_by) == ("Paul Lang", "I agree.", "", "reply-address")
    head = read.head(conversation)
    assert entries(conversation)[-1].actor in head.state.others
    assert not read.takes_part(entries(conversation)[-1].actor, conversation)
    assert not head.state.customer.confirmed


async def test_no_more_than_ten_people_join_and_the_others_are_named(gateway: Gateway) -> None:
    many = ", ".join(f"p{number}@customer.example" for number in range(MOST + 5))
    conversation = await gateway.opened(To=PLAIN, Cc=many)
    assert len(joined(conversation)) == MOST
    assert len(said(conversation)[0].cc) == MOST + 5


async def test_a_mail_that_is_doubted_brings_nobody_in(gateway: Gateway) -> None:
    conversation = await gateway.opened(To=PLAIN)
    await gateway.bring(
        mail("It is me.\n", Message_ID="<n2@x.example>", In_Reply_To="<n1@customer.example>", To=PLAIN, Cc="mallory@other.example")
    )
    assert said(conversation)[-1].doubt == "unconfirmed"
    assert joined(conversation) == []


async def test_an_address_that_forwards_to_ours_is_nobody_in_copy(gateway: Gateway) -> None:
    told = await gateway.opened(To=PAUL, Cc="info@shop.example", X_Original_To="info@shop.example")
    alone = await gateway.opened("Again\n", To="info@shop.example", Cc=PAUL, Message_ID="<n2@customer.example>")
    assert [[one.shown_name for one in joined(conversation)] for conversation in (told, alone)] == [["Paul Lang"]] * 2


async def test_a_stranger_with_a_tag_takes_part_as_one_for_whom_nobody_vouches(gateway: Gateway) -> None:
    conversation = await gateway.opened(To=PLAIN)
    await gateway.answer(conversation)
    letter = await gateway.last_mail()
    raw = reply(letter, "I am her brother.\n", From=PAUL)
    await gateway.bring(raw, to=tag_of(letter), sender="paul@customer.example")
    (one,) = joined(conversation)
    assert (one.how, one.shown_name) == ("wrote", "Paul Lang")
    assert read.head(conversation).state.others[one.who].unasked
    await gateway.bring(reply(letter, "Again.\n", number=2, From=PAUL), to=tag_of(letter), sender="paul@customer.example")
    assert said(conversation)[-1].doubt == "unconfirmed"
    assert len(joined(conversation)) == 1


# Several places.


async def test_a_mail_to_two_sites_opens_a_conversation_at_each_whichever_way_it_comes(gateway: Gateway) -> None:
    orders = Site.objects.create(key="orders", name="Brindle Orders", prefix="BO", mail_base="orders")
    addresses._remembered = (0.0, "", ())
    raw = mail("Both of you\n", To=f"{PLAIN}, orders@support.example")
    await gateway.bring(raw, to=PLAIN)
    await gateway.bring(raw, to="orders@support.example")
    heads = read.heads(read.all_conversations())
    assert {head.site for head in heads.values()} == {gateway.site.pk, orders.pk}
    assert [kinds(one).count("message.said") for one in heads] == [1, 1]
    assert len(rows(TAKEN)) == 2
    await gateway.bring(
        mail(
            "And me\n",
            From=PAUL,
            Message_ID="<p@customer.example>",
            In_Reply_To="<n1@customer.example>",
            To=f"{PLAIN}, orders@support.example",
        )
    )
    assert set(read.all_conversations()) == set(heads)
    assert [kinds(one).count("message.said") for one in heads] == [2, 2]


async def test_a_mail_to_the_addresses_of_two_of_her_conversations_stands_in_both_once(gateway: Gateway) -> None:
    first = await gateway.opened()
    second = await gateway.opened("Another thing.\n", Message_ID="<n2@customer.example>")
    tags = []
    for conversation in (first, second):
        await gateway.answer(conversation)
        tags.append(tag_of(await gateway.last_mail()))
    raw = mail("For both cases.\n", Message_ID="<n3@customer.example>", To=", ".join(tags))
    await gateway.bring(raw, to=tags)
    await gateway.bring(raw, to=tags[1])
    assert [said(one)[-1].text for one in (first, second)] == ["For both cases."] * 2
    assert [len(said(one)) for one in (first, second)] == [2, 2]


async def test_the_plain_address_beside_the_tag_is_the_same_conversation(gateway: Gateway) -> None:
    conversation = await gateway.opened()
    await gateway.answer(conversation)
    letter = await gateway.last_mail()
    await gateway.bring(reply(letter, To=f"{tag_of(letter)}, {PLAIN}"), to=[PLAIN, tag_of(letter)])
    assert read.all_conversations() == [conversation]
    assert len(said(conversation)) == 2


async def test_a_merged_conversation_leads_to_the_one_that_goes_on(gateway: Gateway) -> None:
    first = await gateway.opened()
    second = await gateway.opened("Another thing.\n", Message_ID="<n2@customer.example>")
    await gateway.answer(first)
    letter = await gateway.last_mail()
    await say(first, ConversationMerged(by="Tom", other=str(second), into=True, reason="Twice."), key="m", channel="inbox")
    await gateway.bring(reply(letter, References="<n2@customer.example>"), to=tag_of(letter))
    assert (said(second)[-1].text, said(second)[-1].found_by, said(second)[-1].doubt) == ("Thank you!", "reply-address", "")
    assert len(said(first)) == 1


# After the end.


async def closed_for(gateway: Gateway, conversation: int, days: int, monkeypatch: pytest.MonkeyPatch) -> None:
    await say(conversation, ConversationClosed(by="Tom"), key="closed", channel="inbox")
    now = read.head(conversation).state.keep_from
    from mailgateway.deciding import filing

    monkeypatch.setattr(filing.time, "time_ns", lambda: (now + days * filing.DAY) * 1000)


async def test_a_late_answer_opens_the_conversation_again_unless_the_site_says_otherwise(gateway: Gateway, monkeypatch) -> None:
    conversation = await gateway.opened()
    await gateway.answer(conversation)
    letter = await gateway.last_mail()
    await closed_for(gateway, conversation, 400, monkeypatch)
    await gateway.bring(reply(letter), to=tag_of(letter))
    assert read.head(conversation).state.status == "open"


async def test_where_the_site_says_so_a_late_answer_opens_a_new_one_that_goes_on_from_the_old(gateway: Gateway, monkeypatch) -> None:
    Site.objects.update(reopen_days=30)
    conversation = await gateway.opened()
    await gateway.answer(conversation)
    letter = await gateway.last_mail()
    await closed_for(gateway, conversation, 31, monkeypatch)
    await gateway.bring(reply(letter), to=tag_of(letter))
    (new,) = set(read.all_conversations()) - {conversation}
    assert read.head(conversation).state.status == "closed"
    assert (said(new)[0].text, said(new)[0].doubt) == ("Thank you!", "")
    assert read.head(conversation).state.continued_in == str(new)
    assert read.takes_part(read.head(conversation).state.customer.ref, new)
    await gateway.bring(reply(letter, "One more.\n", number=2), to=tag_of(letter))
    await gateway.bring(reply(letter, "One more.\n", number=2), to=tag_of(letter))
    assert [body.text for body in said(new)] == ["Thank you!", "One more."]
    assert len(read.all_conversations()) == 2


async def test_an_answer_within_the_days_opens_the_old_one(gateway: Gateway, monkeypatch) -> None:
    Site.objects.update(reopen_days=30)
    conversation = await gateway.opened()
    await gateway.answer(conversation)
    letter = await gateway.last_mail()
    await closed_for(gateway, conversation, 29, monkeypatch)
    await gateway.bring(reply(letter), to=tag_of(letter))
    assert read.head(conversation).state.status == "open"


# What waits for a person.


async def test_an_altered_tag_alone_waits_where_it_may_belong(gateway: Gateway) -> None:
    conversation = await gateway.opened()
    await gateway.answer(conversation)
    tag = tag_of(await gateway.last_mail())
    broken = tag[:20] + ("b" if tag[20] != "b" else "c") + tag[21:]
    await gateway.bring(mail("Hello again\n", Message_ID="<n2@customer.example>", To=broken), to=broken)
    (row,) = rows(QUARANTINED)
    assert row.conversation == conversation
    assert "not as we made it" in row.reason
    assert by_hand.accept(row.id, by="agent:3", conversation=conversation)
    await gateway.take_in()
    assert (said(conversation)[-1].text, said(conversation)[-1].found_by) == ("Hello again", "by-hand")


async def test_signs_of_another_house_that_runs_this_server_are_none_of_ours(gateway: Gateway) -> None:
    tag = "a" * 37
    identifier = f"<tl.{'a' * 45}@vendor.example>"
    await gateway.bring(mail(f"> Reference V-1. [#{tag}#]\n", To=f"{PLAIN}, help+{tag}@vendor.example", References=identifier))
    (conversation,) = read.all_conversations()
    assert (said(conversation)[0].found_by, said(conversation)[0].doubt) == ("new", "")
