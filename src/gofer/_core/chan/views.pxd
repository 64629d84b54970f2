# Nothing is typed; compiled, so that its calls have no frames.
