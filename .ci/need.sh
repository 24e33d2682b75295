#!/bin/sh
# need.sh THING ... makes sure that each thing is on this machine: redis-server,
# cc (the race detector links with it), git or make. What is missing is installed
# with the system's package manager, as root or by sudo where that asks for no
# password; where neither works, it says what to install and fails.
set -eu

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo -n "$@"
    fi
}

may_install() {
    [ "$(id -u)" -eq 0 ] || { command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; }
}

# manager prints the package manager that can be used here, or nothing.
manager() {
    if command -v apt-get >/dev/null 2>&1; then
        may_install && echo apt
    elif command -v dnf >/dev/null 2>&1; then
        may_install && echo dnf
    elif command -v apk >/dev/null 2>&1; then
        may_install && echo apk
    elif command -v brew >/dev/null 2>&1; then
        echo brew # refuses root, needs no sudo
    fi
    return 0
}

# packages MANAGER THING prints what the thing is called there.
packages() {
    case "$1/$2" in
    apt/redis-server) echo redis-server ;;
    dnf/redis-server) echo /usr/bin/redis-server ;; # by redis or by Valkey's compatibility package
    */redis-server) echo redis ;;
    apt/cc) echo gcc libc6-dev ;;
    apk/cc) echo gcc musl-dev ;;
    */cc) echo gcc ;;
    *) echo "$2" ;;
    esac
}

install() {
    case "$1" in
    apt)
        shift
        # A fresh image has no package lists yet, and old lists name packages that are gone.
        apt "$@" || { as_root apt-get update -q && apt "$@"; }
        ;;
    dnf) shift && as_root dnf install -y -q "$@" ;;
    apk) shift && as_root apk add --no-progress "$@" ;;
    brew) shift && brew install --quiet "$@" ;;
    esac
}

apt() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"
}

has() {
    case "$1" in
    cc) command -v "${CC:-gcc}" >/dev/null 2>&1 || command -v cc >/dev/null 2>&1 ;;
    *) command -v "$1" >/dev/null 2>&1 ;;
    esac
}

for thing in "$@"; do
    if has "$thing"; then
        continue
    fi
    with=$(manager)
    if [ -n "$with" ]; then
        names=$(packages "$with" "$thing")
        echo "$thing is missing: installing $names with $with" >&2
        # shellcheck disable=SC2086 # several packages are several words
        install "$with" $names >&2 || true
    fi
    if ! has "$thing"; then
        echo "error: $thing is not on the PATH and could not be installed here." >&2
        echo "Install it (Debian: apt-get install $(packages apt "$thing")) or run as root or with passwordless sudo, then again." >&2
        exit 1
    fi
done
