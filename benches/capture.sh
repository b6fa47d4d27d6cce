#!/usr/bin/env bash
# capture.sh [FOLDER [SCENE...]]: records what real programs show, on a virtual display of 1920 x 1080, for
# `cargo run --release -p beside-benches --bin table -- FOLDER`. Without names it records every scene that its programs
# are there for: Debian's xvfb, openbox, xterm, xdotool, x11-xserver-utils, imagemagick, mousepad, gnumeric, chromium,
# fonts-dejavu-core.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=${1:-benches/captures}
shift || true
work=$(mktemp -d)
size=1920x1080
pids=()

# Each scene: a function that starts its programs, does what has to be seen before, and calls `record`.
scenes=(
  terminal_flood terminal_flood_subpixel typing_mono typing_proportional editor_scroll editor_scroll_dark editor_scroll_subpixel
  menus alt_tab drag resize sheet_page sheet_sideways web_scroll web_scroll_dark slides photo video
)

main() {
  mkdir -p "$folder"
  folder=$(realpath "$folder")
  trap 'stop_all; rm -rf "$work"' EXIT
  cargo build --quiet --locked --release -p beside-benches --bin record
  write_pages
  (($#)) || set -- "${scenes[@]}"
  local scene
  for scene in "$@"; do
    echo "== $scene"
    begin
    "$scene"
    stop_all
  done
}

# --- Scenes -----------------------------------------------------------------------------------------------------------

terminal_flood() {
  terminal 'sleep 3; find /usr/share -printf "%M %u %8s %t %p\n" 2>/dev/null | while read -r line; do echo "$line"; ((n++ % 15)) || sleep 0.03; done'
  sleep 2
  record --seconds 8
}

terminal_flood_subpixel() {
  subpixel
  terminal_flood
}

typing_mono() {
  editor "$work/code.txt" 'Monospace 11'
  xdotool key ctrl+End
  record_while type_text
}

typing_proportional() {
  editor "$work/letter.txt" 'Sans 11'
  xdotool key ctrl+End
  record_while type_text
}

editor_scroll() {
  editor "$work/code.txt" 'Monospace 11'
  xdotool mousemove 900 500
  record_while wheel_down
}

editor_scroll_dark() {
  export GTK_THEME=Adwaita:dark
  editor_scroll
  unset GTK_THEME
}

editor_scroll_subpixel() {
  subpixel
  editor_scroll
}

menus() {
  editor "$work/code.txt" 'Monospace 11'
  record_while open_and_close
}

alt_tab() {
  wallpaper
  terminal 'ls -l /usr/bin; cat' 130x45+100+80
  editor "$work/code.txt" 'Monospace 11' floating
  record_while take_turns
}

drag() {
  wallpaper
  terminal 'ls -l /usr/bin; cat' 100x35+200+150
  record_while carry
}

resize() {
  wallpaper
  editor "$work/code.txt" 'Monospace 11' floating
  record_while pull
}

sheet_page() {
  sheet
  record_while page_down
}

sheet_sideways() {
  sheet
  record_while go_right
}

web_scroll() {
  browser "file://$work/page.html"
  xdotool mousemove 900 600
  record_while wheel_down
}

web_scroll_dark() {
  browser "file://$work/page.html#dark"
  xdotool mousemove 900 600
  record_while wheel_down
}

slides() {
  browser "file://$work/slides.html"
  record_while forth_and_back
}

photo() {
  browser "file://$work/photos.html"
  record_while forth_and_back
}

video() {
  browser "file://$work/video.html"
  record --seconds 5
}

# --- What is done in them ---------------------------------------------------------------------------------------------

type_text() {
  xdotool type --delay 70 'The printer on the second floor has been offline since this morning. I restarted it twice, and the queue still shows eleven jobs.'
}

wheel_down() { repeat 60 0.08 xdotool click 5; }
page_down() { repeat 25 0.2 xdotool key Page_Down; }
go_right() { repeat 60 0.1 xdotool key Right; }

open_and_close() {
  local menu
  for menu in f e s v d f e s v d; do
    xdotool key "alt+$menu"
    sleep 0.3
    xdotool key Escape
    sleep 0.3
  done
}

take_turns() {
  local windows turn window
  mapfile -t windows < <(xdotool search --onlyvisible --class 'xterm|mousepad')
  for turn in {1..16}; do
    window=${windows[turn % ${#windows[@]}]}
    xdotool windowmove "$window" $((100 + turn * 37)) $((60 + turn * 21)) windowactivate "$window"
    sleep 0.4
  done
}

carry() {
  local window step
  window=$(xdotool search --onlyvisible --class xterm | tail -n 1)
  for step in {1..90}; do
    xdotool windowmove "$window" $((200 + step * 8)) $((150 + step * 3))
    sleep 0.04
  done
}

pull() {
  local window step
  window=$(xdotool search --onlyvisible --class mousepad | tail -n 1)
  for step in {1..60}; do
    xdotool windowsize "$window" $((700 + step * 9)) $((500 + step * 5))
    sleep 0.06
  done
}

forth_and_back() {
  local key
  for key in Next Prior Next Next Prior Next Next Prior Next; do
    xdotool key "$key"
    sleep 0.7
  done
}

repeat() {
  local times=$1 pause=$2 n
  shift 2
  for ((n = 0; n < times; n++)); do
    "$@"
    sleep "$pause"
  done
}

# --- Programs ---------------------------------------------------------------------------------------------------------

terminal() {
  start xterm -fa 'DejaVu Sans Mono' -fs 11 -geometry "${2:-210x58+0+0}" -bg '#1e1e1e' -fg '#d4d4d4' -e bash -c "$1"
  await xterm
}

# editor FILE FONT [floating]
editor() {
  gsettings set org.xfce.mousepad.preferences.view use-default-monospace-font false 2>/dev/null || true
  gsettings set org.xfce.mousepad.preferences.view font-name "$2" 2>/dev/null || true
  start mousepad --disable-server "$1"
  await mousepad
  sleep 3
  local window
  window=$(xdotool search --onlyvisible --class mousepad | tail -n 1)
  if [[ ${3:-} ]]; then
    xdotool windowsize "$window" 1100 760 windowmove "$window" 400 200
  else
    xdotool windowmove "$window" 0 0 windowsize "$window" 1910 1040
  fi
  sleep 2
}

sheet() {
  start gnumeric --no-splash "$work/sheet.csv"
  await gnumeric
  local window
  window=$(xdotool search --onlyvisible --class gnumeric | tail -n 1)
  xdotool windowmove "$window" 0 0 windowsize "$window" 1910 1040
  sleep 4
}

browser() {
  start chromium --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --user-data-dir="$work/profile$RANDOM" --window-position=0,0 \
    --window-size=1920,1060 --app="$1"
  await chromium
  sleep 5
}

wallpaper() {
  # It sets the wallpaper and still says that it failed.
  display -window root "$work/photo1.png" || true
}

subpixel() {
  export FONTCONFIG_FILE=$work/fonts.conf
}

# --- What they show ---------------------------------------------------------------------------------------------------

write_pages() {
  seq 1 400 | sed 's/.*/let account_& = self.reader.entry(key, &)?; \/\/ The & of a batch is known once it has a label./' >"$work/code.txt"
  seq 1 20 | sed 's/.*/Dear colleague, this is paragraph & of a letter about the printer on the second floor./' >"$work/letter.txt"
  echo >>"$work/letter.txt"
  awk 'BEGIN { srand(1); for (r = 0; r < 900; r++) { line = "entry " r; for (c = 0; c < 60; c++) line = line "," int(rand() * 9999999) / 100; print line } }' >"$work/sheet.csv"
  local n
  for n in 1 2 3 4 5 6; do
    convert -seed "$n" -size "$size" plasma:fractal -blur 0x1 -attenuate 0.12 +noise Gaussian "$work/photo$n.png"
  done
  cat >"$work/fonts.conf" <<'XML'
<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><include>/etc/fonts/fonts.conf</include><match target="pattern">
<edit name="rgba" mode="assign"><const>rgb</const></edit><edit name="antialias" mode="assign"><bool>true</bool></edit>
<edit name="lcdfilter" mode="assign"><const>lcddefault</const></edit></match></fontconfig>
XML
  {
    echo '<style>body{font:17px sans-serif;margin:0}header{position:fixed;top:0;width:100%;background:#06b;color:#fff;padding:14px}'
    echo 'main{width:880px;margin:80px auto}img{width:880px;height:330px;object-fit:cover}:target,body:has(:target){background:#1e1e1e;color:#ddd}</style>'
    echo '<body><header>Help pages &nbsp; Printers &nbsp; Network</header><main id=dark>'
    for n in {1..40}; do
      echo "<h2>Section $n of the handbook</h2><p>The printer on floor $n has been offline since this morning, and its queue shows $((n * 7)) jobs that nobody sent. It may be the same fault as in March: back then the driver had been replaced by an update, and printing to a file worked while everything else stood still.</p>"
      ((n % 4)) || echo "<img src=photo$((n / 4 % 6 + 1)).png>"
    done
  } >"$work/page.html"
  {
    echo '<style>body{margin:0;font:34px sans-serif}section{height:100vh;padding:60px;box-sizing:border-box}h1{color:#06b}</style>'
    for n in {1..9}; do
      echo "<section><h1>Slide $n: the printers of this building</h1><ul><li>Floor $n had $((n * 3)) faults<li>The queue is read by the server<li>Drivers are updated on Mondays</ul>"
      ((n % 2)) || echo "<img src=photo$((n / 2)).png width=900>"
      echo '</section>'
    done
    page_keys
  } >"$work/slides.html"
  {
    echo '<style>body{margin:0}section{height:100vh}img{width:100vw;height:100vh}</style>'
    for n in 1 2 3 4 5 6; do echo "<section><img src=photo$n.png></section>"; done
    page_keys
  } >"$work/photos.html"
  cat >"$work/video.html" <<'HTML'
<body style="font:17px sans-serif"><p>A film in a page of text that stays.</p><canvas id=c width=960 height=540></canvas>
<p>The printer on the second floor has been offline since this morning.</p><img id=i src=photo1.png hidden><script>
const context = c.getContext('2d'); let step = 0;
setInterval(() => { step += 3; context.drawImage(i, step % 900, 200, 960, 540, 0, 0, 960, 540);
  for (let n = 0; n < 4000; n++) { context.fillStyle = `rgba(${n % 255},99,99,.2)`;
    context.fillRect(Math.random() * 960, Math.random() * 540, 2, 2); } }, 33);
</script>
HTML
}

# A key shows the next or the last screen at once.
page_keys() {
  echo '<script>let at=0;onkeydown=e=>{at+=e.key=="PageDown"?1:e.key=="PageUp"?-1:0;scrollTo({top:at*innerHeight,behavior:"instant"});e.preventDefault()}</script>'
}

# --- Display and recorder ---------------------------------------------------------------------------------------------

begin() {
  rm -f "$work/display"
  start Xvfb -displayfd 3 -screen 0 "${size}x24" -fbdir "$work" -nolisten tcp 3>"$work/display"
  until [[ -s $work/display ]]; do sleep 0.1; done
  DISPLAY=:$(<"$work/display")
  # A home of its own, so that no program finds what another scene left.
  export DISPLAY GSETTINGS_BACKEND=keyfile HOME=$work/$scene XDG_CACHE_HOME=$work/cache
  mkdir -p "$HOME"
  unset FONTCONFIG_FILE
  start openbox
  xsetroot -solid '#336'
  sleep 1
}

# Records the scene that runs.
record() {
  target/release/record "$work/Xvfb_screen0" "$folder/$scene.capture" "$@"
}

# Records while a function works, and half a second longer.
record_while() {
  "$1" &
  local hand=$!
  pids+=("$hand")
  record --seconds 12
}

start() {
  "$@" >>"$work/log" 2>&1 &
  pids+=("$!")
}

# Waits until a program of that class has a window.
await() {
  local n
  for n in {1..200}; do
    xdotool search --onlyvisible --class "$1" >/dev/null 2>&1 && sleep 1 && return
    sleep 0.1
  done
  echo "capture.sh: no window of $1" >&2
  return 1
}

# Ends what was started here, the last first.
stop_all() {
  local n
  for ((n = ${#pids[@]} - 1; n >= 0; n--)); do
    kill "${pids[n]}" 2>/dev/null || true
    wait "${pids[n]}" 2>/dev/null || true
  done
  pids=()
}

main "$@"
