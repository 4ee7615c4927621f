# shellcheck shell=bash
# The suites once more, on this machine's nginx as it would be elsewhere.
#
#   libssl   records are left to libssl in every server: tls_records libssl
#   off      keys are OpenSSL's in every server: tls_batch off
#   plain    no library for cryptography beside OpenSSL, and a processor without AVX-512 as far as OpenSSL sees

# shellcheck source=tools/build/plain.sh
. "$tools/plain.sh"
# shellcheck source=tools/build/suites.sh
. "$tools/suites.sh"

command_variants() { # [libssl|off|plain ...] [FILE.t ...]
    local argument variants=() files=() variant
    for argument in "$@"; do
        case $argument in
            libssl | off | plain) variants+=("$argument") ;;
            *) files+=("$argument") ;;
        esac
    done
    [ ${#variants[@]} -gt 0 ] || variants=(libssl off plain)
    [ ${#files[@]} -gt 0 ] || mapfile -t files < <(all_suites)
    require_suite_needs
    build_module
    need_plain_build
    for variant in "${variants[@]}"; do
        "variant_$variant" "${files[@]}"
    done
    print_total
}

variant_libssl() { # FILE...
    say "suites with tls_records libssl"
    TEST_NGINX_TLS_RECORDS=libssl run_suites "$(nginx_binary)" "$plain_build/ngx_http_tls_module.so" \
        "$plain_build/variants/libssl" "$@"
}

variant_off() { # FILE...
    say "suites with tls_batch off"
    TEST_NGINX_TLS_BATCH=off run_suites "$(nginx_binary)" "$plain_build/ngx_http_tls_module.so" \
        "$plain_build/variants/off" "$@"
}

variant_plain() { # FILE...
    local folder=$plain_build/variants/plain plain_module plain_environment
    say "suites without libraries for cryptography, and without AVX-512"
    make_plain "$folder"
    # A wrapper: what starts nginx knows nothing of it. What a suite preloads stands behind what is preloaded here, the last word.
    printf '#!/bin/sh\nexec env %s${LD_PRELOAD:+:$LD_PRELOAD} %s "$@"\n' "${plain_environment[*]}" "$(nginx_binary)" >"$folder/nginx"
    chmod 755 "$folder/nginx"
    run_suites "$folder/nginx" "$plain_module" "$folder" "$@"
}
