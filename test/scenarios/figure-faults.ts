import type { TestFaults } from "../../src/server/test-faults.ts";

/** Figures of mail flow are kept at every look, some seconds apart, in place of every minute. */
export const faults: TestFaults = { figureIntervalMs: 500 };
