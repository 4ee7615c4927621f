# A site that shows its $tls_ variables beside nginx's own $ssl_ variables of the same connection. Use it after TestTLS.
#
# "--- variables" has names without their prefix, and makes a server "localhost" as "--- tls_config" does; directives
# for it are in "--- more". A "run" then has `pairs`; see variables.sh.
package Variables;

use strict;
use warnings;

use TestTLS;

# Since which nginx there is the $ssl_ variable; 0.9 when it is older than all that this module is for.
my %since = (sigalg => '1.29.3', client_sigalg => '1.29.3', sigalgs => '99', client_fingerprint_sha256 => '99');

sub has_stock {
    my ($name) = @_;
    return 0 if $ENV{NOSSL};
    my @has = split /[.]/, $ENV{NGINX_VERSION};
    my @needs = split /[.]/, $since{$name} // '0.9';
    for my $i (0 .. 2) {
        my $order = ($has[$i] // 0) <=> ($needs[$i] // 0);
        return $order > 0 if $order;
    }
    return 1;
}

add_block_preprocessor(sub {
    my ($block) = @_;
    my @names = split ' ', $block->variables // return;
    my @stock = grep { has_stock($_) } @names;
    my $more = $block->more // '';
    my $ours = join '', map { "$_=[\$tls_$_]\\n" } @names;
    my $theirs = join '', map { "$_=[\$ssl_$_]\\n" } @stock;
    $block->set_value(tls_config => <<"SITE");
        $more
        location = /tls { return 200 "$ours"; }
        location = /ssl { return 200 "$theirs"; }
SITE
    $block->set_value(run => ". '$ENV{T_LIB}/variables.sh'\n" . $block->run) if defined $block->run;
});

1;
