"""The forms of setting up: the first run, a site's settings, a new agent. They know people and sites, and no conversation."""

from __future__ import annotations

import zoneinfo
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from chat.people.masking import BadPattern, patterns
from chat.people.models import Agent, Site
from chat.web.setup.first_run import code_matches

_NAMES = ("Rose", "Rust", "Amber", "Olive", "Moss", "Green", "Teal", "Petrol", "Blue", "Indigo", "Violet", "Plum")
HUES = dict(zip(range(6, 360, 30), _NAMES, strict=True))
"""The colours offered: every thirtieth step of the wheel. Lightness and chroma are fixed, so each has the same contrast."""


def _hue_choices(current: int | None = None) -> list[tuple[int, str]]:
    hues = sorted({*HUES, current} if current is not None else HUES)
    return [(hue, HUES.get(hue, f"Hue {hue}")) for hue in hues]


class _Looks(forms.Form):
    """Gives every plain field the look of the design."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **({"label_suffix": ""} | named))
        for field in self.fields.values():
            if not isinstance(field.widget, forms.CheckboxInput | forms.RadioSelect):
                field.widget.attrs.setdefault("class", "input")


class FirstRun(_Looks):
    """Your shop, and you."""

    shop = forms.CharField(label="Name of your shop", max_length=80, help_text="Customers read it on the chat and in every mail.")
    key = forms.SlugField(
        label="Short name",
        max_length=32,
        help_text="Names the shop in the snippet: small letters, digits and hyphens.",
        error_messages={"invalid": "Only letters, digits and hyphens, without spaces."},
    )
    letters = forms.RegexField(
        r"^[A-Za-z]{1,8}$",
        label="Letters of the case numbers",
        max_length=8,
        help_text="BR makes case numbers such as BR-4821.",
        error_messages={"invalid": "One to eight letters, and nothing else."},
    )
    hue = forms.TypedChoiceField(label="Colour", coerce=int, choices=_hue_choices, initial=186, widget=forms.RadioSelect)
    name = forms.CharField(label="Your name", max_length=80, help_text="Customers read it beside your answers.")
    email = forms.EmailField(label="Your e-mail", widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    password = forms.CharField(
        label="Password", widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), help_text="At least 10 characters."
    )
    code = forms.CharField(label="Set-up code", required=False, help_text="The server printed it on its console when it started.")

    def __init__(self, *arguments: Any, code_needed: bool, **named: Any) -> None:
        super().__init__(*arguments, **named)
        if code_needed:
            self.fields["code"].required = True
            self.fields["code"].widget.attrs["autocomplete"] = "one-time-code"
        else:
            del self.fields["code"]

    def clean_letters(self) -> str:
        return str(self.cleaned_data["letters"]).upper()

    def clean_key(self) -> str:
        return str(self.cleaned_data["key"]).lower()

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        validate_password(password)
        return password

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        if not code_matches(code):
            raise ValidationError("This is not the code on the console. It looks like abcd-efgh-ijkl.")
        return code

    def site(self) -> Site:
        data = self.cleaned_data
        return Site(key=data["key"], name=data["shop"], prefix=data["letters"], hue=data["hue"])


class SiteSettings(_Looks, forms.ModelForm):
    """What an administrator may change about a site."""

    hue = forms.TypedChoiceField(label="Colour", coerce=int, choices=_hue_choices, widget=forms.RadioSelect)

    class Meta:
        model = Site
        fields = [
            "name",
            "greeting",
            "hue",
            "origins",
            "away_after",
            "acknowledge",
            "reopen_days",
            "keep_days",
            "zone",
            "mask_cards",
            "mask_patterns",
        ]
        labels = {
            "name": "Name of the shop",
            "greeting": "Greeting in the chat",
            "origins": "Web sites that may show the chat",
            "away_after": "Seconds until unseen lines go by e-mail",
            "acknowledge": "Acknowledge the receipt of a mail that opens a conversation",
            "reopen_days": "Days in which an answer by e-mail opens a closed conversation again",
            "keep_days": "Days a record is kept after its last word or its closing",
            "zone": "Time zone of the shop",
            "mask_cards": "Mask card numbers when they come in",
            "mask_patterns": "Further numbers to mask",
        }
        help_texts = {
            "origins": "One a line, as https://shop.example.com. Our own pages may always.",
            "away_after": "0 switches it off.",
            "reopen_days": "A later answer opens a new conversation, which names the old one. 0: every answer opens the old one.",
            "keep_days": "180 or more.",
            "zone": "As in Europe/Berlin.",
            "mask_patterns": (
                "One a line, as in customer number: KD-#{6}. # is a digit, @ a letter, #{6} six digits; the rest stands for itself."
            ),
        }

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        hue = self.fields["hue"]
        assert isinstance(hue, forms.TypedChoiceField)
        hue.choices = _hue_choices(self.instance.hue)
        for name in ("origins", "mask_patterns"):
            self.fields[name].widget = forms.Textarea(attrs={"class": "input", "rows": 3, "spellcheck": "false"})

    def clean_origins(self) -> str:
        lines = [line.strip().rstrip("/") for line in self.cleaned_data["origins"].splitlines() if line.strip()]
        for line in lines:
            parts = urlsplit(line)
            if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query or parts.fragment:
                raise ValidationError(f"{line!r} is no origin. Write it as https://shop.example.com, without a path.")
        return "\n".join(lines)

    def clean_keep_days(self) -> int:
        days = int(self.cleaned_data["keep_days"])
        if days < 180:
            raise ValidationError("Customers are told that their record is kept for at least 180 days.")
        return days

    def clean_mask_patterns(self) -> str:
        lines = str(self.cleaned_data["mask_patterns"]).strip()
        try:
            patterns(lines)
        except BadPattern as problem:
            raise ValidationError(str(problem)) from problem
        return lines

    def clean_zone(self) -> str:
        zone = str(self.cleaned_data["zone"])
        if zone not in zoneinfo.available_timezones():
            raise ValidationError(f"{zone!r} is not a time zone. Europe/Berlin is one.")
        return zone


class NewPassword(_Looks, PasswordChangeForm):
    """Your own password, by the old one."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        for name, label in (
            ("old_password", "Password so far"),
            ("new_password1", "New password"),
            ("new_password2", "New password again"),
        ):
            self.fields[name].label = label
            self.fields[name].help_text = ""
        self.fields["new_password1"].help_text = "At least 10 characters, and not one that everybody uses."


class NewAgent(_Looks):
    """Somebody who will answer. The password is made by the server and shown once."""

    name = forms.CharField(label="Name", max_length=80)
    email = forms.EmailField(label="E-mail")
    role = forms.ChoiceField(label="Role", choices=Agent.ROLES)

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        if Agent.objects.filter(email=email).exists():
            raise ValidationError("Somebody with this address is in the team already.")
        return email
