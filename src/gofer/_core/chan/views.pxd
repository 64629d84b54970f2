from gofer._core.chan.chan cimport Chan
