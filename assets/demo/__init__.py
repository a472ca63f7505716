"""`make demo` and `make ui`: the whole way on the sandbox, in both CRMs and both languages, in a folder of its own."""
