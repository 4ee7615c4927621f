# Sourced by nginx's auto/make: nginx compiles .cpp with $(CC) and its C flags, so each object of ours gets flags
# of its own. Dropped are those that C++ compilers refuse, and nginx's permission for unused parameters.
# NGX_HTTP_TLS_CXXFLAGS in configure's environment is added at the end.

cat << END >> $NGX_MAKEFILE

ngx_http_tls_cflags = \$(filter-out -std=% -Wmissing-prototypes -Wstrict-prototypes -Wno-unused-parameter \\
	-Wno-pointer-sign -Werror=implicit-function-declaration -Werror=implicit-int \\
	-Werror=incompatible-pointer-types -Werror=int-conversion,\$(CFLAGS)) \\
	-std=c++17 -Wall -Wextra -Werror -fvisibility=hidden -MMD -MP $NGX_HTTP_TLS_CXXFLAGS

END

for ngx_http_tls_src in $ngx_http_tls_srcs; do
    ngx_http_tls_obj=addon/$(basename "$(dirname "$ngx_http_tls_src")")/$(basename "$ngx_http_tls_src" .cpp)

    cat << END >> $NGX_MAKEFILE
$NGX_OBJS/$ngx_http_tls_obj.o:	CFLAGS := \$(ngx_http_tls_cflags)
-include $NGX_OBJS/$ngx_http_tls_obj.d
END
done
