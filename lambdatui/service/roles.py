"""Execution roles as IAM tells of them, and what a role, subnet or security group can be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from lambdatui.model.role import Offer, Role, RoleStatement
from lambdatui.service.clean import clean_line
from lambdatui.service.connection import Connection
from lambdatui.service.errors import Invalid
from lambdatui.service.together import together

_MOST = 500
"""Offers of one kind; who has more types the name."""


class Roles:
    """GetRole and its policies; ListRoles, DescribeSubnets and DescribeSecurityGroups."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def get(self, arn: str) -> Role:
        """The role with every statement of its policies."""
        name = arn.rpartition("/")[2]
        if ":role/" not in arn:
            raise Invalid(f"{arn or 'Nothing'} is not the ARN of a role.")
        head, attached, inline = await together(
            (
                self._head(name),
                self._all("list_attached_role_policies", "AttachedPolicies", RoleName=name),
                self._all("list_role_policies", "PolicyNames", RoleName=name),
            )
        )
        role = head[0]
        trust = statements("", "trust", role.get("AssumeRolePolicyDocument"))
        parts = await together(
            [
                *(self._managed(each["PolicyName"], each["PolicyArn"]) for each in attached),
                *(self._inline(name, each) for each in inline),
            ]
        )
        boundary = (role.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn", "")
        found = (*trust, *(each for part in parts for each in part))
        return Role(clean_line(role["Arn"]), clean_line(role["RoleName"]), found, (), clean_line(boundary))

    async def _head(self, name: str) -> list[Any]:
        return [(await self._connection.call("iam", "get_role", RoleName=name))["Role"]]

    async def _all(self, operation: str, member: str, **params: Any) -> list[Any]:
        return [
            each
            async for page in self._connection.pages("iam", operation, **params)
            for each in page.get(member, ())
        ]

    async def _managed(self, name: str, arn: str) -> tuple[RoleStatement, ...]:
        head = await self._connection.call("iam", "get_policy", PolicyArn=arn)
        version = head["Policy"]["DefaultVersionId"]
        found = await self._connection.call("iam", "get_policy_version", PolicyArn=arn, VersionId=version)
        kind = "AWS managed" if ":iam::aws:" in arn else "managed"
        return statements(name, kind, found["PolicyVersion"]["Document"])

    async def _inline(self, role: str, name: str) -> tuple[RoleStatement, ...]:
        found = await self._connection.call("iam", "get_role_policy", RoleName=role, PolicyName=name)
        return statements(name, "inline", found["PolicyDocument"])

    # -- what can be picked -------------------------------------------------------------------

    async def offers(self, setting: str) -> list[Offer]:
        """What a setting can name; for ``role``, ``subnets`` and ``security_groups``."""
        return await {
            "role": self._roles,
            "subnets": self._subnets,
            "security_groups": self._groups,
        }[setting]()

    async def _roles(self) -> list[Offer]:
        """The roles that Lambda may take on."""
        found = []
        async for page in self._connection.pages("iam", "list_roles"):
            for raw in page.get("Roles", ()):
                trust = statements("", "trust", raw.get("AssumeRolePolicyDocument"))
                name = clean_line(raw["RoleName"])
                if Role(raw["Arn"], name, trust).trusts_lambda:
                    hint = clean_line(raw.get("Description", "")) or "Lambda may take it on"
                    found.append(Offer(clean_line(raw["Arn"]), name, hint))
            if len(found) >= _MOST:
                break
        return found

    async def _subnets(self) -> list[Offer]:
        raws = await self._described("describe_subnets", "Subnets")
        return [
            Offer(raw["SubnetId"], raw["SubnetId"], _hint(raw, "VpcId", "AvailabilityZone", "CidrBlock"))
            for raw in raws
        ]

    async def _groups(self) -> list[Offer]:
        raws = await self._described("describe_security_groups", "SecurityGroups")
        return [Offer(raw["GroupId"], raw["GroupId"], _hint(raw, "GroupName", "VpcId")) for raw in raws]

    async def _described(self, operation: str, member: str) -> list[Any]:
        found: list[Any] = []
        async for page in self._connection.pages("ec2", operation):
            found += page.get(member, ())
            if len(found) >= _MOST:
                break
        return found


def statements(policy: str, kind: str, document: Any) -> tuple[RoleStatement, ...]:
    """The statements of a policy document, as botocore or the wire gives it; none when it is not one."""
    try:
        whole = json.loads(unquote(document)) if isinstance(document, str) else document
        found = whole["Statement"]
    except (ValueError, KeyError, TypeError):
        return ()
    listed = found if isinstance(found, list) else [found]
    return tuple(_statement(clean_line(policy), kind, raw) for raw in listed if isinstance(raw, Mapping))


def _statement(policy: str, kind: str, raw: Mapping[str, Any]) -> RoleStatement:
    principals = raw.get("Principal", ())
    named = principals.values() if isinstance(principals, Mapping) else [principals]
    return RoleStatement(
        policy=policy,
        kind=kind,
        allow=raw.get("Effect") == "Allow",
        actions=_texts(raw.get("NotAction", raw.get("Action", ()))),
        resources=_texts(raw.get("NotResource", raw.get("Resource", ()))),
        principals=tuple(text for each in named for text in _texts(each)),
        but_actions="NotAction" in raw,
        but_resources="NotResource" in raw,
        conditions=tuple(
            (clean_line(operator), clean_line(key), ", ".join(_texts(value)))
            for operator, keys in (raw.get("Condition") or {}).items()
            if isinstance(keys, Mapping)
            for key, value in keys.items()
        ),
    )


def _texts(raw: Any) -> tuple[str, ...]:
    return tuple(clean_line(str(each)) for each in (raw if isinstance(raw, list | tuple) else (raw,)))


def _hint(raw: Mapping[str, Any], *members: str) -> str:
    name = next((tag["Value"] for tag in raw.get("Tags", ()) if tag.get("Key") == "Name"), "")
    return " · ".join(clean_line(str(text)) for text in (name, *(raw.get(m, "") for m in members)) if text)
