"""Tables in, tables out: raw -> canonical -> signals; readiness -> CRM fields and alerts. No I/O, no clock."""
