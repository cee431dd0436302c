"""Whether the account has what the template describes: asked of each service, as others see it."""

import json

from samtranslator.yaml_helper import yaml_parse

from deployment import PROJECT, block_with, commands
from resources import client
from stack import translated

# What the defaults leave out: without a domain of one's own there is none to make.
NOT_MADE = {"ApiDomain", "ApiOfDomain"}


def everything(here):
    """Every resource of the translated template, and no other."""
    stack = here.stack()
    template, _ = translated(PROJECT / "template.yaml", stack.parameters)
    assert set(template["Resources"]) - set(stack.made) == NOT_MADE
    return f"{len(stack.made)}, of {len({it['type'] for it in stack.made.values()})} types"


def written(here):
    """The template as it is written."""
    return yaml_parse((PROJECT / "template.yaml").read_text())


def all_of_type(here, kind):
    return {name: it for name, it in here.stack().made.items() if it["type"] == kind}


def table(here):
    name = here.stack().outputs["TableName"]
    wanted = written(here)["Resources"]["Table"]["Properties"]
    has = client("dynamodb").describe_table(TableName=name)["Table"]
    assert has["KeySchema"] == wanted["KeySchema"]
    assert by_name(has["AttributeDefinitions"], "AttributeName") == by_name(
        wanted["AttributeDefinitions"], "AttributeName"
    )
    indexes = [
        {it: index[it] for it in ("IndexName", "KeySchema", "Projection")} for index in has["GlobalSecondaryIndexes"]
    ]
    assert by_name(indexes, "IndexName") == by_name(wanted["GlobalSecondaryIndexes"], "IndexName")
    assert has["BillingModeSummary"]["BillingMode"] == wanted["BillingMode"]
    assert has["DeletionProtectionEnabled"] and has["SSEDescription"]["Status"] == "ENABLED"
    expiry = client("dynamodb").describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    assert expiry == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}, expiry
    backups = client("dynamodb").describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED", backups


def by_name(of, name):
    return sorted(of, key=lambda it: it[name])


def roles(here):
    """Each role has its policies, and a function's trusts Lambda."""
    iam = client("iam")
    for role in all_of_type(here, "AWS::IAM::Role").values():
        wanted, name = role["properties"], role["ref"]
        inline = iam.list_role_policies(RoleName=name)["PolicyNames"]
        assert set(inline) == {it["PolicyName"] for it in wanted.get("Policies", [])}
        for policy in wanted.get("Policies", []):
            has = iam.get_role_policy(RoleName=name, PolicyName=policy["PolicyName"])["PolicyDocument"]
            assert has["Statement"] == policy["PolicyDocument"]["Statement"]
        attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        assert {it["PolicyArn"] for it in attached} == set(wanted.get("ManagedPolicyArns", []))
    for function in all_of_type(here, "AWS::Lambda::Function").values():
        role = function["properties"]["Role"].split("/")[-1]
        trusts = json.dumps(iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"])
        assert "lambda.amazonaws.com" in trusts


def secrets(here):
    read = client("secretsmanager").get_secret_value
    sealing = json.loads(read(SecretId="billfold/keys/sealing")["SecretString"])
    assert sealing["id"] == "k1" and len(sealing["secret"]) == 64
    assert len(read(SecretId="billfold/keys/lookup")["SecretString"]) == 64
    assert "BEGIN" in read(SecretId="billfold/keys/signing")["SecretString"]


def alarms(here):
    """Alarms, the dashboard, and the logs."""
    wanted = {it["ref"]: it["properties"] for it in all_of_type(here, "AWS::CloudWatch::Alarm").values()}
    has = {it["AlarmName"]: it for it in client("cloudwatch").describe_alarms()["MetricAlarms"]}
    assert set(has) == set(wanted)
    for name, alarm in has.items():
        assert alarm["Threshold"] == float(wanted[name]["Threshold"]), name
        assert alarm["ComparisonOperator"] == wanted[name]["ComparisonOperator"], name
    dashboard = all_of_type(here, "AWS::CloudWatch::Dashboard")["Dashboard"]["ref"]
    shown = json.loads(client("cloudwatch").get_dashboard(DashboardName=dashboard)["DashboardBody"])["widgets"]
    arns = {it["AlarmArn"].split(":")[-1] for it in has.values()}
    assert {it.split(":")[-1] for it in shown[0]["properties"]["alarms"]} == arns
    kept = {it["retentionInDays"] for it in client("logs").describe_log_groups()["logGroups"]}
    assert kept == {30}, kept


def metrics(here):
    """What alarms look at is in what functions have logged, as CloudWatch takes it for metrics."""
    assert here.sweep() is not None
    called = [it for it in here.functions.functions() if here.functions.log(it).exists()]
    lines = [it for name in called for it in here.logged(name)]
    directives = [it for line in lines for it in line.get("_aws", {}).get("CloudWatchMetrics", [])]
    told = {metric["Name"] for it in directives for metric in it["Metrics"]}
    alarms = [it["properties"] for it in all_of_type(here, "AWS::CloudWatch::Alarm").values()]
    wanted = {it["MetricName"] for it in alarms if it.get("Namespace") == "Billfold"}
    wanted |= {"GatewayCalls", "Milestones"}
    assert wanted <= told, wanted - told


def functions(here):
    """What the alias of each leads to has the environment that the template says, and a route or a schedule."""
    routed = {function for *_, function in here.gateway.routes}
    for name in here.functions.functions():
        has = here.functions.configuration(name)["Environment"]["Variables"]
        wanted = written(here)["Globals"]["Function"]["Environment"]["Variables"]
        assert set(wanted) <= set(has), name
        assert has["TABLE_NAME"] == here.stack().outputs["TableName"]
        assert has["RATE_LIMIT"] == "600" and has["PUBLIC_URL"] == "https://api.example.com"
        assert name in routed or name == "sweep", name
    schedules = client("scheduler").list_schedules()["Schedules"]
    assert len(schedules) == 1
    schedule = client("scheduler").get_schedule(Name=schedules[0]["Name"])
    assert schedule["ScheduleExpression"] == "rate(1 minute)"
    assert schedule["Target"]["Arn"].endswith("SweepFunction-1A2B3C4D5E6F:live"), schedule["Target"]
    groups = client("codedeploy").list_applications()["applications"]
    groups = client("codedeploy").list_deployment_groups(applicationName=groups[0])["deploymentGroups"]
    assert len(groups) == len(here.functions.functions())
    return f"{len(here.gateway.routes)} routes to {len(routed)} of {len(here.functions.functions())}"


def doctor(here):
    """`billfold doctor` finds the table, the keys, the issuers and the gateway as they have to be."""
    block = block_with(commands("docs/operating.md", "## Checking a deployment"), "doctor")
    table = here.stack().outputs["TableName"]
    vendor = f"export STRIPE_API_BASE={here.stand_ins['stripe']}"
    lines = here.run(f"TABLE={table}\n{vendor}\n{block.strip()} || true").splitlines()
    # No API answers at the domain of the documents, and the gateway's events are given no secret until later.
    others = [it for it in lines if not it.startswith("ok ") and "api.example.com" not in it]
    assert all("has no webhook_endpoint_secret" in it for it in others), others
    assert any(it.startswith("ok ") and f"table {table}: is there, with its keys and indexes" in it for it in lines), (
        lines
    )


def parameters_with_a_new_revision(here):
    """Another value of a parameter is a function's when the deployment has another revision, and not before."""

    def limit():
        return here.functions.configuration("get-order")["Environment"]["Variables"]["RATE_LIMIT"]

    deploy = "sam deploy --stack-name billfold --parameter-overrides"
    here.run(f"{deploy} RateLimit=601")
    assert limit() == "600"
    here.run(f"{deploy} Revision=$(date +%s) RateLimit=601")
    assert limit() == "601"
    here.run(f"{deploy} Revision=$(date +%s) RateLimit=600")
    assert limit() == "600"


ALL = [everything, table, roles, secrets, alarms, functions, parameters_with_a_new_revision]
