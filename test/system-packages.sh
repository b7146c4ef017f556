#!/usr/bin/env bash
# Installs what the tests need of Debian: a browser, fonts, and the programs on the other end of the wires.
# Does nothing where all of it is there; needs root and apt otherwise.
set -euo pipefail

packages=(chromium fonts-noto-cjk mosquitto mosquitto-clients influxdb influxdb-client python3-pymodbus python3-serial-asyncio mbpoll nut-server socat postgresql e2fsprogs xfsprogs faketime python3-aiosmtpd libnet-smpp-perl curl lighttpd python3-stdnum python3-openpyxl ffmpeg)

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "Not installed: ${missing[*]}. Tests that need them are skipped; to run them: sudo test/system-packages.sh" >&2
  exit 0
fi

# The tests start their own servers on their own ports; nothing should be started by the installation.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
  trap 'rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
