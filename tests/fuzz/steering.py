"""The OpenAPI document as it is to be tested."""

import json
import re

# Values that rules beyond the schemas take, by the end of the attribute's name.
TAKEN = {
    "payment_source_type": ["stripe_payments", "KlarnaPayment"],
    "currency_code": ["EUR", "JPY"],
    "country_code": ["EU", "US", "IT"],
    "amount_cents": [0, 12900],
    "_url": ["https://shop.example.com/here?a=b"],
    "login": ["sk_test_1"],
    "_key": ["pk_test_1"],
    "api_secret": ["secret_1"],
    "account_prefix": ["vkuhvk4v"],
    "token": ["tok_4gzeau5o2uqubbk6fufs3m7p55", "xxxx.yyyy.zzzz"],
    "options": [{"id": "pm_card_mastercard"}, {"setup_future_usage": "off_session"}],
    "status": ["draft", "pending", "placed"],
    "external_includes": [["order", "order.line_items"]],
    "client_id": ["demo-integration", "demo-sales-channel"],
    "client_secret": ["demo-integration-secret"],
    "username": ["customer@example.com"],
    "password": ["demo-customer"],
    "scope": ["market:code:europe"],
}


def steered(document, ids, caller, draws, payable):
    """The document for tests as `caller`: with records that are there in place of any id and values that rules
    take (where values are drawn at random), so that requests reach something; without what only integrations may
    write, for others; and with less of what is the same everywhere. What it says of answers stays."""
    document = json.loads(json.dumps(document))
    parameters = document["components"]["parameters"]
    fields = parameters["fields"]
    for path, operations in document["paths"].items():
        kind = path.split("/")[2]
        steer_id(operations.get("parameters", []), ids.get(kind))
        for operation in operations.values():
            if isinstance(operation, dict) and "parameters" in operation:
                operation["parameters"] = steered_parameters(operation["parameters"], fields, kind)
    steer_include(parameters.values())
    schemas = document["components"]["schemas"]
    for name, schema in schemas.items():
        if re.search("_(creation|change)$", name):
            data = schema["properties"]["data"]
            attributes, relationships = (data["properties"][it] for it in ("attributes", "relationships"))
            kind = name.rsplit("_", 1)[0]
            known = {**ids, "orders": payable.get(kind, ids["orders"])}
            is_creation = name.endswith("_creation")
            steer_members(attributes, caller, is_creation)
            steer_relationships(relationships, known)
            if draws:
                offer(attributes, only=is_creation)
            if draws and is_creation and kind in payable:
                # A rule, too: a payment source is made for an order.
                relationships["required"] = ["order"]
                data["required"] = ["type", "attributes", "relationships"]
    for schema in [*schemas["token_request"]["oneOf"], schemas["revocation"]]:
        if draws:
            offer(schema, only=False)
    return document


def steer_id(parameters, known):
    for parameter in parameters:
        if known and parameter.get("$ref") == "#/components/parameters/id":
            parameter.clear()
            schema = {"type": "string", "enum": known}
            parameter.update(name="id", required=True, schema=schema, **{"in": "path"})


def steered_parameters(parameters, fields, kind):
    """No conditions, which no random tag fulfils, and fields of one type: the parser is one, the types are many."""
    steer_include(parameters)
    steered = []
    for parameter in parameters:
        name = parameter.get("$ref", "").removeprefix("#/components/parameters/")
        if name == "fields":
            schema = fields["schema"]
            properties = {it: schema["properties"][it] for it in [kind] if it in schema["properties"]}
            steered.append({**fields, "schema": {**schema, "properties": properties}})
        elif name not in ("if_match", "if_none_match"):
            steered.append(parameter)
    return steered


def steer_include(parameters):
    """Paths that are listed: most of what the pattern of longer ones takes leads nowhere."""
    for parameter in parameters:
        if parameter.get("name") == "include":
            del parameter["schema"]["items"]["anyOf"][1:]


def steer_members(schema, caller, is_creation):
    properties = schema["properties"]
    for name, member in list(properties.items()):
        description = member.get("description", "")
        if caller != "integration" and "For integrations only" in description:
            del properties[name]
        elif not is_creation and "Never shown" in description:
            # The stand-ins take the demo gateways' own keys alone: with others, payments end in 502.
            del properties[name]
        elif "not carried out" in description:
            properties[name] = {"enum": [None, False]}
    if "required" in schema:
        schema["required"] = [name for name in schema["required"] if name in properties]


def steer_relationships(schema, ids):
    for member in schema["properties"].values():
        data = member["properties"]["data"]
        for identifier in data.get("anyOf", [data]):
            steer_identifier(identifier, ids)


def offer(schema, only):
    """Values that rules take: among others, or these alone."""
    properties = schema["properties"]
    for name, member in properties.items():
        taken = next((values for end, values in TAKEN.items() if name.endswith(end)), None)
        if taken and "const" not in member:
            properties[name] = {"enum": taken} if only else {"anyOf": [{"enum": taken}, member]}


def steer_identifier(schema, ids):
    if "properties" not in schema:
        return
    kinds = schema["properties"]["type"]
    kinds = kinds.get("enum", [kinds.get("const")])
    known = [record for kind in kinds for record in ids.get(kind, [])]
    if known:
        schema["properties"]["id"] = {"enum": known}
