import type { TestFaults } from "../../src/server/test-faults.ts";

/** Above all ids that the server gives in a test. */
const COPY_IDS = 1_000_000_000;

/** The categorizer keeps every message from recipients whose address begins with `kept`. */
export const faults: TestFaults = {
  categorize: (next) => async (input) => {
    const { message } = input;
    const kept = input.recipients.filter(({ address }) => address.startsWith("kept"));
    if (kept.length === 0 || message.quarantine !== undefined) return next(input);
    const recipients = input.recipients.filter((one) => !kept.includes(one));
    const mark = {
      type: "TransportRule",
      agent: "Transport Rule Agent",
      reason: "begins with kept",
      policy: "Keep",
    } as const;
    const copy = { ...message, id: message.id + COPY_IDS };
    const usual = await next({ ...input, recipients });
    return { ...usual, quarantined: [{ message: copy, recipients: kept, mark }] };
  },
};
