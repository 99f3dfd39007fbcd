import { lateLibrary } from "../base/late-library.ts";

/**
 * Reads and makes certificates. Its dependency injection needs the polyfill before anything else of
 * it is loaded.
 */
export const x509 = lateLibrary<typeof import("@peculiar/x509")>(
  "@peculiar/x509",
  "reflect-metadata",
);
