import { parseDomain } from "../mail/address.ts";
import type { SenderAuthentication } from "./sender-authentication.ts";

/** Who a message says it is from: in MAIL FROM, and in From. */
export type SenderIdentity = "sender" | "author";

/**
 * Of these, the ones that nothing bears out, so that anybody could have claimed them: a sender
 * without SPF that passes, an author without DMARC that passes or a signature of his domain.
 */
export function unprovenIdentities({
  spf,
  dkim,
  dmarc,
}: Pick<SenderAuthentication, "spf" | "dkim" | "dmarc">): readonly SenderIdentity[] {
  const isSender = spf.result === "pass" && spf.identity === "mailfrom";
  const isAuthor = dmarc.result === "pass" || isSigned({ dkim, dmarc });
  return [...(isSender ? [] : ["sender" as const]), ...(isAuthor ? [] : ["author" as const])];
}

/** Where the author's domain has no policy, its signature, or that of one above it, is as good. */
function isSigned({ dkim, dmarc }: Pick<SenderAuthentication, "dkim" | "dmarc">): boolean {
  if (dmarc.result !== "none" || dmarc.hasSeveralFrom) return false;
  const author = parseDomain(dmarc.domain);
  if (author === undefined) return false;
  return dkim.some(({ result, domain }) => {
    const signer = parseDomain(domain);
    return result === "pass" && signer !== undefined && `.${author}`.endsWith(`.${signer}`);
  });
}
