"""A stand-in for IAM and EC2: one role, three subnets, two security groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdatui.model.role import Offer, Role, RoleStatement

if TYPE_CHECKING:
    from tests.dashboard.fake_parts import FakeParts

_ACCOUNT = "arn:aws:iam::000000000000:role"


class FakeRoles:
    """The same methods as :class:`lambdatui.service.roles.Roles`."""

    def __init__(self, parts: FakeParts) -> None:
        self._parts = parts
        self.bounded = ""
        self.empty = False

    async def get(self, arn: str) -> Role:
        await self._parts.passed("role", arn)
        logs = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
        table = "arn:aws:dynamodb:us-east-1:000000000000:table/orders"
        return Role(
            arn,
            arn.rpartition("/")[2],
            (
                RoleStatement(
                    "", "trust", True, ("sts:AssumeRole",), (), principals=("lambda.amazonaws.com",)
                ),
                RoleStatement("AWSLambdaBasicExecutionRole", "AWS managed", True, logs, ("*",)),
                RoleStatement("orders", "inline", True, ("dynamodb:GetItem", "dynamodb:PutItem"), (table,)),
                RoleStatement(
                    "orders",
                    "inline",
                    False,
                    ("dynamodb:DeleteTable",),
                    ("*",),
                    conditions=(("StringEquals", "aws:PrincipalTag/team", "pay"),),
                ),
            ),
            (),
            self.bounded,
        )

    async def offers(self, setting: str) -> list[Offer]:
        await self._parts.passed("offers", setting)
        if self.empty:
            return []
        return {
            "role": [
                Offer(f"{_ACCOUNT}/lambdatui", "lambdatui", "Lambda may take it on"),
                Offer(f"{_ACCOUNT}/billing", "billing", "may charge cards"),
            ],
            "subnets": [
                Offer(f"subnet-{letter}1", f"subnet-{letter}1", f"vpc-1 · us-east-1{letter} · 10.0.{at}.0/24")
                for at, letter in enumerate("abc")
            ],
            "security_groups": [
                Offer("sg-1", "sg-1", "default · vpc-1"),
                Offer("sg-2", "sg-2", "database · vpc-1"),
            ],
        }[setting]
