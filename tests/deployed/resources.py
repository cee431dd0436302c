"""The resources of a stack, each made by its service as CloudFormation makes it of its properties."""

import json
from functools import cache

import boto3

ACCOUNT, REGION, BUCKET = "123456789012", "eu-central-1", "packaged"


@cache
def client(service):
    return boto3.client(service, region_name=REGION)


def without(of, *names):
    return {name: it for name, it in of.items() if name not in names}


def made(ref, **attributes):
    return {"ref": ref, "attributes": attributes}


def make_policy(stack, name, wanted):
    document = json.dumps(wanted["PolicyDocument"])
    told = client("iam").create_policy(
        PolicyName=stack.physical(name), Description=wanted["Description"], PolicyDocument=document
    )
    return made(told["Policy"]["Arn"])


def change_policy(_, before, wanted):
    document = json.dumps(wanted["PolicyDocument"])
    client("iam").create_policy_version(PolicyArn=before["ref"], PolicyDocument=document, SetAsDefault=True)
    return before


def make_role(stack, name, wanted):
    role = stack.physical(name)[:64]
    trusted = json.dumps(wanted["AssumeRolePolicyDocument"])
    told = client("iam").create_role(RoleName=role, AssumeRolePolicyDocument=trusted)
    put_policies(role, wanted)
    return made(role, Arn=told["Role"]["Arn"])


def put_policies(role, wanted):
    for policy in wanted.get("Policies", []):
        # Without a version, IAM takes a policy for one of 2008, and moto none. They differ in variables alone.
        document = json.dumps({"Version": "2012-10-17", **policy["PolicyDocument"]})
        client("iam").put_role_policy(RoleName=role, PolicyName=policy["PolicyName"], PolicyDocument=document)
    for arn in wanted.get("ManagedPolicyArns", []):
        client("iam").attach_role_policy(RoleName=role, PolicyArn=arn)


def change_role(_, before, wanted):
    # What is put takes the place of what had its name. That something is taken away, nothing here needs.
    names = [{it["PolicyName"] for it in of.get("Policies", [])} for of in (before["properties"], wanted)]
    if names[0] - names[1] or before["properties"].get("ManagedPolicyArns") != wanted.get("ManagedPolicyArns"):
        raise ValueError(f"{before['ref']} loses a policy, which is not done here")
    put_policies(before["ref"], wanted)
    return before


def make_table(stack, name, wanted):
    table, own = (
        stack.physical(name),
        ("TimeToLiveSpecification", "PointInTimeRecoverySpecification", "SSESpecification"),
    )
    encrypted = {"Enabled": wanted["SSESpecification"]["SSEEnabled"]}
    told = client("dynamodb").create_table(TableName=table, SSESpecification=encrypted, **without(wanted, *own))
    client("dynamodb").update_time_to_live(TableName=table, TimeToLiveSpecification=wanted[own[0]])
    client("dynamodb").update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=wanted[own[1]])
    return made(table, Arn=told["TableDescription"]["TableArn"])


def make_secret(_, __, wanted):
    generated = wanted["GenerateSecretString"]
    into = ("SecretStringTemplate", "GenerateStringKey")
    text = client("secretsmanager").get_random_password(**without(generated, *into))["RandomPassword"]
    if into[0] in generated:
        text = json.dumps(json.loads(generated[into[0]]) | {generated[into[1]]: text})
    told = client("secretsmanager").create_secret(
        Name=wanted["Name"], Description=wanted["Description"], SecretString=text
    )
    return made(told["ARN"])


def make_log_group(stack, name, wanted):
    group = stack.physical(name)
    client("logs").create_log_group(logGroupName=group)
    client("logs").put_retention_policy(logGroupName=group, retentionInDays=int(wanted["RetentionInDays"]))
    return made(group, Arn=f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}:*")


def make_alarm(stack, name, wanted):
    alarm = stack.physical(name)
    put_alarm(alarm, wanted)
    return made(alarm, Arn=f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{alarm}")


def change_alarm(_, before, wanted):
    put_alarm(before["ref"], wanted)
    return before


def put_alarm(name, wanted):
    threshold = float(wanted["Threshold"])
    client("cloudwatch").put_metric_alarm(AlarmName=name, **{**wanted, "Threshold": threshold})


def make_dashboard(stack, name, wanted):
    client("cloudwatch").put_dashboard(DashboardName=stack.physical(name), DashboardBody=wanted["DashboardBody"])
    return made(stack.physical(name))


def change_dashboard(_, before, wanted):
    client("cloudwatch").put_dashboard(DashboardName=before["ref"], DashboardBody=wanted["DashboardBody"])
    return before


def make_function(stack, name, wanted):
    function = stack.physical(name)
    tags = {it["Key"]: it["Value"] for it in wanted["Tags"]}
    told = client("lambda").create_function(FunctionName=function, Tags=tags, **without(configured(wanted), "Tags"))
    return made(function, Arn=told["FunctionArn"])


def configured(wanted):
    variables = {name: str(it) for name, it in wanted["Environment"]["Variables"].items()}
    return {**wanted, "Environment": {"Variables": variables}}


def change_function(_, before, wanted):
    own = ("Code", "Architectures", "Tags")
    if {it: wanted[it] for it in own} != {it: before["properties"][it] for it in own}:
        raise ValueError(f"{before['ref']} gets other code, which is not done here")
    client("lambda").update_function_configuration(FunctionName=before["ref"], **without(configured(wanted), *own))
    return before


def make_version(_, __, wanted):
    """As Lambda has it: no version of what is published already."""
    function = wanted["FunctionName"]
    known = {it["Version"] for it in client("lambda").list_versions_by_function(FunctionName=function)["Versions"]}
    told = client("lambda").publish_version(FunctionName=function)
    if told["Version"] in known:
        raise ValueError(f"a version for this Lambda function exists ({told['Version']}): {function}")
    return made(told["FunctionArn"], Version=told["Version"])


def make_alias(_, __, wanted):
    return made(client("lambda").create_alias(**wanted)["AliasArn"])


def change_alias(_, before, wanted):
    client("lambda").update_alias(**wanted)
    return before


def make_permission(_, name, wanted):
    client("lambda").add_permission(StatementId=name, **wanted)
    return made(name)


def make_invoke_config(_, name, wanted):
    client("lambda").put_function_event_invoke_config(**without(wanted, "DestinationConfig"))
    return made(name)


def make_api(_, __, wanted):
    # moto imports into an API that is there alone.
    told = client("apigatewayv2").create_api(Name=wanted["Body"]["info"]["title"], ProtocolType="HTTP")
    client("apigatewayv2").reimport_api(ApiId=told["ApiId"], Body=json.dumps(wanted["Body"]))
    return made(told["ApiId"])


def make_stage(_, __, wanted):
    client("apigatewayv2").create_stage(
        **{
            **wanted,
            "DefaultRouteSettings": {name: int(it) for name, it in wanted["DefaultRouteSettings"].items()},
        }
    )
    return made(wanted["StageName"])


def make_application(stack, name, wanted):
    client("codedeploy").create_application(
        applicationName=stack.physical(name), computePlatform=wanted["ComputePlatform"]
    )
    return made(stack.physical(name))


def make_deployment_group(stack, name, wanted):
    alarms = wanted["AlarmConfiguration"]
    back = wanted["AutoRollbackConfiguration"]
    style = wanted["DeploymentStyle"]
    client("codedeploy").create_deployment_group(
        applicationName=wanted["ApplicationName"],
        deploymentGroupName=stack.physical(name),
        deploymentConfigName=wanted["DeploymentConfigName"],
        serviceRoleArn=wanted["ServiceRoleArn"],
        alarmConfiguration={"enabled": alarms["Enabled"], "alarms": [{"name": it["Name"]} for it in alarms["Alarms"]]},
        autoRollbackConfiguration={"enabled": back["Enabled"], "events": back["Events"]},
        deploymentStyle={"deploymentType": style["DeploymentType"], "deploymentOption": style["DeploymentOption"]},
    )
    return made(stack.physical(name))


def make_schedule(stack, name, wanted):
    # SAM leaves the name to CloudFormation, which makes one.
    client("scheduler").create_schedule(Name=stack.physical(name), **wanted)
    return made(stack.physical(name))


MAKE = {
    "AWS::ApiGatewayV2::Api": make_api,
    "AWS::ApiGatewayV2::Stage": make_stage,
    "AWS::CloudWatch::Alarm": make_alarm,
    "AWS::CloudWatch::Dashboard": make_dashboard,
    "AWS::CodeDeploy::Application": make_application,
    "AWS::CodeDeploy::DeploymentGroup": make_deployment_group,
    "AWS::DynamoDB::Table": make_table,
    "AWS::IAM::ManagedPolicy": make_policy,
    "AWS::IAM::Role": make_role,
    "AWS::Lambda::Alias": make_alias,
    "AWS::Lambda::EventInvokeConfig": make_invoke_config,
    "AWS::Lambda::Function": make_function,
    "AWS::Lambda::Permission": make_permission,
    "AWS::Lambda::Version": make_version,
    "AWS::Logs::LogGroup": make_log_group,
    "AWS::Scheduler::Schedule": make_schedule,
    "AWS::SecretsManager::Secret": make_secret,
}

CHANGE = {
    "AWS::CloudWatch::Alarm": change_alarm,
    "AWS::CloudWatch::Dashboard": change_dashboard,
    "AWS::IAM::ManagedPolicy": change_policy,
    "AWS::IAM::Role": change_role,
    "AWS::Lambda::Alias": change_alias,
    "AWS::Lambda::Function": change_function,
}
