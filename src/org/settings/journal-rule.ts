import { nullable, required, setting } from "./setting.ts";
import { address, bool, name, oneOf } from "./setting-types.ts";

/** Reference §17.1. */
export const JOURNAL_RULE = {
  name: required(name(), "The rule's name."),
  journalEmailAddress: required(
    address(),
    "Who gets the reports: a mailbox here, or an archive outside. Its own mail is not journaled.",
  ),
  recipient: nullable(
    address(),
    { text: "everybody" },
    "Whose mail is journaled, sent and received: a mailbox, mail user, mail contact, or a group " +
      "for its members.",
  ),
  scope: setting(
    oneOf(["Global", "Internal", "External"]),
    "Global",
    "Internal: mail from senders to recipients of the organization. External: mail that comes " +
      "from outside, or goes there. Global: both.",
  ),
  enabled: setting(bool(), "false", "Whether the rule is in force."),
};
