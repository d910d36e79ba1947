"""What one name may cause within an hour."""

from __future__ import annotations

from mailgateway.deciding.caps import Cap


def test_a_cap_counts_each_name_by_itself(database: str) -> None:
    cap = Cap("test", 2)
    assert [cap.allows("a"), cap.allows("a"), cap.allows("a"), cap.allows("b")] == [True, True, False, True]
