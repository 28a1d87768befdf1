# shellcheck shell=bash disable=SC2034
# Common settings and helpers of the LAVA lab. Sourced by up, down, seed, run-job, manage.
# Every path is computed from this file's own place or from LAB_DIR.
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin
LAB_DIR=${LAB_DIR:-/var/tmp/basalt-lab}
LAB_MASTERS=${LAB_MASTERS:-3}              # how many masters
LAB_BASE_PORT=${LAB_BASE_PORT:-8101}       # HTTP   8101, 8102, ...
LAB_WS_PORT=${LAB_WS_PORT:-8201}           # /ws/   8201, 8202, ...
LAB_EVENT_PORT=${LAB_EVENT_PORT:-8301}     # ZMQ PUB 8301, 8302, ...
LAB_PG_PORT=${LAB_PG_PORT:-25482}      # below the ephemeral port range on purpose
LAB_REDIS_PORT=${LAB_REDIS_PORT:-26482}
LAB_FILES_PORT=${LAB_FILES_PORT:-8190}     # kernel + ramdisk for the real jobs
LAB_SINK_PORT=${LAB_SINK_PORT:-8191}       # callback sink (records what LAVA posts)
LAB_WORKERS=${LAB_WORKERS:-2}              # gunicorn workers per master (LAVA's own default: 4)
LAB_WORKER_CLASS=${LAB_WORKER_CLASS:-eventlet}  # LAVA's own default
LAB_NAMES=(alpha beta gamma delta epsilon zeta eta theta)
PY=/usr/bin/python3
LAVA_USER=lavaserver
JSON=$LAB_DIR/lab.json

say() { printf '[lab %(%H:%M:%S)T] %s\n' -1 "$*" >&2; }
# Scripts run beside each other: none may find a file of another half written.
install_tools() {
  local f; for f in "$HERE"/tools/*.py; do
    cp "$f" "$LAB_DIR/bin/.$$" && chmod 644 "$LAB_DIR/bin/.$$" && mv -f "$LAB_DIR/bin/.$$" "$LAB_DIR/bin/${f##*/}"
  done
}
die() { say "ERROR: $*"; exit 1; }
need_root() { [ "$(id -u)" = 0 ] || die "run as root (it installs packages and drops privileges itself)"; }

# alive PIDFILE -> true when the recorded process is still ours (pid and start time match)
proc_start() { awk '{sub(/^.*\) /,""); print $20}' "/proc/$1/stat" 2>/dev/null; }
alive() { local p s; [ -f "$1" ] || return 1; read -r p s < "$1"; [ -n "$p" ] && [ -d "/proc/$p" ] && [ "$(proc_start "$p")" = "$s" ]; }
# start NAME USER LOGFILE -- cmd...   (recorded in $LAB_DIR/pids/NAME; started once)
start() {
  local name=$1 user=$2 log=$3 p; shift 4
  local pf=$LAB_DIR/pids/$name
  if alive "$pf"; then return 0; fi
  if [ "$user" = root ]; then setsid "$@" >>"$log" 2>&1 </dev/null &
  else setsid setpriv --reuid "$user" --regid "$user" --init-groups "$@" >>"$log" 2>&1 </dev/null &
  fi
  p=$!
  echo "$p $(proc_start "$p")" > "$pf"
}
# stop NAME [SIGNAL] [SECONDS]
stop() {
  local pf=$LAB_DIR/pids/$1 sig=${2:-TERM} n=${3:-10} p s i
  if alive "$pf"; then
    read -r p s < "$pf"
    [ "$sig" = none ] || kill -"$sig" "$p" 2>/dev/null
    for ((i = 0; i < n * 5; i++)); do alive "$pf" || break; sleep 0.2; done
    if alive "$pf"; then kill -KILL "$p" 2>/dev/null; fi
    say "stopped $1 (pid $p)"
  fi
  rm -f "$pf"
}
signal_all() { # SIGNAL NAMES... : first signal all, so that `stop` then waits for all at once
  local sig=$1 n p s; shift
  for n in "$@"; do if alive "$LAB_DIR/pids/$n"; then read -r p s < "$LAB_DIR/pids/$n"; kill -"$sig" "$p" 2>/dev/null || true; fi; done
}
wait_http() { # URL SECONDS
  local i; for ((i = 0; i < $2 * 5; i++)); do
    curl -fsS -o /dev/null --max-time 5 "$1" 2>/dev/null && return 0; sleep 0.2; done; return 1; }

master_index() { local i; for i in "${!LAB_NAMES[@]}"; do [ "${LAB_NAMES[$i]}" = "$1" ] && { echo "$i"; return; }; done; die "no such master: $1"; }
token_of() { printf 'lab:%s:%s' "$1" "$2" | sha256sum | cut -c1-64; }   # obvious, reproducible lab tokens
master_list() { local i; for ((i = 0; i < LAB_MASTERS; i++)); do echo "${LAB_NAMES[$i]}"; done; }

# write_env NAME -> $LAB_DIR/NAME/env : the whole configuration of one master, one KEY=VALUE a line
write_env() {
  local n=$1 i; i=$(master_index "$n")
  local d=$LAB_DIR/$n db=${2:-lava_$1} js
  mkdir -p "$d"/{media/job-output,log,run,devices,device-types,health-checks,dispatcher.d}
  js=$($PY - "$d" "$n" "$((LAB_EVENT_PORT + i))" "$LAB_PG_PORT" "$db" <<'PYEOF'
import base64, json, sys
d, n, ev, pgport, db = sys.argv[1:6]
# Read last by lava_server.settings.prod, so it wins over /etc/lava-server/settings.d/*.yaml, which the
# package writes at installation (DATABASE_URL and SECRET_KEY from the environment do not).
print(base64.b64encode(json.dumps({
    "DATABASES": {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": db, "USER": "lavalab", "PASSWORD": "lavalab", "HOST": "127.0.0.1", "PORT": int(pgport)}},
    "SECRET_KEY": "lab-only-secret-key-of-%s-0123456789abcdefghijklmnopqrstuvwxyz" % n,
    "MEDIA_ROOT": d + "/media/", "DJANGO_LOGFILE": d + "/log/django.log",
    "DEVICES_PATH": d + "/devices", "HEALTH_CHECKS_PATH": d + "/health-checks",
    "DEVICE_TYPES_PATHS": [d + "/device-types", "/usr/share/lava-server/device-types"],
    "DISPATCHER_CONFIG_PATH": d + "/dispatcher.d",
    "EVENT_NOTIFICATION": True, "INTERNAL_EVENT_SOCKET": "ipc://%s/run/events" % d,
    "EVENT_SOCKET": "tcp://127.0.0.1:%s" % ev, "EVENT_TOPIC": "org.lavalab." + n,
    "INSTANCE_NAME": n, "ALLOWED_HOSTS": ["127.0.0.1", "localhost", "[::1]"],
    # plain http on loopback; one cookie jar per master although all share a host
    "SESSION_COOKIE_SECURE": False, "CSRF_COOKIE_SECURE": False,
    "SESSION_COOKIE_NAME": "sessionid_" + n, "CSRF_COOKIE_NAME": "csrftoken_" + n,
}).encode()).decode())
PYEOF
)
  {
    echo "PATH=/usr/sbin:/usr/bin:/sbin:/bin"
    echo "LANG=C.UTF-8"
    echo "HOME=$d/run"
    echo "DJANGO_SETTINGS_MODULE=lava_server.settings.prod"
    echo "LAVA_JSON_SETTINGS=$js"
    echo "LAVA_YAML_SETTINGS_CELERY_TASK_ALWAYS_EAGER=false"
    echo "LAVA_SETTINGS_CELERY_BROKER_URL=redis://127.0.0.1:$LAB_REDIS_PORT/$i"
    echo "LAB_NAME=$n"
    echo "LAB_HOME=$d"
  } > "$d/env"
  chown -R "$LAVA_USER:$LAVA_USER" "$d" 2>/dev/null || true
}
# as_master NAME cmd... : run a command with that master's configuration, as LAVA's own user
as_master() {
  local n=$1; shift
  local -a e; mapfile -t e < "$LAB_DIR/$n/env"
  (cd "$LAB_DIR" && setpriv --reuid "$LAVA_USER" --regid "$LAVA_USER" --init-groups env -i "${e[@]}" "$@")
}
start_master_proc() { # LABEL NAME cmd...
  local label=$1 n=$2; shift 2
  local -a e; mapfile -t e < "$LAB_DIR/$n/env"
  (cd "$LAB_DIR/$n/run" && start "$n.$label" "$LAVA_USER" "$LAB_DIR/$n/log/$label.out" -- env -i "${e[@]}" "$@")
}
psql_lab() { setpriv --reuid postgres --regid postgres --init-groups psql -X -q -h "$LAB_DIR/pg/run" -p "$LAB_PG_PORT" -U postgres "$@"; }
