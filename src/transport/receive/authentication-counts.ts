import type { Count } from "../../base/metrics.ts";
import type {
  AuthenticationResult,
  SenderAuthentication,
} from "../../mailauth/sender-authentication.ts";
import type { CheckSender } from "./sender-id-agent.ts";

/** The same check, with every answer of it counted. */
export function countingCheck(check: CheckSender, count: Count): CheckSender {
  return async (question, content) => {
    const found = await check(question, content);
    countAuthentication(found, count);
    return found;
  };
}

/** Counts what SPF, DKIM and DMARC have each come to; of several signatures the best counts. */
function countAuthentication({ spf, dkim, dmarc }: SenderAuthentication, count: Count): void {
  const signatures = new Set(dkim.map(({ result }) => shareOf(result)));
  const best = SHARES.find((share) => signatures.has(share)) ?? "none";
  count(`postrider_authentication_total:spf_${shareOf(spf.result)}`);
  count(`postrider_authentication_total:dkim_${best}`);
  count(`postrider_authentication_total:dmarc_${shareOf(dmarc.result)}`);
}

const SHARES = ["pass", "fail", "error", "none"] as const;

const SHARE_OF: Readonly<Record<AuthenticationResult, (typeof SHARES)[number]>> = {
  pass: "pass",
  fail: "fail",
  softfail: "fail",
  policy: "fail",
  // RFC 7208 §8.2: neutral is to be treated as none.
  neutral: "none",
  none: "none",
  temperror: "error",
  permerror: "error",
};

function shareOf(result: AuthenticationResult): (typeof SHARES)[number] {
  return SHARE_OF[result];
}
