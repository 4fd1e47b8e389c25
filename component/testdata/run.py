"""Deploys the example in this folder with an inline program of the Automation API, which needs no language host, and prints
the outputs: run.py up REGION, run.py destroy."""

import json
import runpy
import sys

from pulumi import automation

stack = automation.create_or_select_stack(
    project_name="events", stack_name="dev", program=lambda: runpy.run_path("__main__.py")
)
if sys.argv[1] == "destroy":
    stack.destroy()
else:
    stack.set_config("aws:region", automation.ConfigValue(sys.argv[2]))
    outputs = stack.up().outputs
    print(json.dumps({name: output.value for name, output in outputs.items()}))
