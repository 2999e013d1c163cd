"""Which addresses has the function, and whom does its policy let in?"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.content import Content

from lambdatui.dashboard.dialogs.dialog import Dialog, Field, FieldError
from lambdatui.dashboard.function import grants
from lambdatui.dashboard.function.naming import principal
from lambdatui.dashboard.function.tab import ListTab
from lambdatui.dashboard.keys import bindings, key_of, spelled
from lambdatui.dashboard.widgets.columns import Cell, Column
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.dashboard.words import count
from lambdatui.model import FunctionUrl, Policy, Statement
from lambdatui.service.policies import MissingGrant, audit

AUTHS = ("AWS_IAM", "NONE")


@dataclass(frozen=True, slots=True)
class Entry:
    """An address, a grant, or one that is missing."""

    key: str
    url: FunctionUrl | None = None
    statement: Statement | None = None
    missing: MissingGrant | None = None


class AccessTab(ListTab[Entry]):
    """URLs first, then what they lack, then every statement of the policies, in words."""

    NAME, TITLE = "access", "URL and permissions"
    EMPTY = (
        "No URL, and nobody is granted anything: only this account's IAM policies count."
        "\n<url> gives it a URL, <add> grants somebody the right to invoke it."
    )
    EMPTY_READ_ONLY = "No URL, and nobody is granted anything: only this account's IAM policies count."
    FILTER = "who, what or statement"
    CHANGES = frozenset({"add", "remove", "url", "fix_grants"})
    BINDINGS: ClassVar = bindings("add", "url", "fix-grants", "remove")

    _missing: tuple[MissingGrant, ...] = ()

    def columns(self) -> Sequence[Column[Entry]]:
        return [
            Column("what", "what", _what, width=9),
            Column("words", "in words", _words, min_width=44, weight=5, value=_copy),
            Column("name", "statement", _name, min_width=10, max_width=30, clip="middle", priority=1),
            Column("of", "of", _of, min_width=6, max_width=14, priority=2),
        ]

    def key(self, row: Entry) -> Hashable:
        return row.key

    async def fetch(self) -> tuple[list[FunctionUrl], list[Policy]]:
        service, name = self.subject.service, self.subject.name
        urls, aliases = await asyncio.gather(service.urls.list(name), service.versions.aliases(name))
        return urls, await service.policies.all(name, [alias.name for alias in aliases])

    def rows(self, found: tuple[list[FunctionUrl], list[Policy]]) -> list[Entry]:
        urls, policies = found
        self._missing = tuple(audit(urls, policies))
        entries: list[Entry] = []
        for url in urls:
            entries.append(Entry(f"url {url.qualifier}", url=url))
            for each in self._missing:
                if each.url == url:
                    key = f"missing {url.qualifier} {each.action} {each.principal}"
                    entries.append(Entry(key, missing=each))
        for policy in policies:
            entries += [
                Entry(f"grant {policy.qualifier} {each.sid}", statement=each) for each in policy.statements
            ]
        return entries

    def about(self) -> str | Content:
        if self._missing:
            text = f"{count(len(self._missing), 'grant')} missing: callers of the URL get 403"
            return Content.styled(
                text if self.subject.read_only else f"{text}, {key_of('fix-grants')} adds them", "$wait"
            )
        return ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "fix_grants" and not self._missing:
            return False
        return super().check_action(action, parameters)

    def show(self, found: tuple[list[FunctionUrl], list[Policy]]) -> None:
        super().show(found)
        self.screen.refresh_bindings()

    def copied(self) -> tuple[str, str]:
        row = self.chosen
        if row is None:
            return "", ""
        return (row.url.url, "the URL") if row.url else (_copy(row), "the statement")

    # -- the URL ------------------------------------------------------------------------------

    def action_url(self) -> None:
        """Give the function or an alias an address."""
        service, name = self.subject.service, self.subject.name

        async def submit(values: Mapping[str, str]) -> str:
            auth = _auth(values["auth"])
            made = await service.urls.create(name, qualifier=values["alias"], auth=auth)
            return f"{made.url} answers for {name}."

        text = (
            "AWS_IAM: callers sign their requests. NONE: anybody may call, once both grants are there;"
            " the next screen offers to add them."
        )
        fields = (
            Field("alias", "Alias", hint="nothing: the function itself"),
            Field("auth", "Auth", "AWS_IAM", "AWS_IAM or NONE"),
        )
        self.open_dialog(Dialog(f"URL for {name}", submit, text=text, fields=fields, verb="Create"))

    def change(self, row: Entry) -> None:
        if row.missing is not None:
            self._fix([row.missing])
        elif row.url is not None:
            self._set_auth(row.url)
        else:
            self.notify(
                spelled("A grant cannot be changed: add another with <add>, remove this one with <remove>.")
            )

    def _set_auth(self, url: FunctionUrl) -> None:
        service, name = self.subject.service, self.subject.name

        async def submit(values: Mapping[str, str]) -> str:
            changed = await service.urls.set_auth(name, url.qualifier, _auth(values["auth"]))
            return f"{changed.url} now wants {changed.auth}."

        fields = (Field("auth", "Auth", url.auth, "AWS_IAM or NONE"),)
        text = f"{url.url}\nAWS_IAM: callers sign their requests. NONE: anybody on the net may call."
        self.open_dialog(Dialog("Change the URL", submit, text=text, fields=fields, verb="Set"))

    def action_fix_grants(self) -> None:
        """Add every grant that callers of an address lack."""
        self._fix(self._missing)

    def _fix(self, missing: Sequence[MissingGrant]) -> None:
        service, name = self.subject.service, self.subject.name

        async def submit(_: Mapping[str, str]) -> str:
            for each in missing:
                await service.policies.grant_url(name, each)
            return f"{count(len(missing), 'grant')} added to {name}."

        everyone = any(each.principal == "*" for each in missing)
        text = "\n".join(f"{SIGNS.dot} {_missing_words(each)}" for each in missing)
        warning = "\nAnybody on the net may then run this function." if everyone else ""
        self.open_dialog(Dialog("Add grants", submit, text=text + warning, verb="Add", danger=everyone))

    # -- grants -------------------------------------------------------------------------------

    def action_add(self) -> None:
        """Grant somebody the right to invoke."""
        service, name = self.subject.service, self.subject.name

        async def submit(values: Mapping[str, str]) -> str:
            if not values["principal"]:
                raise FieldError("principal", "Name a service, an account or an ARN.")
            if not values["sid"].replace("-", "").replace("_", "").isalnum():
                raise FieldError("sid", "A name has letters, digits, - and _.")
            await service.policies.grant(
                name,
                values["sid"],
                principal=values["principal"],
                qualifier=values["alias"],
                source_arn=values["source"],
                source_account=values["account"],
            )
            return f"{values['principal']} may invoke {name}."

        fields = (
            Field("sid", "Name", hint="of the statement: letters, digits, - and _"),
            Field("principal", "Who", hint="s3.amazonaws.com, 123456789012, an ARN"),
            Field("source", "Source ARN", hint="only on behalf of this (may stay empty)"),
            Field("account", "Source account", hint="12 digits (may stay empty)"),
            Field("alias", "Alias", hint="nothing: the function itself"),
        )
        self.open_dialog(Dialog("Grant the right to invoke", submit, fields=fields, verb="Grant"))

    def action_remove(self) -> None:
        """Remove the chosen address or grant."""
        row = self.chosen
        if row is not None and row.url is not None:
            self._remove_url(row.url)
        elif row is not None and row.statement is not None:
            self._remove_grant(row.statement)

    def _remove_url(self, url: FunctionUrl) -> None:
        async def submit(_: Mapping[str, str]) -> str:
            await self.subject.service.urls.remove(self.subject.name, url.qualifier)
            return f"{url.url} no longer answers."

        text = f"Delete {url.url}? Who calls it gets an error, and a new URL will read differently."
        self.open_dialog(Dialog("Delete URL", submit, text=text, verb="Delete", danger=True))

    def _remove_grant(self, statement: Statement) -> None:
        async def submit(_: Mapping[str, str]) -> str:
            await self.subject.service.policies.drop(self.subject.name, statement.sid, statement.qualifier)
            return f"Grant {statement.sid} is removed."

        text = f"Remove {statement.sid}? This no longer holds: {grants.sentence(statement)}."
        self.open_dialog(Dialog("Remove grant", submit, text=text, verb="Remove", danger=True))


def _auth(text: str) -> str:
    if text.upper() not in AUTHS:
        raise FieldError("auth", "AWS_IAM or NONE.")
    return text.upper()


def _what(row: Entry) -> Cell:
    if row.url is not None:
        return "URL", "strong"
    return (f"{SIGNS.warning} missing", "wait") if row.missing else ("grant", "muted")


def _words(row: Entry) -> Cell:
    if row.url is not None:
        open_to_all = row.url.auth == "NONE"
        auth = "no signature needed" if open_to_all else "callers must sign"
        return [(f"{auth}  ", "wait" if open_to_all else "ok"), (row.url.url, "accent")]
    if row.missing is not None:
        return _missing_words(row.missing), "wait"
    assert row.statement is not None
    everyone = "*" in row.statement.principals and row.statement.effect == "Allow"
    return grants.sentence(row.statement), "wait" if everyone else ""


def _missing_words(missing: MissingGrant) -> str:
    who = principal(missing.principal)
    right = "call the URL" if missing.action.endswith("Url") else "invoke it through the URL"
    return f"{who[:1].upper()}{who[1:]} must also be granted to {right}"


def _copy(row: Entry) -> str:
    if row.url is not None:
        return row.url.url
    if row.missing is not None:
        return _missing_words(row.missing)
    return grants.sentence(row.statement) if row.statement else ""


def _name(row: Entry) -> Cell:
    if row.missing is not None:
        return row.missing.action, "muted"
    return (row.statement.sid, "muted") if row.statement else ""


def _of(row: Entry) -> Cell:
    holder = row.url or (row.missing.url if row.missing else row.statement)
    return (holder.qualifier if holder else "") or "function", "muted"
