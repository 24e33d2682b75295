#!/bin/sh
# lint.sh VERSION runs golangci-lint in exactly that version over everything: the
# one on the PATH where it fits, else one installed once into .bin.
set -eu
version=$1
shift

fits() {
    "$1" version 2>/dev/null | grep -qE "version v?$(echo "$version" | sed 's/\./\\./g')( |\$)"
}

lint=golangci-lint
if ! fits $lint; then
    lint=$PWD/.bin/golangci-lint
    if ! fits "$lint"; then
        echo "golangci-lint $version is not on the PATH: building it into .bin (once, some minutes)" >&2
        GOBIN=$PWD/.bin GOFLAGS='' go install "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$version"
    fi
fi
exec "$lint" run "$@" ./...
