from gofer._core.chan cimport Chan
