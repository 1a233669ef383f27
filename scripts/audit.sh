#!/bin/sh
# Look up the locked packages among known vulnerabilities; say loudly what could not be looked up.
cd "$(dirname "$0")/.." || exit 1
failed=0
skipped() { echo "audit: SKIPPED: $1" >&2; }

log=$(mktemp)
trap 'rm -f "$log"' EXIT
if [ ! -x .venv/bin/pip-audit ]; then
    skipped "Python packages: pip-audit is not installed (.venv/bin/pip install pip-audit)"
elif timeout 120 .venv/bin/pip-audit --disable-pip --require-hashes -r requirements/runtime.txt >"$log" 2>&1; then
    echo "audit: no known vulnerability in Python packages"
elif grep -q "^Found .* known vulnerabilit" "$log"; then
    cat "$log"
    failed=1
else
    skipped "Python packages: the database of vulnerabilities cannot be reached: $(tail -n 1 "$log")"
fi

if ! command -v npm >/dev/null; then
    skipped "npm packages: npm is not installed"
elif timeout 120 npm audit --package-lock-only --audit-level=low >"$log" 2>&1; then
    echo "audit: no known vulnerability in npm packages"
elif grep -q "vulnerabilit" "$log" && ! grep -qi "npm err\|npm error" "$log"; then
    cat "$log"
    failed=1
else
    skipped "npm packages: the database of vulnerabilities cannot be reached: $(tail -n 1 "$log")"
fi
exit $failed
