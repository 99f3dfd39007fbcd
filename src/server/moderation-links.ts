import type { Clock } from "../base/clock.ts";
import type { ModerationDesk } from "../cmdlets/rules/services.ts";
import type { ModerationLinks } from "../management/moderation-route.ts";
import { openModerationLink, ruleMark } from "../transport/rules/moderation-link.ts";

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
              ruleMark(quarantine?.reason ?? "") === link.rule &&
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
