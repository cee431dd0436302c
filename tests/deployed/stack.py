"""The template as a stack: translated by SAM's own translator, and each of its resources made by its service.

moto's CloudFormation makes eight of the eighteen types and leaves parts of those out (a role's managed policies, a
table's expiry): so the stack is made here, as CloudFormation makes it, of what the template comes to. CloudFormation is
told what it puts out, for those who ask for that.
"""

import json
import logging
import re
from pathlib import Path

from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from resources import ACCOUNT, BUCKET, CHANGE, MAKE, REGION, client

logging.getLogger("samtranslator").setLevel(logging.ERROR)
SUB = re.compile(r"\$\{([^!][^}]*)\}")
NO_VALUE = object()


def translated(path, parameters):
    """The template as SAM hands it to CloudFormation, with the code packaged; and all its parameters."""
    template = yaml_parse(Path(path).read_text())
    given = {name: of["Default"] for name, of in template["Parameters"].items() if "Default" in of} | parameters
    missing, unknown = set(template["Parameters"]) - set(given), set(given) - set(template["Parameters"])
    if missing or unknown:
        raise SystemExit(f"parameters: {missing or 'none'} missing, {unknown or 'none'} unknown")
    for name, of in template["Parameters"].items():
        if "AllowedPattern" in of and not re.fullmatch(of["AllowedPattern"].strip("^$"), str(given[name])):
            raise SystemExit(f"{name} is not {of['AllowedPattern']}: {given[name]}")
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            binary = resource.pop("Metadata")["BuildProperties"]["Binary"]
            resource["Properties"]["CodeUri"] = {"Bucket": BUCKET, "Key": binary}
    return Translator({}, Parser()).translate(template, parameter_values=given), given


class Stack:
    """A stack: what there is of it is kept in a file between two deployments."""

    def __init__(self, name, file):
        self.name, self.file = name, Path(file)
        kept = json.loads(self.file.read_text()) if self.file.exists() else {}
        self.parameters = kept.get("parameters", {})
        self.made = kept.get("made", {})
        self.outputs = kept.get("outputs", {})

    def deploy(self, path, parameters):
        """Makes or changes what differs. Parameters that are not given stay as they are, as `sam deploy` has it."""
        template, self.parameters = translated(path, self.parameters | parameters)
        self.template = template
        self.resources = template["Resources"]
        self.done = {}
        for name in self.resources:
            self.make(name)
        self.made = self.done
        self.outputs = {
            name: self.value(of["Value"]) for name, of in template["Outputs"].items() if self.holds(of.get("Condition"))
        }
        self.tell_cloudformation()
        kept = {"parameters": self.parameters, "made": self.made, "outputs": self.outputs}
        self.file.write_text(json.dumps(kept, indent=1))

    def make(self, name):
        """The resource as it is in this deployment: it is made or changed when it is first asked for."""
        if name in self.done:
            return self.done[name]
        resource = self.resources[name]
        if not self.holds(resource.get("Condition")):
            return None
        for needed in listed(resource.get("DependsOn", [])):
            self.make(needed)
        kind, wanted = resource["Type"], self.value(resource["Properties"])
        before = self.made.get(name)
        if before is None:
            made = MAKE[kind](self, name, wanted)
        elif before["properties"] == wanted:
            made = before
        else:
            made = CHANGE[kind](self, before, wanted)
        self.done[name] = {"type": kind, "properties": wanted, **{it: made[it] for it in ("ref", "attributes")}}
        return self.done[name]

    def holds(self, condition):
        return condition is None or self.truth({"Condition": condition})

    def truth(self, of):
        (kind, of), *_ = of.items()
        if kind == "Condition":
            return self.truth(self.template["Conditions"][of])
        if kind == "Fn::Not":
            return not self.truth(of[0])
        if kind == "Fn::Equals":
            return str(self.value(of[0])) == str(self.value(of[1]))
        return {"Fn::And": all, "Fn::Or": any}[kind](map(self.truth, of))

    def value(self, of):
        """What an expression of the template comes to."""
        if isinstance(of, list):
            return [it for it in map(self.value, of) if it is not NO_VALUE]
        if not isinstance(of, dict):
            return of
        if len(of) == 1:
            (kind, given), *_ = of.items()
            if kind == "Ref":
                return self.ref(given)
            if kind == "Fn::GetAtt":
                name, attribute = given.split(".", 1) if isinstance(given, str) else given
                return self.make(name)["attributes"][attribute]
            if kind == "Fn::Sub":
                return self.sub(given)
            if kind == "Fn::If":
                return self.value(given[1] if self.truth({"Condition": given[0]}) else given[2])
            if kind == "Fn::Join":
                return given[0].join(map(str, self.value(given[1])))
            if kind.startswith("Fn::"):
                raise ValueError(f"{kind} is not known here")
        values = ((name, self.value(it)) for name, it in of.items())
        return {name: it for name, it in values if it is not NO_VALUE}

    def ref(self, name):
        pseudo = {
            "AWS::AccountId": ACCOUNT,
            "AWS::NoValue": NO_VALUE,
            "AWS::Partition": "aws",
            "AWS::Region": REGION,
            "AWS::StackName": self.name,
            "AWS::URLSuffix": "amazonaws.com",
        }
        if name in pseudo:
            return pseudo[name]
        return self.parameters[name] if name in self.parameters else self.make(name)["ref"]

    def sub(self, given):
        text, more = (given, {}) if isinstance(given, str) else given

        def one(found):
            name = found[1]
            if name in more:
                return str(self.value(more[name]))
            return str(self.value({"Fn::GetAtt": name} if "." in name else {"Ref": name}))

        return SUB.sub(one, text)

    def physical(self, name):
        return f"{self.name}-{name}-1A2B3C4D5E6F"

    def tell_cloudformation(self):
        told = {
            "Resources": {"Stack": {"Type": "AWS::CloudFormation::WaitConditionHandle"}},
            "Outputs": {name: {"Value": it} for name, it in self.outputs.items()},
        }
        tell = client("cloudformation").update_stack if self.made_before() else client("cloudformation").create_stack
        tell(StackName=self.name, TemplateBody=json.dumps(told))

    def made_before(self):
        return self.file.exists()


def listed(of):
    return of if isinstance(of, list) else [of]
