import type { TestFaults } from "../../src/server/test-faults.ts";

/** Policies of MTA-STS come from a port that needs no privileges. */
export const faults: TestFaults = { mtaStsPort: Number(process.env["MTA_STS_PORT"]) };
