#!/usr/bin/env python3
"""What `sam build` and `sam deploy` of the documents come to here: a stack of the emulator's account."""

import io
import os
import sys
import zipfile

from resources import BUCKET, REGION, client
from stack import Stack

BUILT = "sam build: the functions are built by cargo here"


def overrides(given):
    """`Name=value`, with quotes around values that have spaces."""
    pairs = (it.split("=", 1) for it in given)
    return {name: value.strip("'") for name, value in pairs}


def package(binaries):
    """An archive for each function, whose code is elsewhere."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("bootstrap", "#!/bin/sh\n")
    s3 = client("s3")
    if not s3.list_buckets()["Buckets"]:
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    for binary in binaries:
        s3.put_object(Bucket=BUCKET, Key=binary, Body=archive.getvalue())


def main(arguments):
    command, *options = arguments
    if command == "build":
        print(BUILT)
        return
    assert command == "deploy", command
    project = os.environ["PROJECT"]
    at = options.index("--parameter-overrides")
    package(os.listdir(f"{project}/functions"))
    stack = Stack(options[options.index("--stack-name") + 1], os.environ["STACK_FILE"])
    stack.deploy(f"{project}/template.yaml", overrides(options[at + 1 :]))
    for name, value in stack.outputs.items():
        print(f"{name}\t{value}")


if __name__ == "__main__":
    main(sys.argv[1:])
