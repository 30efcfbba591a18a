#!/bin/sh
# Installs the Debian packages named, if they are not there yet: `sh scripts/debian.sh NAME…`
missing=""
for name in "$@"; do
  dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing="$missing $name"
done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ]; then as=""; elif sudo -n true 2>/dev/null; then as="sudo -n"; else
  echo "These Debian packages are missing:$missing. Ask your administrator to run: apt-get install$missing" >&2
  exit 1
fi
# Installing PostgreSQL would otherwise create and start a cluster that nobody needs.
conf=/etc/postgresql-common/createcluster.conf
case "$missing" in *postgresql*) [ -e "$conf" ] || { $as mkdir -p "${conf%/*}"; echo "create_main_cluster = false" | $as tee "$conf" >/dev/null; } ;; esac
$as apt-get -q -o DPkg::Lock::Timeout=300 update >/dev/null &&
  $as env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 --no-install-recommends install $missing >/dev/null
