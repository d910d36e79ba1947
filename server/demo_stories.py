"""The stories that the demo shop is filled with: what a small lamp maker is asked, and how it answers. Data only.

A step is (verb, words…); the verbs are those of `server.demo_shop`. Words in braces are filled in for each conversation.
"""

from __future__ import annotations

Step = tuple[str, ...]
Story = tuple[str, str, tuple[Step, ...]]
"""Subject, the door it opens by (`widget` or `email`), steps."""

STORIES: tuple[Story, ...] = (
    (
        "Dented shade on {lamp} lamp",
        "widget",
        (
            ("customer", "Hi! My {lamp} lamp (order {order}) came with a dent in the shade."),
            ("agent", "I am sorry about that, {name}. Could you send me a photo of the dent?"),
            ("customer", "Here it is, on the left side near the rim.", "dent-left-side.png"),
            ("agent", "Thank you, that is clear. I will refund EUR {amount} so that you can keep the lamp."),
            ("promise", "Refund of EUR {amount}", "6"),
            ("customer", "That works, thanks."),
            ("note", "Card refunds above EUR 30 need Ruth. Can you approve this?"),
            ("hand", "Card refunds above EUR 30 need approval by a team lead."),
            ("accept",),
            ("agent", "Hello {name}, {agent} here. The bank has the order; you keep the lamp."),
            ("kept", "Bank reference RF-{order}"),
            ("close", "EUR {amount} refunded; {name} keeps the lamp."),
        ),
    ),
    (
        "Which bulb fits the {lamp}?",
        "widget",
        (
            ("customer", "Which bulb do I need for the {lamp}? The old one has no label any more."),
            ("agent", "An E14 with at most 6 watts, warm white. Any brand will do."),
            ("customer", "And can it be dimmed?"),
            ("agent", "Yes, if the pack says dimmable. The cord dimmer in the box fits all of them."),
            ("customer", "Great, thank you!"),
            ("close", "Told which bulb fits."),
        ),
    ),
    (
        "Invoice for order {order}",
        "email",
        (
            (
                "customer",
                "Hello,\n\nplease add our VAT number to the invoice for order {order}. It is needed for our books.\n\nKind regards\n{name}",
            ),
            ("agent", "Hello {name},\n\nthe invoice with your VAT number is attached. The old one is cancelled.", "invoice-{order}.pdf"),
            ("customer", "Perfect, thank you.\n\n{name}"),
            ("close", "New invoice sent."),
        ),
    ),
    (
        "Where is order {order}?",
        "widget",
        (
            ("customer", "The {lamp} was to come on Tuesday. Where is it?"),
            ("agent", "Let me look. It lies at the parcel office in {city} since this morning."),
            ("agent", "They try again tomorrow. Shall I have it sent to a shop near you instead?"),
            ("away",),
            ("mail", "To the shop please, I am at work all day.\n\n{name}"),
            ("agent", "Done: it will be at the shop from noon on. Bring your passport."),
            ("close", "Redirected to a parcel shop."),
        ),
    ),
    (
        "Return of two {lamp} lamps",
        "email",
        (
            ("customer", "Dear team,\n\ntwo {lamp} lamps of order {order} are larger than I thought. Can I send them back?\n\n{name}"),
            (
                "agent",
                "Hello {name},\n\nof course, within 30 days. The label is attached; drop the parcel at any post office.",
                "return-label.pdf",
            ),
            ("promise", "Money back within five days after the parcel arrives", "12"),
            ("customer", "Sent today, the number is RR{order}.\n\n{name}"),
            ("agent", "It arrived in good state. The money is on its way to you."),
            ("kept", "Transfer of EUR {amount}"),
            ("close", "Two lamps came back, money returned."),
        ),
    ),
    (
        "Flickering {lamp}",
        "widget",
        (
            ("customer", "My {lamp} flickers since last week, most in the evening."),
            ("agent", "Does it stop when you turn the bulb a little tighter?"),
            ("customer", "No. I tried another bulb too."),
            ("move", "I want to ask our workshop, which takes until tomorrow. I will write to you by e-mail."),
            ("reply", "Hello {name},\n\nthe workshop says it is the socket. A new one with a drawing goes out today; no tools needed."),
            ("promise", "New socket sent to {city}", "3"),
            ("mail", "It came today and works. What a service.\n\n{name}"),
            ("kept", "Parcel {order}"),
            ("close", "Socket replaced by the customer, no cost."),
        ),
    ),
    (
        "Replacement instead of a refund",
        "widget",
        (
            ("customer", "The {lamp} has a scratch. I would rather have a new one than EUR {amount} back."),
            ("agent", "I understand. Let me see what our rules allow."),
            ("note", "Terms 6.2: price cut for marks on the shade. No replacement while the lamp works."),
            (
                "decide",
                "We do not replace the lamp. We refund EUR {amount} and you keep it.",
                "The mark is on the shade only; the lamp was tested as safe. Terms 6.2 gives a price cut for such marks.",
                "Ask for a review by somebody else, within 30 days.",
                "Consumer arbitration is open to you.",
            ),
            ("customer", "I do not agree, but thank you for being clear."),
            ("close", "Price cut of EUR {amount}; review offered."),
        ),
    ),
    (
        "Wholesale prices",
        "email",
        (
            ("customer", "Good day,\n\nwe run a small hotel in {city} and need 24 {lamp} lamps. Do you have prices for that?\n\n{name}"),
            ("agent", "Hello {name},\n\nfrom 20 pieces on it is 18 per cent less. The list is attached.", "wholesale.pdf"),
            ("customer", "Thank you for the list, we will decide next week.\n\n{name}"),
        ),
    ),
    (
        "Delivery to a parcel shop",
        "widget",
        (
            ("customer", "Can you deliver to a parcel shop in {city}?"),
            ("agent", "I have asked the carrier; most shops take parcels up to 60 cm, and the {lamp} has 52."),
            ("customer", "Then please send it there."),
        ),
    ),
    (
        "Is the {lamp} dimmable?",
        "widget",
        (("customer", "Hello? Is the {lamp} dimmable? I could not find it on the page."),),
    ),
    (
        "Which cable colour fits?",
        "widget",
        (
            ("customer", "Brass or black cable for the {lamp} in linen?"),
            ("agent", "Both are fine. Most people take black with linen; brass goes with the brass shade."),
            ("customer", "Black then. Can I still change it in order {order}?"),
        ),
    ),
    (
        "Question about the warranty",
        "email",
        (
            ("customer", "Hello,\n\nhow long is the guarantee on the {lamp}, and does it cover the cord?\n\n{name}"),
            ("agent", "Hello {name},\n\nfive years on everything but bulbs, so the cord too."),
            ("bounce", "552 5.2.2 Mailbox full"),
        ),
    ),
    (
        "Gift wrapping",
        "widget",
        (
            ("customer", "Do you wrap the {lamp} as a gift? It is for my mother."),
            ("agent", "Yes, in brown paper with a linen ribbon, at no cost. What shall we write on the card?"),
            ("customer", "For your reading chair. Love, {name}"),
            ("agent", "That is lovely. It goes out tomorrow."),
            ("close", "Wrapped and sent."),
        ),
    ),
    (
        "Repair of an old {lamp}",
        "email",
        (
            ("customer", "Dear Brindle,\n\nmy {lamp} is eleven years old and the switch is broken. Do you still repair it?\n\n{name}"),
            ("agent", "Hello {name},\n\nwe do. Send it to the workshop; a new switch costs EUR 12, the work is free."),
            ("promise", "Repaired within ten days after it arrives", "14"),
            ("customer", "It is on its way. Thank you for keeping parts for so long.\n\n{name}"),
        ),
    ),
)

NAMES = (
    "Nadia Lindqvist",
    "Jonas Weber",
    "Aroha Ngata",
    "Mateo Ruiz",
    "Sofia Conti",
    "Kofi Mensah",
    "Hanna Virtanen",
    "Luca Moretti",
    "Amara Diallo",
    "Piotr Zielinski",
    "Yuki Tanaka",
    "Elif Kaya",
    "Marta Novak",
    "Oscar Lund",
    "Leila Haddad",
    "Bram de Wit",
    "Clara Dubois",
    "Ravi Menon",
    "Ingrid Solberg",
    "Tiago Ramos",
    "Nora Kelly",
    "Emil Berg",
    "Zofia Maj",
    "Hugo Faber",
)
LAMPS = ("Heron", "Wren", "Finch", "Linnet", "Curlew", "Plover")
CITIES = ("Leipzig", "Graz", "Utrecht", "Porto", "Malmö", "Lyon", "Turin", "Cork", "Gdansk", "Bergen")
