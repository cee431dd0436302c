"""What a request needs to be permitted, and whether policies permit it: IAM, as far as the template uses it.

moto looks at the name of an action alone. Here a request is taken apart as DynamoDB and Secrets Manager do: a
transaction needs the permission of each of its parts, a query of an index that of the index, and conditions on leading
keys are held against the partitions that are named.
"""

import fnmatch
import re
from dataclasses import dataclass, field

PARTS = {"Put": "PutItem", "Delete": "DeleteItem", "Update": "UpdateItem", "ConditionCheck": "ConditionCheckItem"}
EQUALS = re.compile(r"([#\w]+)\s*=\s*(:\w+)")
CONDITIONS = {"StringEquals", "StringLike", "ForAllValues:StringLike", "Null"}


@dataclass
class Need:
    """One permission that a request needs: what is done, to what, and what conditions are held against."""

    action: str
    resource: str
    context: dict = field(default_factory=dict)

    def __str__(self):
        leading = self.context.get("dynamodb:LeadingKeys")
        return f"{self.action} on {self.resource}" + (f" ({', '.join(leading)})" if leading else "")


def needs(action, asked, account, arn_of_secret):
    """What a request needs: `asked` is its body, `arn_of_secret` finds the ARN of a secret that is there."""
    service, name = action.split(":")
    if service == "dynamodb":
        return list(of_table(name, asked, account))
    if service == "secretsmanager":
        return [of_secret(action, asked, account, arn_of_secret)]
    return [Need(action, "*")]


def of_table(name, asked, account):
    def need(action, table, keys=None, index=None):
        arn = f"arn:aws:dynamodb:{account}:table/{table}" + (f"/index/{index}" if index else "")
        return Need(f"dynamodb:{action}", arn, {} if keys is None else {"dynamodb:LeadingKeys": keys})

    def partition(item):
        return item.get("pk", {}).get("S", "")

    if name == "TransactWriteItems":
        for part in asked["TransactItems"]:
            for kind, of in part.items():
                yield need(PARTS[kind], of["TableName"], [partition(of.get("Key") or of["Item"])])
    elif name == "TransactGetItems":
        for part in asked["TransactItems"]:
            yield need("GetItem", part["Get"]["TableName"], [partition(part["Get"]["Key"])])
    elif name == "BatchGetItem":
        for table, of in asked["RequestItems"].items():
            yield need(name, table, [partition(key) for key in of["Keys"]])
    elif name == "Query":
        yield need(name, asked["TableName"], queried(asked), asked.get("IndexName"))
    elif name == "Scan":
        yield need(name, asked["TableName"], None, asked.get("IndexName"))
    elif "TableName" in asked:
        item = asked.get("Key") or asked.get("Item")
        yield need(name, asked["TableName"], None if item is None else [partition(item)])
    else:
        yield Need(f"dynamodb:{name}", "*")


def queried(asked):
    """The partition that a query is of, which its condition begins with."""
    values, names = asked.get("ExpressionAttributeValues", {}), asked.get("ExpressionAttributeNames", {})
    equal = {names.get(it, it): value for it, value in EQUALS.findall(asked.get("KeyConditionExpression", ""))}
    return [values[it]["S"] for name, it in equal.items() if name in ("pk", "by_type", "by_reference", "by_key", "due")]


def of_secret(action, asked, account, arn_of_secret):
    if action.endswith(":CreateSecret"):
        # The six characters are its own to choose.
        arn = f"arn:aws:secretsmanager:{account}:secret:{asked['Name']}-AbCdEf"
        return Need(action, arn, {"secretsmanager:Name": asked["Name"]})
    if "SecretId" not in asked:
        return Need(action, "*")
    # A secret that is not there has no ARN: what is asked for is then all that a policy can be held against.
    arn = arn_of_secret(asked["SecretId"]) or asked["SecretId"]
    return Need(action, arn, {"secretsmanager:SecretId": asked["SecretId"]})


def is_permitted(need, policies):
    """Whether one of the policies allows it and none denies it."""
    effects = {
        statement["Effect"]
        for policy in policies
        for statement in listed(policy["Statement"])
        if meets(need, statement)
    }
    return "Allow" in effects and "Deny" not in effects


def meets(need, statement):
    unknown = set(statement) - {"Sid", "Effect", "Action", "Resource", "Condition"}
    if unknown:
        raise ValueError(f"a statement has {unknown}, which is not looked at here")
    actions, resources = listed(statement["Action"]), listed(statement["Resource"])
    return (
        any(like(need.action.lower(), it.lower()) for it in actions)
        and any(like(need.resource, it) for it in resources)
        and all(
            holds(kind, key, listed(wanted), need)
            for kind, of in statement.get("Condition", {}).items()
            for key, wanted in of.items()
        )
    )


def holds(kind, key, wanted, need):
    if kind not in CONDITIONS:
        raise ValueError(f"the condition {kind} is not known here")
    given = need.context.get(key)
    if kind == "Null":
        return [str(given is None).lower()] == wanted
    if kind == "ForAllValues:StringLike":
        return all(any(like(it, pattern) for pattern in wanted) for it in given or [])
    if given is None:
        return False
    return given in wanted if kind == "StringEquals" else any(like(given, it) for it in wanted)


def like(text, pattern):
    """IAM's wildcards: * and ?, and no sets in brackets."""
    return fnmatch.fnmatchcase(text, pattern.replace("[", "[[]"))


def listed(of):
    return of if isinstance(of, list) else [of]
