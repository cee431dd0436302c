#!/usr/bin/env python3
"""The deployment, as far as it goes without an account: template.yaml as a stack of an emulator of AWS, and the
functions' own binaries with the environment, the role and the routes that it gives them.

    tests/deployed/run.py [--binaries target/debug]

On this stack the documents' commands lead from an empty account to a shop whose orders are paid with a saved card, what
functions may not do is refused, and two pages of docs/operating.md are gone through step by step: rotating keys and
restoring a table. Everything listens on the loopback interface alone, and what is logged is left in target/ci/deployed.

The emulator is moto, without Docker. What it does not show, or shows by what is added to it here:

- Its CloudFormation makes eight of the template's seventeen types, and those in part: resources.py makes each by its
  service. So nothing is said of how CloudFormation itself orders, refuses or takes back.
- It knows the names of actions alone: permissions.py takes requests apart, and holds resources and conditions against
  them. A secret that is not there has no ARN there, as those say who asked AWS for one.
- Roles are assumed by the operator, who stands in for Lambda; KMS, X-Ray and CloudWatch Logs are asked nothing.
- API Gateway and Lambda's own sides are functions.py: no throttling, no CORS, one event of a function at a time.
- sam and cargo are stand-ins: the template is translated by SAM's translator, and nothing is packaged. The binaries are
  this machine's, not those for arm64.
- What the documents have one wait for, functions reading their keys again, is had by starting functions anew.
- CodeDeploy, EventBridge Scheduler and alarms are there and do nothing: sweeps are called here.
- A table is restored at once, with one second's resolution.
"""

import argparse
import signal
import sys
import time
from pathlib import Path

import forbidden
import made
import restoring
import rotating
import shop
from deployment import PROJECT, Deployment

FOLDER = PROJECT / "target/ci/deployed"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--binaries", type=Path, default=PROJECT / "target/debug")
    here = Deployment(FOLDER, parser.parse_args().binaries)
    chapters = {
        "the stack": [shop.deploy, *made.ALL],
        "from an empty account to a saved card": [*shop.ALL, made.doctor, made.metrics],
        "what is refused": forbidden.ALL,
        "rotating keys": rotating.ALL,
        "restoring a table": restoring.ALL,
    }
    # Whoever ends this ends what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        here.open()
        for title, steps in chapters.items():
            print(f"\n{title}")
            refused = here.refused()
            for step in steps:
                begun = time.monotonic()
                print(f"  {step.__name__.replace('_', ' ')} ... ", end="", flush=True)
                said = step(here)
                print(f"ok, {time.monotonic() - begun:.1f} s" + (f": {said}" if said else ""), flush=True)
            if steps is not forbidden.ALL:
                assert here.refused() == refused, "functions may not do what they do:\n" + "\n".join(here.refused())
    finally:
        here.stop()


if __name__ == "__main__":
    sys.exit(main())
