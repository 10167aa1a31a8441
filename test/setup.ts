import fc from 'fast-check';

/** In CI, properties are tried on the same cases each time, so that a commit fails for what it changed. Elsewhere on new ones. */
if (process.env.CI === 'true') fc.configureGlobal({ seed: 1 });
