# shellcheck shell=bash
# Packages of another Debian suite and source packages, through an apt configuration of our own in build/apt:
# the machine's own is never changed, and no root is needed.

# One line "URI SUITE" for each of the machine's own Debian archives, the main one first. apt parses its own
# sources here, so both formats work, and a mirror stays the mirror.
debian_archives() {
    # shellcheck disable=SC2016
    local format='$(REPO_URI) $(RELEASE) $(ORIGIN)/$(LABEL)'
    apt-get indextargets --format "$format" 'Created-By: Packages' 'Component: main' | awk '
        # Before the first apt-get update apt does not know whose archive it is: then its path has to tell.
        $3 == "Debian/Debian" || ($3 == "/" && $1 ~ /\/debian\/?$/) { print (0 + ($2 ~ /-/)), $1, $2; next }
        $3 ~ /^Debian\// || ($3 == "/" && $1 ~ /\/debian-security\/?$/) { print 2, $1, $2 }
    ' | sort -s -n -k 1,1 | cut -d " " -f 2- | awk '!seen[$0]++'
}

debian_mirror() {
    local archive
    archive=$(debian_archives | head -n 1)
    [ -n "$archive" ] || { warn "no Debian archive in this machine's apt sources"; return 1; }
    printf '%s\n' "${archive%% *}"
}

# The key of Debian's archives, whatever keys the machine's own sources use.
debian_keyring() {
    local keyring
    for keyring in /usr/share/keyrings/debian-archive-keyring.{gpg,pgp}; do
        [ ! -e "$keyring" ] || { printf '%s\n' "$keyring"; return 0; }
    done
    warn "no Debian archive keyring: the package debian-archive-keyring is missing"
    return 1
}

# apt with the sources in build/apt/NAME/sources.list. The other machine-wide settings (proxies) hold.
own_apt() { # NAME APT-COMMAND...
    local dir=$build/apt/$1 tool=$2
    shift 2
    mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
    # A file, not -o: paths may have spaces. A suite's Release file may be older than it says it may be.
    cat >"$dir/apt.conf" <<END
Dir::Etc::sourcelist "$dir/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "$dir/lists";
Dir::Cache "$dir/cache";
Acquire::Check-Valid-Until "false";
APT::Sandbox::User "";
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
END
    APT_CONFIG=$dir/apt.conf "$tool" "$@"
}

# Leaves PACKAGE's .deb of SUITE in the folder TARGET.
download_package() { # SUITE PACKAGE TARGET
    local suite=$1 package=$2 target=$3 mirror keyring
    mirror=$(debian_mirror) || return 1
    keyring=$(debian_keyring) || return 1
    mkdir -p "$build/apt/$suite" "$build/logs" "$target"
    printf 'deb [signed-by=%s] %s %s main\n' "$keyring" "$mirror" "$suite" >"$build/apt/$suite/sources.list"
    quietly "$build/logs/apt-$suite.log" own_apt "$suite" apt-get update -q || return 1
    (cd "$target" && quietly "$build/logs/download-$package.log" \
        own_apt "$suite" apt-get download -q "$package")
}

# Unpacks the source package into the folder TARGET, patches applied: that of the installed version of PACKAGE, or
# the newest that the archive really has (a mirror may lack the source of a package that it has).
download_source() { # PACKAGE TARGET
    local package=$1 target=$2 keyring version versions log=$build/logs/source-$1.log
    keyring=$(debian_keyring) || return 1
    mkdir -p "$build/apt/source" "$build/logs"
    debian_archives | sed "s,.*,deb-src [signed-by=$keyring] & main," >"$build/apt/source/sources.list"
    quietly "$build/logs/apt-source.log" own_apt source apt-get update -q || return 1
    versions=$({
        dpkg-query -W -f='${source:Version}\n' "$package"
        own_apt source apt-cache showsrc "$package" | sed -n 's/^Version: //p' | sort -r -V
    } | awk '!seen[$0]++')
    for version in $versions; do
        rm -rf "$build/source"
        mkdir -p "$build/source"
        if (cd "$build/source" && own_apt source apt-get source -q --only-source "$package=$version") \
            >"$log" 2>&1; then
            say "unpacked $package $version"
            rm -rf "$target"
            mv "$build/source/$package"-*/ "$target"
            rm -rf "$build/source"
            return 0
        fi
        warn "cannot get the source of $package $version: $(grep -m 1 '^E:' "$log")"
    done
    return 1
}
