// Which cells grow by what happened, and that no others do.
#include "stats/counting.h"

#include <map>

#include "support/cmocka.h"
#include "support/made_snapshot.h"

namespace tls {
namespace {

using Grown = std::map<size_t, uint64_t>;

Grown grown(const Growth& growth) {
    Grown cells;
    for (const Growth::Step& step : growth) {
        cells[step.cell] += step.amount;
    }
    return cells;
}

void a_handshake(void**) {
    const Grown expected = {{cell_of(FamilyId::Connections, 0), 1},
                            {cell_of(FamilyId::Handshakes, version_index(0x0304), 0), 1},
                            {cell_of(FamilyId::Duration, duration_index(std::chrono::milliseconds(2))), 1},
                            {sum_cell(FamilyId::Duration), 2000000},
                            {cell_of(FamilyId::Ciphers, cipher_index(0x1301)), 1},
                            {cell_of(FamilyId::Groups, group_index(0x001d)), 1},
                            {cell_of(FamilyId::Signatures, signature_index(0x0403)), 1}};
    assert_true(grown(growth_of(test::made_handshake())) == expected);
}

void a_resumed_handshake_without_key_exchange(void**) {
    ConnectionEvent event = test::made_handshake();
    event.resumed = true;
    event.group = 0;
    event.signature = 0;
    event.use = 1;
    const Grown cells = grown(growth_of(event));
    assert_int_equal(cells.count(cell_of(FamilyId::Handshakes, version_index(0x0304), 1)), 1);
    assert_int_equal(cells.count(cell_of(FamilyId::Handshakes, version_index(0x0304), 0)), 0);
    assert_int_equal(cells.count(cell_of(FamilyId::Connections, 1)), 1);
    assert_int_equal(cells.size(), 5);
}

void early_data_and_certificates(void**) {
    ConnectionEvent event = test::made_handshake();
    event.has_early_data = true;
    event.early_data = EarlyOutcome::Accepted;
    event.looked_for_certificate = true;
    event.certificate = CertifiedOutcome::Loaded;
    const Grown cells = grown(growth_of(event));
    assert_int_equal(cells.at(cell_of(FamilyId::EarlyData, 1)), 1);
    assert_int_equal(cells.at(cell_of(FamilyId::CertificateCache, 1)), 1);
    assert_int_equal(cells.size(), 9);
}

void each_failure_has_its_cell(void**) {
    for (size_t i = 0; i < kReasonCount; ++i) {
        const Grown expected = {{cell_of(FamilyId::Connections, 0), 1}, {cell_of(FamilyId::Failures, i), 1}};
        assert_true(grown(growth_of(test::made_failure(reason_at(i)))) == expected);
    }
}

// A client certificate that is not taken: the handshake was completed, and it failed.
void completed_and_refused(void**) {
    ConnectionEvent event = test::made_handshake();
    event.reason = Reason::VerifyFailed;
    const Grown cells = grown(growth_of(event));
    assert_int_equal(cells.at(cell_of(FamilyId::Failures, reason_index(Reason::VerifyFailed))), 1);
    assert_int_equal(cells.at(cell_of(FamilyId::Handshakes, version_index(0x0304), 0)), 1);
}

void nothing_is_out_of_bounds(void**) {
    ConnectionEvent event = test::made_handshake(std::chrono::nanoseconds(-5));
    event.use = 1000;
    event.version = event.cipher = event.group = event.signature = 0xffff;
    event.reason = Reason::Internal;
    event.has_early_data = event.looked_for_certificate = true;
    for (const Growth::Step& step : growth_of(event)) {
        assert_true(step.cell < kCellCount);
        assert_true(step.amount <= 1);
    }
}

void sessions(void**) {
    SessionOutcomes outcomes;
    assert_true(grown(growth_of(outcomes)).empty());
    outcomes.add(TicketOutcome::Issued);
    outcomes.add(TicketOutcome::Issued);
    outcomes.add(CacheOutcome::Miss);
    const Grown expected = {{cell_of(FamilyId::Tickets, 0), 2}, {cell_of(FamilyId::SessionCache, 1), 1}};
    assert_true(grown(growth_of(outcomes)) == expected);
}

}  // namespace
}  // namespace tls

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(tls::a_handshake),
                                cmocka_unit_test(tls::a_resumed_handshake_without_key_exchange),
                                cmocka_unit_test(tls::early_data_and_certificates),
                                cmocka_unit_test(tls::each_failure_has_its_cell),
                                cmocka_unit_test(tls::completed_and_refused),
                                cmocka_unit_test(tls::nothing_is_out_of_bounds),
                                cmocka_unit_test(tls::sessions)};
    return cmocka_run_group_tests_name("counting", tests, nullptr, nullptr);
}
