import { nullable, setting } from "./setting.ts";
import { address, bool, bytes, INTEGER_MAX } from "./setting-types.ts";

/** Set-TransportConfig (reference §6.3). */
export const TRANSPORT_CONFIG = {
  internalDelayDsnEnabled: setting(bool(), "true", "Delay notices to senders in our domains."),
  externalDelayDsnEnabled: setting(bool(), "true", "Delay notices to all other senders."),
  internalDsnSendHtml: setting(bool(), "true", "Notices to our own senders have an HTML part."),
  externalDsnSendHtml: setting(bool(), "true", "Notices to all other senders have an HTML part."),
  internalDsnMaxMessageAttachSize: setting(
    bytes({ min: 0, max: INTEGER_MAX }),
    "10MB",
    "A larger original is returned to our own senders as its header only; 0: always.",
  ),
  externalDsnMaxMessageAttachSize: setting(
    bytes({ min: 0, max: INTEGER_MAX }),
    "10MB",
    "The same for all other senders.",
  ),
  externalPostmasterAddress: nullable(
    address(),
    { text: "postmaster@ the default accepted domain" },
    "From of notices to senders outside.",
  ),
};
