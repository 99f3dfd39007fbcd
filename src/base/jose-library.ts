import { lateLibrary } from "./late-library.ts";

/** JSON Web Tokens, keys and signatures (RFC 7515 to 7519). */
export const jose = lateLibrary<typeof import("jose")>("jose");
