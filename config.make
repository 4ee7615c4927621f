# Sourced by nginx's auto/make: nginx compiles .cpp with $(CC) and its C flags, so each object of ours gets flags
# of its own. Dropped are those that C++ compilers refuse, and nginx's permission for unused parameters.
# NGX_HTTP_TLS_CXXFLAGS in configure's environment is added at the end.

# What gcc's optimizer guesses about inlined library code differs from one gcc to the next, and is often wrong.
ngx_http_tls_guesses=
if [ "$NGX_CC_NAME" = gcc ]; then
    for ngx_http_tls_guess in array-bounds maybe-uninitialized restrict stringop-overflow stringop-overread; do
        ngx_http_tls_guesses="$ngx_http_tls_guesses -Wno-error=$ngx_http_tls_guess"
    done
fi

cat << END >> $NGX_MAKEFILE

ngx_http_tls_cflags = \$(filter-out -std=% -Wmissing-prototypes -Wstrict-prototypes -Wno-unused-parameter \\
	-Wno-pointer-sign -Werror=implicit-function-declaration -Werror=implicit-int \\
	-Werror=incompatible-pointer-types -Werror=int-conversion,\$(CFLAGS)) \\
	-std=c++17 -Wall -Wextra -Werror -fvisibility=hidden -MMD -MP$ngx_http_tls_guesses $NGX_HTTP_TLS_CXXFLAGS

END

for ngx_http_tls_src in $ngx_http_tls_srcs; do
    ngx_http_tls_obj=addon/$(basename "$(dirname "$ngx_http_tls_src")")/$(basename "$ngx_http_tls_src" .cpp)

    cat << END >> $NGX_MAKEFILE
$NGX_OBJS/$ngx_http_tls_obj.o:	CFLAGS := \$(ngx_http_tls_cflags)
-include $NGX_OBJS/$ngx_http_tls_obj.d
END
done
