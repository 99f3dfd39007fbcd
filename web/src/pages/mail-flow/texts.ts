import { textsOf } from "../../base/texts.ts";

const en = {
  area: "Mail flow",
  receiveConnectors: "Receive connectors",
  receiveAbout:
    "Where mail comes in: addresses and ports that the server listens on, who may connect, and " +
    "what he may do there.",
  newReceive: "New receive connector",
  noReceive: "No receive connector yet",
  noReceiveHint: "Without one no mail comes in by SMTP. Make one that listens on port 25.",
  name: "Name",
  bindings: "Bindings",
  remoteRanges: "Remote IP ranges",
  enabled: "Enabled",
  general: "General",
  security: "Security",
  scoping: "Scoping",
  limits: "Limits",
};

/** Texts of the area of connectors, domains and rules. */
export const texts = textsOf({ en });
