#!/usr/bin/env python3
"""Adds up test result files (trx): names failures and what was not run, and prints `N passed, N failed, N skipped` last."""
import pathlib, sys
import xml.etree.ElementTree as ET

NS = {"t": "http://microsoft.com/schemas/VisualStudio/TeamTest/2010"}
folder = pathlib.Path(sys.argv[1])
projects = [pathlib.Path(p).stem for p in sys.argv[2:]]
passed = failed = skipped = 0
for name in projects:
    file = folder / f"{name}.trx"
    if not file.exists():
        # A test host that died or hung leaves no result file: that is a failure, never silence.
        print(f"failed: {name}: no results (the test process ended early)")
        failed += 1
        continue
    run = ET.parse(file).getroot()
    results = run.findall(".//t:UnitTestResult", NS)
    # A test that hung or brought the process down has no result of its own.
    if run.find("t:ResultSummary", NS).get("outcome") != "Completed" and all(r.get("outcome") != "Failed" for r in results):
        print(f"failed: {name}: aborted; {' '.join(t.text.strip() for t in run.iterfind('.//t:RunInfo/t:Text', NS) if t.text)}")
        failed += 1
    if not results:
        print(f"failed: {name}: no tests")
        failed += 1
    for r in results:
        outcome = r.get("outcome")
        if outcome == "Passed":
            passed += 1
            continue
        text = (r.findtext(".//t:Message", "", NS) or "").strip().splitlines()
        reason, more = (text[0], text[1:20]) if text else ("", [])
        if outcome == "NotExecuted":
            skipped += 1
            reason = reason or (r.findtext(".//t:StdOut", "", NS) or "").strip()
            print(f"not run: {r.get('testName')}: {reason}")
        else:
            failed += 1
            print(f"failed: {r.get('testName')}: {reason}", *more, sep="\n    ")
print(f"{passed} passed, {failed} failed, {skipped} skipped")
sys.exit(1 if failed else 0)
