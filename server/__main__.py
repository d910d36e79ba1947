"""The command line: `throughline up` and its siblings. Each command imports what it needs, so that help answers at once."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")

app = typer.Typer(
    name="throughline",
    help="One conversation, every channel, nothing lost. Settings come from the environment: docs/settings.md.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
)


def _django() -> None:
    import django

    from chat.discover import CannotLoad
    from server import logs

    logs.set_up()
    try:
        django.setup()
    except CannotLoad as problem:
        raise SystemExit(str(problem)) from problem


@app.command(epilog="Example: `THROUGHLINE_DEMO=1 throughline up`")
def up() -> None:
    """Everything in one process: pages, live chat, mail gateway and worker. Migrates first. Stop it with Ctrl+C or SIGTERM."""
    _django()
    from server import first_start, process

    with process.alone():
        first_start.prepare()
        process.run(("serve", "mail", "work"), ready=first_start.tell)


@app.command(epilog="Example: `THROUGHLINE_DATABASE=postgres://… THROUGHLINE_REDIS=redis://… throughline serve`")
def serve() -> None:
    """Pages and live chat only. On PostgreSQL as many of these may run as you like."""
    _django()
    from server import first_start, process

    with process.alone():
        first_start.prepare_pages()
        process.run(("serve",), ready=first_start.tell_first_run)


@app.command(epilog="Example: `throughline mail`")
def mail() -> None:
    """The mail gateway only: takes mail in over SMTP and makes it durable before it answers 250."""
    _role("mail")


@app.command(epilog="Example: `throughline work`")
def work() -> None:
    """The worker only: reads mail that came in, sends mail that goes out, rings alarms."""
    _role("work")


def _role(role: str) -> None:
    _django()
    from server import process

    with process.alone():
        process.run((role,))


@app.command(epilog="Example: `throughline migrate`")
def migrate() -> None:
    """Bring the database to this version and put the ledger's triggers in place."""
    _django()
    from server import first_start

    first_start.migrate()
    typer.echo("The database is ready.")


@app.command(epilog="Example: `throughline demo --conversations 300`")
def demo(
    conversations: Annotated[int, typer.Option(min=1, max=5000, help="How many conversations to make up.")] = 240,
) -> None:
    """Fill an empty store with a believable lamp shop: conversations over chat and mail, hand-overs, promises, decisions."""
    _django()
    from server import demo_shop, first_start, process

    with process.alone():
        first_start.migrate()
        demo_shop.fill(conversations)


@app.command(epilog="Example: `throughline doctor`, or `throughline doctor mail --seconds 120`")
def doctor(
    what: Annotated[
        str, typer.Argument(help="`mail` sends to your own reply address and waits for it, and looks at the DNS records.")
    ] = "",
    site: Annotated[str, typer.Option(help="For mail: short name of the site; the first one if left out.")] = "",
    seconds: Annotated[int, typer.Option(min=5, max=3600, help="For mail: how long to wait until it is back.")] = 90,
) -> None:
    """Check database, blob store, Redis and mail; every failure comes with its cure. Exit status 1 if something fails."""
    if what not in ("", "mail"):
        raise typer.BadParameter("Leave it out, or write mail.")
    _django()
    if what == "mail":
        from mailgateway.setup import doctor_mail

        sys.exit(doctor_mail.report(key=site, patience=seconds))
    from server import examine

    sys.exit(examine.report())


@app.command(epilog="Example: `throughline verify`, `throughline verify --case BR-4821` or `throughline verify saved.zip --keys keys.json`")
def verify(
    files: Annotated[
        list[str] | None, typer.Argument(metavar="FILE", help="Saved transcripts (JSON, JSON Lines, PDF) or full records (zip).")
    ] = None,
    case: Annotated[str, typer.Option(help="One case number, as BR-4821; all conversations if left out.")] = "",
    key: Annotated[list[str] | None, typer.Option(help="For files: a key (name+id+key) that you know from elsewhere.")] = None,
    keys: Annotated[list[str] | None, typer.Option(help="For files: a file with such keys, as /.well-known/throughline-keys.json.")] = None,
    sig: Annotated[str, typer.Option(help="The signature of an archive; FILE.sig if left out.")] = "",
) -> None:
    """Walk every chain of seals and name the first entry that does not hold. With FILE: check saved files, without the database.

    Exit status 0 if all holds, 1 if something does not, 2 if a file cannot be read.
    """
    if files:
        from chat.transcripts import verifier

        options = [
            f"--{name}={value}" for name, found in (("key", key), ("keys", keys), ("sig", [sig] if sig else [])) for value in found or []
        ]
        sys.exit(verifier.main([*options, "--", *files]))
    _django()
    from server import verify_chains

    sys.exit(verify_chains.report(case))


@app.command(epilog="Example: `throughline checkpoint > kept-elsewhere.note`, later `throughline checkpoint --known kept-elsewhere.note`")
def checkpoint(
    known: Annotated[Path | None, typer.Option(metavar="FILE", help="Make none: compare with one that was kept elsewhere.")] = None,
) -> None:
    """Sign the heads of all conversations now and print the note. The worker does so each day; docs/proof.md says what it is good for."""
    _django()
    from server import checkpoints

    sys.exit(checkpoints.known(known) if known else checkpoints.report())


@app.command(epilog="Example: `throughline compare saved-in-may.json saved-in-june.json`")
def compare(
    older: Annotated[Path, typer.Argument(help="A transcript as JSON, JSON Lines or PDF, or a full record.")],
    newer: Annotated[Path, typer.Argument(help="A later one of the same conversation.")],
) -> None:
    """Is the older transcript the beginning of the newer one? Names what was crossed out since. Exit status 1 if something was changed."""
    from server import compare_records

    sys.exit(compare_records.compare(older, newer))


@app.command(epilog="Example: `throughline witness ~/Mail/support.mbox transcript.json`")
def witness(
    mails: Annotated[Path, typer.Argument(help="An mbox file, one mail, or a folder of mails.")],
    transcript: Annotated[Path, typer.Argument(help="A transcript as JSON, JSON Lines or PDF, or a full record.")],
    keys: Annotated[Path | None, typer.Option(help="Further keys, as /.well-known/throughline-keys.json.")] = None,
) -> None:
    """Do the mails that we sent, wherever they are kept, agree with a transcript? Exit status 1 if one does not."""
    from server import compare_records

    sys.exit(compare_records.witness(mails, transcript, keys))


@app.command(epilog="Example: `throughline retain --dry-run` or `throughline retain --site brindle`")
def retain(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done; may run beside the server.")] = False,
    site: Annotated[str, typer.Option(help="Short name of one site; all sites if left out.")] = "",
) -> None:
    """End the records whose time is over and tell customers 30 days before, as the worker does every night."""
    _django()
    from server import retention

    sys.exit(retention.report(dry_run=dry_run, site=site))


@app.command(epilog="Example: `throughline backup /backup/monday.tar`")
def backup(file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to; it must not be there yet.")]) -> None:
    """Save the SQLite database and the blob store in one file, while the server runs."""
    _django()
    from server import backup

    sys.exit(backup.report(file))


@app.command(epilog="Example: `throughline restore /backup/monday.tar --journal /safe/erasures.jsonl`")
def restore(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="A backup; the data folder must hold no database.")] = None,
    check: Annotated[bool, typer.Option("--check", help="No file: the store was put back by other means, as PostgreSQL's own.")] = False,
    journal: Annotated[list[Path] | None, typer.Option(help="Journal of erasures of the server that was saved.")] = None,
    no_journal: Annotated[bool, typer.Option("--no-journal", help="Nothing was ever erased there.")] = False,
) -> None:
    """Put a backup back, erase again what was erased since it was made, and verify every chain before anything is served."""
    if (file is None) != check:
        raise typer.BadParameter("Name a backup, or say --check.")
    _django()
    from server import restore

    sys.exit(restore.report(file, journals=journal or (), no_journal=no_journal))


@app.command(epilog="Example: `throughline dkim s1`, then publish what it prints and set THROUGHLINE_DKIM=s1")
def dkim(selector: Annotated[str, typer.Argument(metavar="SELECTOR", help="A short name for the key, as s1 or 2026a.")]) -> None:
    """The key that signs outgoing mail: made if it is not there, and its DNS record printed. docs/mail.md says how to change keys."""
    _django()
    from mailgateway.proof import signing

    try:
        if not signing.place(selector).exists():
            typer.echo(f"A new key: {signing.make(selector)}", err=True)
        name, value = signing.record(selector)
    except signing.KeyTrouble as problem:
        raise SystemExit(str(problem)) from problem
    typer.echo(f"{name}. IN TXT {' '.join(f'{chr(34)}{value[at : at + 250]}{chr(34)}' for at in range(0, len(value), 250))}")


person = typer.Typer(help="Everything about one person: hand it out, or erase it.", no_args_is_help=True, rich_markup_mode="markdown")
app.add_typer(person, name="person")
_ADDRESS = Annotated[str, typer.Argument(metavar="ADDRESS", help="Their e-mail address.")]


@person.command("export", epilog="Example: `throughline person export nadia@customer.example nadia.zip`")
def person_export(
    address: _ADDRESS, file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to; it must not be there yet.")]
) -> None:
    """Every record of a person and what is known of them, in one archive (GDPR Art. 15 and 20)."""
    _django()
    from server import person

    sys.exit(person.export(address, file))


@person.command(
    "erase",
    epilog="Example: `throughline person erase nadia@customer.example --by Tom --agreed-by Ruth --reason 'Her mail of 3 May' --yes`",
)
def person_erase(
    address: _ADDRESS,
    by: Annotated[str, typer.Option(help="Who decided; told in the records.")],
    agreed_by: Annotated[str, typer.Option(help="The second person who did.")],
    reason: Annotated[str, typer.Option(help="The request, and when it came; told where they only took part.")] = "",
    ground: Annotated[str, typer.Option(help="request, mistake, others, unlawful or court.")] = "request",
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without, only say what would go.")] = False,
) -> None:
    """Take a person out of every record, table, mail and file for good (GDPR Art. 17). Digests stay, so that the rest can be checked."""
    _django()
    from chat.events.erasure import GROUNDS
    from server import person

    if ground not in GROUNDS:
        raise typer.BadParameter(f"There are the grounds {', '.join(GROUNDS)}.")
    sys.exit(person.erase(address, by=by, agreed_by=agreed_by, ground=ground, reason=reason, sure=yes))


def main() -> None:
    app(prog_name="throughline")


if __name__ == "__main__":
    main()
