from gofer._core.machine cimport borrow, tracing
