import { createRequire } from "node:module";

const load = createRequire(import.meta.url);

/**
 * Loads a library when it is first needed: what a thread imports it loads at its start, and some
 * libraries are a third of that, for what few threads ever do.
 * @param before what has to be there before it
 */
export function lateLibrary<Library>(name: string, before?: string): () => Library {
  return () => {
    if (before !== undefined) load(before);
    return load(name);
  };
}
