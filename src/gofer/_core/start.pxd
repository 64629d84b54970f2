from gofer._core cimport scheduler
