"""A home-made test runner, as teams have them: functions named check_*, results as JUnit XML."""

import sys
import time
import traceback
from xml.etree import ElementTree


def run(checks, report):
    """Run the functions of a module that are named check_*, write JUnit XML, and exit by the outcome."""
    suite = ElementTree.Element("testsuite", name="checks")
    failed = 0
    names = [name for name in checks if name.startswith("check_")]
    for name in names:
        begun = time.perf_counter()
        case = ElementTree.SubElement(suite, "testcase", classname="checks", name=name)
        try:
            checks[name]()
        except Exception as error:
            failed += 1
            failure = ElementTree.SubElement(case, "failure", message=f"{type(error).__name__}: {error}")
            failure.text = traceback.format_exc()
            print(f"FAIL {name}: {error}", file=sys.stderr)
        case.set("time", f"{time.perf_counter() - begun:.3f}")
    suite.set("tests", str(len(names)))
    suite.set("failures", str(failed))
    ElementTree.ElementTree(suite).write(report, encoding="unicode")
    sys.exit(1 if failed else 0)
