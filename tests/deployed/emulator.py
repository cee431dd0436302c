#!/usr/bin/env python3
"""moto's server, of one port of this machine, held to what the suite needs of AWS:

- Who asks is known by their signature, and permitted what the policies of their user or role permit (permissions.py).
- A table has an id of its own, requests of tables follow each other, and a table is restored as it was at a second.
- Nothing is logged but what is refused.
"""

import copy
import json
import logging
import os
import sys
import threading
import time
from collections import defaultdict
from datetime import UTC

os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = "0"
os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"

from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.exceptions import JsonRESTError
from moto.dynamodb import models
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler, DynamoResult
from moto.iam import access_control
from moto.iam.models import iam_backends
from moto.moto_api._internal import mock_random
from moto.secretsmanager.models import secretsmanager_backends
from moto.server import main

from permissions import is_permitted, needs

READING = ("GetItem", "BatchGetItem", "Query", "Scan", "Describe", "List")
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def check(request, _resource):
    """Whether who asks may: in the place of moto's own check."""
    if request._action == "sts:GetCallerIdentity":
        return
    has_body = request._service in ("dynamodb", "secretsmanager")
    asked = json.loads(request._body or b"{}") if has_body else {}
    policies = [access_control.IAMPolicy(it)._policy_json for it in request._access_key.collect_policies()]
    secrets = secretsmanager_backends[request.account_id][request._region].secrets

    def arn_of_secret(name):
        return secrets[name].arn if name in secrets else None

    for need in needs(request._action, asked, f"{request._region}:{request.account_id}", arn_of_secret):
        if not is_permitted(need, policies):
            who = request._access_key.arn
            print(f"refused: {who}: {need}", file=sys.stderr, flush=True)
            raise JsonRESTError("AccessDeniedException", f"{who} is not authorized to perform: {need}")


sign = access_control.IAMRequest.check_signature


def check_signature(request):
    """Of what functions ask. moto makes another signature than whoever asks of some requests of other services."""
    if request._service in ("dynamodb", "secretsmanager"):
        sign(request)


access_control.IAMRequest.check_action_permitted = check
access_control.IAMRequest.check_signature = check_signature

# What each table held before each second in which something was written.
earlier = defaultdict(list)
one_at_a_time = threading.RLock()
call, describe = DynamoHandler.call_action, Table.describe
restore, transact = DynamoHandler.restore_table_to_point_in_time, DynamoHandler.transact_write_items
carried_out = set()


def keep(backend):
    second = int(time.time())
    for table in backend.tables.values():
        kept = earlier[table.name]
        if not kept or kept[-1][0] < second:
            kept.append((second, copy.deepcopy(table.items)))


def call_in_turn(handler):
    with one_at_a_time:
        if not handler._get_action().startswith(READING):
            keep(dynamodb_backends[handler.current_account][handler.region])
        return call(handler)


def describe_with_id(table, base_key="TableDescription"):
    if not hasattr(table, "id"):
        table.id = str(mock_random.uuid4())
    told = describe(table, base_key)
    told[base_key]["TableId"] = table.id
    return told


def restore_as_it_was(handler):
    """Of a second, and with what AWS restores beside the items: how it is paid for and encrypted."""
    answer, asked = restore(handler), handler.body
    tables = handler.dynamodb_backend.tables
    original, restored = tables[asked["SourceTableName"]], tables[asked["TargetTableName"]]
    restored.billing_mode, restored.sse_specification = original.billing_mode, original.sse_specification
    if not asked.get("UseLatestRestorableTime"):
        # moto reads it as a time of UTC that does not say so.
        second = asked["RestoreDateTime"].replace(tzinfo=UTC).timestamp()
        since = [items for at, items in earlier[original.name] if at >= second]
        restored.items = copy.deepcopy(since[0] if since else original.items)
    return answer


class Copies:
    """Copies as moto makes them, but of tables: it makes one for each part of a transaction, of all items. What is put
    takes an item's place, so that it is enough to keep which items there were."""

    @staticmethod
    def deepcopy(of):
        if not isinstance(of, Table):
            return copy.deepcopy(of)
        kept = copy.copy(of)
        kept.items = copy.copy(of.items)
        for key, items in of.items.items():
            kept.items[key] = copy.copy(items)
        return kept


def transact_once(handler):
    """A transaction that was carried out is not carried out again for the token that it came with."""
    assert all("Update" not in part for part in handler.body["TransactItems"])
    token = handler.body.get("ClientRequestToken")
    if token is None or token not in carried_out:
        answer = transact(handler)
        carried_out.add(token)
        return answer
    return DynamoResult({})


models.copy = Copies
DynamoHandler.call_action = call_in_turn
DynamoHandler.transact_write_items = transact_once
DynamoHandler.restore_table_to_point_in_time = restore_as_it_was
Table.describe = describe_with_id


def operator():
    """Whoever has the account: the keys of a user who may do everything."""
    iam = iam_backends[DEFAULT_ACCOUNT_ID]["aws"]
    iam.create_user(region_name="us-east-1", user_name="operator")
    iam.put_user_policy("operator", "everything", json.dumps(EVERYTHING))
    key = iam.create_access_key("operator")
    return {"AWS_ACCESS_KEY_ID": key.access_key_id, "AWS_SECRET_ACCESS_KEY": key.secret_access_key}


if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    print(json.dumps(operator()), flush=True)
    main(["-H", "127.0.0.1", "-p", sys.argv[1]])
