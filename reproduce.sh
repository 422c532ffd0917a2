#!/usr/bin/env bash
# Regenerates every number and figure in README.md and docs/, from the sources and data of this repository alone.
#
#   ./reproduce.sh                     everything (hours on two cores; what was finished before is not computed again)
#   ./reproduce.sh figures questions   some parts only
#
# Parts:
#   figures      docs/figures/page.png: the page as README shows it, seen in Chromium
#   odd          docs/odd.md: the tables of parameters, from code and conf
#   calibration  data/posterior, docs/calibration: posterior, backtest, recovery, patterns, ablations, screen
#   questions    outputs/: the studies behind docs/questions.md
#   users        outputs/: the other commands of README.md
#   notebooks    notebooks/*.ipynb: executed
#   benchmarks   build/benchmarks.json: the engine's table
#   promises     docs/promises.md: what is left of a study that is killed, starved or damaged, and how fast it is
#   verify       every study below outputs/ recomputed and compared with its manifest
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 MKL_NUM_THREADS=1
python=.venv/bin/python
simulate() { "$python" simulate.py "$@"; }

figures() { "$python" -m tests.app.picture; }

odd() { "$python" -m tests.odd_tables; }

calibration() {
  for part in calibrate backtest recovery patterns ablations screen; do simulate "experiment=$part"; done
}

questions() {
  # The commands are those of the page itself.
  grep -oE '`python simulate.py experiment=[a-z0-9_]+`' docs/questions.md | tr -d '`' | awk '{print $3}' | sort -u |
    while read -r words; do simulate "$words" </dev/null; done
}

users() {
  simulate
  simulate report.language=zh
  "$python" -m tests.commands --whole  # the commands are those of the page itself
}

notebooks() { make notebooks NOTEBOOKS_TO=notebooks; }

benchmarks() { "$python" -m benchmarks; }

promises() { "$python" -m stress --full --into docs/promises.md; }

verify() {
  for manifest in outputs/*/manifest.json; do
    # A comparison of jobs holds no study of its own.
    if grep -q '"config"' "$manifest"; then simulate "verify=$(dirname "$manifest")"; fi
  done
}

parts=(figures odd calibration questions users notebooks benchmarks promises verify)
make dev-env
for part in "${@:-${parts[@]}}"; do
  case " ${parts[*]} " in
    *" $part "*) echo "== $part" && "$part" ;;
    *) echo "reproduce.sh: $part is none of ${parts[*]}" >&2 && exit 2 ;;
  esac
done
