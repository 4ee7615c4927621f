#!/usr/bin/env bash
# The one door to building, trying and testing the module. Each command is a file in tools/build/.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
build=$root/build
tools=$root/tools/build

usage() {
    cat <<'END'
usage: ./build.sh COMMAND

  build                            build/ngx_http_tls_module.so for the installed nginx
  run [--port N] [--http-port N]   that nginx with the module on https://localhost:8443, in the foreground
  test                             build, unit tests and all suites
  unit [--operations N] [FILE_test.cpp ...]
                                   the unit tests, or those named; N operations of each kind are compared with OpenSSL's
  suites [FILE.t ...]              the Test::Nginx suites, or those named
  variants [libssl|off|plain] [FILE.t ...]
                                   suites with libssl's records, with tls_batch off, or without AVX-512 and libraries
                                   that need it
  lint                             layers, sizes, formatting, clang-tidy, README, scripts
  asan [FILE.t ...]                unit tests and suites with AddressSanitizer and UBSan
  fuzz [SECONDS] [--keep]          each fuzz target for that long (30); --keep adds to t/fuzz/corpus
  bench [PART ...] [OPTION ...]    CPU and memory beside nginx's own TLS and other servers; "bench help" has the parts
  matrix [trixie|sid|nossl ...]    tests on other Debian releases and on an nginx without ssl
  matrix trixie|sid bench ...      the bench there
  package                          a Debian package in build/package/
  install                          the module where the installed nginx looks for modules
  clean                            removes build/
  help                             this text

What is missing is installed with apt-get, which needs root (or sudo). Nothing else does.
END
}

command=${1:-help}
[ $# -eq 0 ] || shift

# shellcheck source=tools/build/common.sh
. "$tools/common.sh"

case $command in
    build | run | test | unit | suites | variants | lint | asan | fuzz | bench | matrix | package | install | clean)
        # shellcheck source=/dev/null
        . "$tools/$command.sh"
        "command_$command" "$@"
        ;;
    help | --help | -h)
        usage
        ;;
    *)
        usage >&2
        die "unknown command \"$command\""
        ;;
esac
