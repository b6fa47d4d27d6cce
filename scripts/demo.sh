#!/usr/bin/env bash
# demo.sh [--headless]: a user's desktop with real programs, beside-server in it, beside-viewer outside it.
#
# On a display the user's desktop is a window (Xephyr), and you are both people: click Allow in it, then use it through
# the viewer. Without one, or with --headless, everything happens on virtual displays, the demo presses the buttons itself
# and leaves pictures of both sides in target/demo. Ctrl-C stops everything.
set -euo pipefail
cd "$(dirname "$0")/.."

server=${BESIDE_SERVER:-target/debug/beside-server}
viewer=${BESIDE_VIEWER:-target/debug/beside-viewer}
out=$PWD/target/demo
greeting="Hello from the officer"

# Colours by which the demo finds what to press: those of the desk's buttons (server/src/desk/look.rs), and the terminal's.
allow='#177357' switch_off='#8b96a2' stop='#d02f2f' terminal='#10243a'

pids=()
names=()

main() {
  local shown=yes
  [[ -n ${DISPLAY:-} && ${1:-} != --headless ]] && xdpyinfo >/dev/null 2>&1 || shown=
  rm -rf "$out"
  mkdir -p "$out"
  touch "$out/Xauthority"
  trap stop_all EXIT
  trap 'exit 130' INT TERM
  if ((EUID == 0)); then export BESIDE_ALLOW_ROOT=1; fi
  if [[ $shown ]]; then with_you; else alone; fi
}

# You are at the keyboard.
with_you() {
  # What opens the person's display must go on opening it beside the demo's own.
  xauth -q nextract - "$DISPLAY" 2>/dev/null | xauth -q -f "$out/Xauthority" nmerge - 2>/dev/null || true
  start_display user "$DISPLAY" Xephyr -screen 1024x720 -title "The user's machine" -no-host-grab
  local user=$display
  start_desktop "$user"
  start_sharing "$user"
  cat <<EOF

  The window "The user's machine" is the user's desktop. The viewer now asks for a session.

    1. In the user's window: read the question, switch control on, press Allow.
    2. In the viewer: click the blue terminal and type; what you do arrives in the user's desktop.
    3. In the user's window: press Stop in the banner (or close the viewer).

  Ctrl-C here stops everything.

EOF
  local code=0
  "$viewer" connect "$address" --state-dir "$out/officer" --reason "The demo: show me the terminal" --control \
    2> >(tee "$out/viewer.log" >&2) || code=$?
  echo "The viewer has ended with exit code $code."
}

# Nobody is: the demo plays both people, with the pointers of the displays around the desktops.
alone() {
  start_display outer none Xvfb -screen 0 1024x768x24
  local outer=$display
  start_display user "$outer" Xephyr -screen 1024x768 -no-host-grab
  local user=$display
  start_display officer none Xvfb -screen 0 1280x900x24
  local officer=$display
  start "officer's window manager" "$officer" openbox --sm-disable
  on "$officer" xsetroot -solid '#7c7468'
  start_desktop "$user"
  start_sharing "$user"

  echo "The officer asks for a session."
  start viewer "$officer" "$viewer" connect "$address" --state-dir "$out/officer" --reason "The demo: show me the terminal" --control
  wait_until "the question to appear and to take answers" area "$user" "$allow" 3000
  wait_until "the viewer to say that it waits" no_area "$officer" '#000000' 50000
  pictures 1-question

  echo "The user allows control and presses Allow."
  press "$user" "$switch_off" 400 "$outer"
  wait_until "the switch to be on" no_area "$user" "$switch_off" 400
  press "$user" "$allow" 3000 "$outer"
  wait_until "the picture to arrive" area "$officer" "$terminal" 20000
  pictures 2-live

  echo "The officer types into the user's terminal."
  press "$officer" "$terminal" 20000 "$officer"
  on "$officer" xdotool type --delay 20 "echo '$greeting' | tee greeting"
  on "$officer" xdotool key Return
  wait_until "the text to arrive" grep -qs "$greeting" "$out/home/greeting"
  pictures 3-typed

  echo "The user presses Stop."
  press "$user" "$stop" 400 "$outer"
  wait_until "the banner to go" no_area "$user" "$stop" 400
  pictures 4-ended

  echo "It worked. Pictures of both sides:"
  ls "$out"/*.png
}

# A desktop with real programs: a window manager, a terminal, a clock, a calculator.
start_desktop() {
  mkdir -p "$out/home"
  start "window manager" "$1" openbox --sm-disable
  on "$1" xsetroot -solid '#5f7a8c'
  start terminal "$1" env HOME="$out/home" xterm -title "The user's terminal" -bg "$terminal" -fg white \
    -fa 'DejaVu Sans Mono' -fs 12 -geometry 60x16+40+330 -e "cd '$out/home' && PS1='user$ ' exec sh"
  start clock "$1" xclock -geometry 180x180+800+40
  start calculator "$1" xcalc -geometry 230x320+740+330
}

# Each side learns the other's key; then the server runs. Sets `address`.
start_sharing() {
  local officer_key line
  officer_key=$("$viewer" identity --state-dir "$out/officer")
  "$server" allow "$officer_key" --name "Ann Officer" --permit view,control --state-dir "$out/user"
  "$viewer" trust "$("$server" identity --state-dir "$out/user")" --name "The user's machine" --state-dir "$out/officer"
  start server "$1" "$server" share --listen 127.0.0.1:0 --consent desk --name "The user's machine" --state-dir "$out/user"
  wait_until "the server to be ready" grep -qs '^ready ' "$out/server.log"
  line=$(grep '^ready ' "$out/server.log")
  address=${line#*listen=}
  address=${address%% *}
}

# start_display NAME WHERE COMMAND…: an X server (on the display WHERE, if it needs one) that chooses its number and lets
# in only who has a fresh cookie. Sets `display`.
start_display() {
  local name=$1 where=$2 file=$out/$1.display cookie
  shift 2
  cookie=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  # The server looks at the cookie only; clients find theirs by the number once it is known.
  touch "$out/$name.auth"
  xauth -q -f "$out/$name.auth" add :0 . "$cookie"
  # shellcheck disable=SC2016
  start "$name's display" "$where" bash -c 'exec 3>"$0"; exec "$@" -displayfd 3 -noreset -nolisten tcp' "$file" "$@" -auth "$out/$name.auth"
  wait_until "$name's display to start" grep -qs . "$file"
  display=:$(<"$file")
  xauth -q -f "$out/Xauthority" add "$display" . "$cookie"
}

# on DISPLAY COMMAND…: runs it on one of the demo's displays.
on() {
  env -u WAYLAND_DISPLAY DISPLAY="$1" XAUTHORITY="$out/Xauthority" "${@:2}"
}

# start NAME DISPLAY COMMAND…: runs it in the background, with a log, until the demo ends.
start() {
  (exec env -u WAYLAND_DISPLAY DISPLAY="$2" XAUTHORITY="$out/Xauthority" "${@:3}") </dev/null >>"$out/$1.log" 2>&1 &
  pids+=($!)
  names+=("$1")
}

stop_all() {
  trap - EXIT INT TERM
  local i
  # The last first: programs before their displays.
  for ((i = ${#pids[@]} - 1; i >= 0; i--)); do kill "${pids[i]}" 2>/dev/null || true; done
  wait 2>/dev/null || true
}

# wait_until WHAT COMMAND…: tries the command until it succeeds; gives up after 30 s, or when something has died.
wait_until() {
  local what=$1 end=$((SECONDS + 30)) i
  shift
  until "$@" >/dev/null; do
    for i in "${!pids[@]}"; do
      kill -0 "${pids[i]}" 2>/dev/null || give_up "the ${names[i]} has ended while waiting for $what" "${names[i]}"
    done
    ((SECONDS < end)) || give_up "waited 30 s in vain for $what" "${names[-1]}"
    sleep 0.1
  done
}

give_up() {
  printf 'demo: %s; its log:\n' "$1" >&2
  tail -n 20 "$out/$2.log" >&2 || true
  exit 1
}

# area DISPLAY COLOUR LEAST: the middle of the largest connected area of a colour, as "x y", if it has LEAST pixels.
area() {
  on "$1" import -silent -window root png:- |
    convert png:- -alpha off -transparent "$2" -alpha extract -negate \
      -define connected-components:verbose=true -connected-components 4 null: 2>/dev/null |
    awk -v least="$3" '
      $NF ~ /255|white/ && $4 >= least && $4 > most { most = $4; split($2, box, /[x+]/) }
      END { if (!most) exit 1; print int(box[3] + box[1] / 2), int(box[4] + box[2] / 2) }'
}

no_area() {
  ! area "$@"
}

# press DISPLAY COLOUR LEAST POINTER: clicks that area with the pointer of the display POINTER.
press() {
  local x y
  read -r x y < <(area "$1" "$2" "$3") || give_up "there is nothing to press in colour $2" "${names[-1]}"
  on "$4" xdotool mousemove "$x" "$y" click 1
}

# pictures NAME: what both sides see, once nothing moves any more.
pictures() {
  wait_until "both screens to rest" at_rest
  mv "$out/user.now" "$out/$1-user.png"
  mv "$out/officer.now" "$out/$1-officer.png"
}

# Whether little has changed since the last look: a countdown may go on, windows come and go no more.
at_rest() {
  local side changed rests=yes
  for side in user officer; do
    on ":$(<"$out/$side.display")" import -silent -window root "png:$out/$side.new"
    changed=$(compare -metric AE "$out/$side.new" "$out/$side.now" null: 2>&1) || [[ $changed =~ ^[0-9]+$ ]] || changed=1000000
    ((changed < 5000)) || rests=
    mv "$out/$side.new" "$out/$side.now"
  done
  [[ $rests ]]
}

main "$@"
