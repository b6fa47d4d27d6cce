#!/usr/bin/env bash
# install.sh build|test|demo: installs the system packages that are missing for it, on Debian and its kin; elsewhere says
# what to install. Does nothing when nothing is missing.
set -euo pipefail

# scrap links libxcb and enigo libxkbcommon; some crates hold C.
build=(gcc libc6-dev make pkg-config libxcb1-dev libxcb-shm0-dev libxcb-randr0-dev libxkbcommon-dev)
# What the windows load when they start.
windows=(libx11-6 libx11-xcb1 libxcursor1 libxi6 libxkbcommon0 libxkbcommon-x11-0)
# Virtual displays, and real programs to look at and to type into.
displays=(xvfb xserver-xephyr xauth openbox xterm x11-apps fonts-dejavu-core dbus-daemon)
# Bad lines between the programs.
lines=(iproute2)
# A keyring.
keyring=(dbus gnome-keyring)
# What the demo presses buttons and takes pictures with.
demo=(xdotool x11-utils x11-xserver-utils imagemagick)

fail() {
  printf '%s\n' "$@" >&2
  exit 1
}

case ${1:-} in
  build) wanted=("${build[@]}") ;;
  test) wanted=("${build[@]}" "${windows[@]}" "${displays[@]}" "${lines[@]}" "${keyring[@]}") ;;
  demo) wanted=("${build[@]}" "${windows[@]}" "${displays[@]}" "${demo[@]}") ;;
  *) fail "usage: install.sh build|test|demo" ;;
esac

command -v cargo >/dev/null || fail "cargo is missing: install Rust 1.95 or newer, with rustup for instance, then try again"

if ! command -v apt-get >/dev/null; then
  # Without apt only the programs that are used can be looked for.
  missing=()
  for program in cc pkg-config $([[ $1 == build ]] || echo Xvfb Xephyr openbox xterm dbus-daemon) $([[ $1 != demo ]] || echo xdotool import); do
    command -v "$program" >/dev/null || missing+=("$program")
  done
  ((${#missing[@]} == 0)) || fail "missing here: ${missing[*]}" "on Debian that is: ${wanted[*]}" "install the same with this system's tools, then try again"
  exit 0
fi

missing=()
for package in "${wanted[@]}"; do
  status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
  [[ $status == installed ]] || missing+=("$package")
done
((${#missing[@]})) || exit 0

echo "installing: ${missing[*]}"
as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null || fail "not root and no sudo: have someone run" "  apt-get install ${missing[*]}"
  as_root=(sudo)
  [[ -t 0 ]] || as_root+=(-n)
fi
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
