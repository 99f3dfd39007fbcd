import type { Clock } from "../base/clock.ts";
import type { SecretBox } from "../base/secret-box.ts";
import type { ModerationDesk } from "../cmdlets/quarantine/services.ts";
import type { ModerationLinks } from "../management/moderation-route.ts";
import type { LinkTo } from "../transport/moderation/approval-request.ts";
import {
  formatModerationLink,
  holdMark,
  MODERATION_ROOT,
  moderationLinkKey,
  openModerationLink,
} from "../transport/moderation/moderation-link.ts";
import { linkBase } from "../transport/quarantine/digest-sender.ts";

/** Makes the links of moderators. */
export function createLinkTo(secrets: SecretBox): LinkTo {
  const key = moderationLinkKey(secrets);
  return (link, { organization, nowMs }) => {
    const base = linkBase(organization);
    const { moderationExpirationTimeoutMs: waitsMs } = organization.transportConfig;
    const made = { key, expiresMs: nowMs + waitsMs };
    return base && `${base}${MODERATION_ROOT}${formatModerationLink(link, made)}`;
  };
}

/** Opens the links of moderators while the message waits. */
export function createModerationLinks(parts: {
  readonly moderation: Pick<ModerationDesk, "messages">;
  readonly linkKey: Uint8Array;
  readonly clock: Clock;
}): ModerationLinks {
  const { moderation, linkKey: key, clock } = parts;
  return {
    async open(token) {
      const nowMs = clock.nowMs();
      const link = openModerationLink(token, { key, nowMs });
      if (link === undefined) return undefined;
      const found = [];
      for await (const page of moderation.messages(new AbortController().signal)) {
        found.push(
          ...page.filter(
            ({ message: { networkMessageId, quarantine }, expiresMs }) =>
              networkMessageId === link.networkMessageId &&
              quarantine !== undefined &&
              holdMark(quarantine) === link.hold &&
              expiresMs > nowMs,
          ),
        );
      }
      const [first] = found;
      if (first === undefined) return undefined;
      const { message, expiresMs } = first;
      return {
        identities: found.map((one) => one.message.id),
        from: message.headerFrom || message.envelope.sender,
        recipients: found.flatMap(({ recipients }) => recipients.map(({ address }) => address)),
        subject: message.subject,
        rule: message.quarantine?.reason ?? "",
        expiresMs,
      };
    },
  };
}
