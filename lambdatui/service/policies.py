"""Resource policies: who may invoke a function."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from lambdatui.model.attachments import FunctionUrl, Policy, Statement
from lambdatui.service.clean import clean_line
from lambdatui.service.connection import Connection
from lambdatui.service.errors import NotFound
from lambdatui.service.together import together

INVOKE, INVOKE_URL = "lambda:InvokeFunction", "lambda:InvokeFunctionUrl"
URL_AUTH, VIA_URL = "lambda:FunctionUrlAuthType", "lambda:InvokedViaFunctionUrl"


class Policies:
    """GetPolicy, AddPermission and RemovePermission."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def get(self, name: str, qualifier: str = "") -> Policy:
        """The policy of the function, or of one of its aliases; without statements when there is none."""
        try:
            raw = await self._connection.call("lambda", "get_policy", FunctionName=name, **_chosen(qualifier))
        except NotFound:
            return Policy(qualifier, ())
        return Policy(qualifier, statements_of(raw.get("Policy", ""), qualifier), raw.get("RevisionId", ""))

    async def all(self, name: str, qualifiers: Sequence[str]) -> list[Policy]:
        """The policies of the function and of those aliases."""
        return await together(self.get(name, each) for each in ("", *qualifiers))

    async def grant(
        self,
        name: str,
        sid: str,
        *,
        principal: str,
        action: str = INVOKE,
        qualifier: str = "",
        source_arn: str = "",
        source_account: str = "",
        url_auth: str = "",
        via_url: bool = False,
    ) -> None:
        """Add a statement."""
        optional: dict[str, Any] = {
            "SourceArn": source_arn,
            "SourceAccount": source_account,
            "FunctionUrlAuthType": url_auth,
            "InvokedViaFunctionUrl": via_url,
        }
        await self._connection.call(
            "lambda",
            "add_permission",
            FunctionName=name,
            StatementId=sid,
            Action=action,
            Principal=principal,
            **_chosen(qualifier),
            **{key: value for key, value in optional.items() if value},
        )

    async def drop(self, name: str, sid: str, qualifier: str = "") -> None:
        """Take a statement away."""
        await self._connection.call(
            "lambda", "remove_permission", FunctionName=name, StatementId=sid, **_chosen(qualifier)
        )

    async def grant_url(self, name: str, missing: MissingGrant) -> None:
        """Add what an address lacks."""
        urls = missing.action == INVOKE_URL
        await self.grant(
            name,
            missing.sid,
            principal=missing.principal,
            action=missing.action,
            qualifier=missing.url.qualifier,
            url_auth=missing.url.auth if urls else "",
            via_url=not urls,
        )


def _chosen(qualifier: str) -> dict[str, str]:
    return {"Qualifier": qualifier} if qualifier else {}


def statements_of(document: str, qualifier: str) -> tuple[Statement, ...]:
    """The statements of a policy document; none when it is not one."""
    try:
        found = json.loads(document)["Statement"]
    except (ValueError, KeyError, TypeError):
        return ()
    listed = found if isinstance(found, list) else [found]
    return tuple(_statement(raw, qualifier) for raw in listed if isinstance(raw, dict))


def _statement(raw: Mapping[str, Any], qualifier: str) -> Statement:
    return Statement(
        sid=clean_line(str(raw.get("Sid", ""))),
        qualifier=qualifier,
        effect=clean_line(str(raw.get("Effect", "Allow"))),
        principals=_principals(raw.get("Principal", "*")),
        actions=_texts(raw.get("Action", ())),
        conditions=tuple(
            (clean_line(operator), clean_line(key), ", ".join(_texts(value)))
            for operator, keys in (raw.get("Condition") or {}).items()
            if isinstance(keys, Mapping)
            for key, value in keys.items()
        ),
    )


def _principals(raw: Any) -> tuple[str, ...]:
    if isinstance(raw, Mapping):
        return tuple(text for value in raw.values() for text in _texts(value))
    return _texts(raw)


def _texts(raw: Any) -> tuple[str, ...]:
    return tuple(clean_line(str(each)) for each in (raw if isinstance(raw, list | tuple) else (raw,)))


class MissingGrant:
    """A grant without which callers of an address get 403."""

    def __init__(self, url: FunctionUrl, principal: str, action: str, others: Sequence[Statement]) -> None:
        self.url = url
        self.principal = principal
        self.action = action
        taken = {each.sid for each in others}
        stem = "FunctionUrlAllow" if action == INVOKE_URL else "FunctionUrlInvokeAllow"
        names = (stem, *(f"{stem}{number}" for number in range(2, 1000)))
        self.sid = next(each for each in names if each not in taken)


def audit(urls: Sequence[FunctionUrl], policies: Sequence[Policy]) -> list[MissingGrant]:
    """What the addresses lack: since November 2026 a caller needs both InvokeFunctionUrl and
    InvokeFunction. Callers of the same account may have them from their own policies; those that a
    resource policy names are looked at, and everyone, when an address asks for no signature."""
    missing: list[MissingGrant] = []
    for url in urls:
        own = [each for policy in policies if policy.qualifier == url.qualifier for each in policy.statements]
        may_call = _allowed(own, INVOKE_URL, URL_AUTH, url.auth)
        may_invoke = _allowed(own, INVOKE, VIA_URL, "true")
        wanted = {"*"} if url.auth == "NONE" else may_call | _via_url_only(own)
        for principal in sorted(wanted):
            if not {principal, "*"} & may_call:
                missing.append(MissingGrant(url, principal, INVOKE_URL, own))
            if not {principal, "*"} & may_invoke:
                missing.append(MissingGrant(url, principal, INVOKE, own))
    return missing


def _allowed(statements: Sequence[Statement], action: str, key: str, value: str) -> set[str]:
    """Who is allowed the action under no other condition than this one."""
    return {
        principal
        for each in statements
        if each.allows(action) and each.condition(key) in ("", value)
        for principal in each.principals
    }


def _via_url_only(statements: Sequence[Statement]) -> set[str]:
    return {
        principal
        for each in statements
        if each.allows(INVOKE) and each.condition(VIA_URL) == "true"
        for principal in each.principals
    }
