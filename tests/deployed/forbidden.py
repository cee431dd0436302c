"""What functions may not do is refused: by the policies of their own roles, with the credentials that they have."""

import boto3
from botocore.exceptions import ClientError

from resources import REGION


def as_function(here, name, service):
    """A client with what the function's process was given."""
    keys = here.functions.process(name).credentials
    return boto3.client(
        service,
        region_name=REGION,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )


def refused(call, **asked):
    try:
        call(**asked)
    except ClientError as error:
        return error.response["Error"]["Code"].startswith("AccessDenied")
    return False


def readers_write_nothing(here):
    """Of get-order: records, nothing but counters of requests, and no gateway's credentials."""
    table = here.stack().outputs["TableName"]
    key = {"pk": {"S": f"{here.organization}#test#order#{here.first}"}, "sk": {"S": "order"}}
    tables = as_function(here, "get-order", "dynamodb")
    assert tables.get_item(TableName=table, Key=key)["Item"]
    assert refused(tables.put_item, TableName=table, Item=key)
    assert refused(tables.delete_item, TableName=table, Key=key)
    assert refused(tables.scan, TableName=table)
    assert refused(tables.transact_write_items, TransactItems=[{"Delete": {"TableName": table, "Key": key}}])
    change = {"UpdateExpression": "SET a = :a", "ExpressionAttributeValues": {":a": {"S": "b"}}}
    assert refused(tables.update_item, TableName=table, Key=key, **change)
    secrets = as_function(here, "get-order", "secretsmanager")
    gateway = here.variable("GATEWAY")
    name = f"billfold/gateways/{here.organization}/test/{gateway}"
    assert refused(secrets.get_secret_value, SecretId=name)
    assert refused(secrets.get_secret_value, SecretId="billfold/keys/signing")
    assert not refused(as_function(here, "patch-order", "secretsmanager").get_secret_value, SecretId=name)
    assert refused(as_function(here, "patch-order", "secretsmanager").put_secret_value, SecretId=name, SecretString="x")


def a_transaction_needs_each_of_its_parts(here):
    """issue-token keeps sessions, and nothing else."""
    table = here.stack().outputs["TableName"]
    tables = as_function(here, "issue-token", "dynamodb")

    def put(pk):
        return {"Put": {"TableName": table, "Item": {"pk": {"S": pk}, "sk": {"S": "at"}}}}

    order = f"{here.organization}#test#order#{here.first}"
    assert refused(tables.transact_write_items, TransactItems=[put(order)])
    session = f"{here.organization}#test#token#tried"
    assert refused(tables.transact_write_items, TransactItems=[put(session), put(order)])
    assert not refused(tables.transact_write_items, TransactItems=[put(session)])


def keys_of_nobody_open_nothing(here):
    """Neither keys that nobody has, nor those of a function with another secret."""
    table = here.stack().outputs["TableName"]
    functions = here.functions.process("get-order").credentials
    for key, token in (("AKIA0000000000000000", None), (functions["AccessKeyId"], functions["SessionToken"])):
        nobody = boto3.client(
            "dynamodb",
            region_name=REGION,
            aws_access_key_id=key,
            aws_secret_access_key="another",
            aws_session_token=token,
        )
        try:
            nobody.get_item(TableName=table, Key={"pk": {"S": "a"}, "sk": {"S": "b"}})
        except ClientError as error:
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 403, error
        else:
            raise AssertionError(f"{key} reads the table")


ALL = [readers_write_nothing, a_transaction_needs_each_of_its_parts, keys_of_nobody_open_nothing]
