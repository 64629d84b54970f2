from gofer._core cimport borrow, tracing
