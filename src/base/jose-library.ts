import { lateLibrary } from "./late-library.ts";

/** JSON Web Tokens, keys and signatures. */
export const jose = lateLibrary<typeof import("jose")>("jose");
