import { SECOND } from "../../base/units.ts";
import { nullable, required, setting } from "./setting.ts";
import { bool, INTEGER_MAX, integer, line, oneOf, serverPath, span } from "./setting-types.ts";

/** What becomes of mail that an agent could not judge. */
export const AGENT_FAIL_MODES = ["Defer", "Accept", "Reject"] as const;

/** Set-TransportAgent (reference §1.5); what Exchange lacks is ours. */
export const TRANSPORT_AGENT = {
  name: required(line({ max: 64 }), "As Get-TransportAgent shows it."),
  enabled: nullable(bool(), { text: "as the agent has it" }, "Whether it acts."),
  priority: nullable(
    integer({ min: 1, max: INTEGER_MAX }),
    { text: "as the agent has it" },
    "At one event, the lower number acts first.",
  ),
  failMode: nullable(
    oneOf(AGENT_FAIL_MODES),
    { text: "as the agent has it" },
    "What becomes of mail that it could not judge: Defer answers 451, Reject 550, Accept lets " +
      "it in with a mark, so that it can be looked at again.",
  ),
  timeLimit: nullable(
    span({ min: SECOND / 10, max: 3600 * SECOND }),
    { text: "as the agent has it" },
    "How long one of its answers may take; then the fail mode decides.",
  ),
  shadowRun: setting(
    bool(),
    "false",
    "It judges and the agent log has its verdicts, but nothing comes of them: for trying it out.",
  ),
  modulePath: nullable(
    serverPath(),
    { text: "it is part of the server" },
    "The ES module of an installed agent: a whole path, or one within the folder agents of the " +
      "data directory.",
  ),
};
