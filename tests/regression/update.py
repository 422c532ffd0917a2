"""Write the regression baseline anew after a change of results that is meant: python -m tests.regression.update."""

from tests.regression.baseline_run import FILE, results, write

if __name__ == "__main__":
    write(results())
    print(f"wrote {FILE}; read the difference and say in CHANGELOG.md what moved and why")
