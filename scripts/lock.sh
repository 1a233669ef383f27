#!/bin/sh
# Write requirements/*.txt and package-lock.json anew: exact versions and hashes, and no registry's host.
# lock.sh --upgrade takes newer versions; without it only what pyproject.toml asks for changes.
set -eu
cd "$(dirname "$0")/.."
uv=".venv/bin/python scripts/python_packages.py pip compile --quiet --universal --python-version 3.11 --generate-hashes
    --no-header --no-annotate --no-emit-index-url --no-emit-find-links ${1:-}"
$uv requirements/build.in -o requirements/build.txt
$uv pyproject.toml --all-extras -o requirements/runtime.txt
$uv pyproject.toml --all-extras --group check --group test -c requirements/runtime.txt -o requirements/dev.txt
npm install --package-lock-only --ignore-scripts --silent
