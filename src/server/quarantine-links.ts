import type { Clock } from "../base/clock.ts";
import type { QuarantineDesk } from "../cmdlets/quarantine/services.ts";
import type { QuarantineLinks } from "../management/quarantine-route.ts";
import type { Organization } from "../org/organization.ts";
import { openQuarantineLink } from "../transport/quarantine/quarantine-link.ts";

/** Opens links of digests; they are good while digests are sent. */
export function createQuarantineLinks(parts: {
  readonly quarantine: Pick<QuarantineDesk, "find">;
  readonly organization: () => Organization;
  readonly linkKey: Uint8Array;
  readonly clock: Clock;
}): QuarantineLinks {
  const { quarantine, organization, linkKey: key, clock } = parts;
  return {
    async open(token) {
      const nowMs = clock.nowMs();
      const { esnEnabled, endUserQuarantineTypes } = organization().quarantinePolicy;
      const link = esnEnabled ? openQuarantineLink(token, { key, nowMs }) : undefined;
      const [kept] = link === undefined ? [] : await quarantine.find([link.messageId]);
      if (link === undefined || kept === undefined || kept.expiresMs <= nowMs) return undefined;
      const { message } = kept;
      const type = message.quarantine?.type;
      if (type === undefined || !endUserQuarantineTypes.includes(type)) return undefined;
      const recipient = kept.recipients.find(({ position }) => position === link.position);
      if (recipient === undefined) return undefined;
      return {
        identity: String(message.id),
        recipient: recipient.address,
        from: message.headerFrom || message.envelope.sender,
        subject: message.subject,
        type,
        receivedMs: message.receivedMs,
        expiresMs: kept.expiresMs,
      };
    },
  };
}
