import type { Effect } from "../smtp/server-effect.ts";
import type {
  AuthStep,
  ClientFacts,
  SessionHandler,
  SessionOptions,
  Verdict,
} from "../smtp/session-handler.ts";

type EffectOf<Kind extends Effect["kind"]> = Extract<Effect, { readonly kind: Kind }>;

/** Asks policy about a sender or a recipient. */
export function askVerdict(
  handler: SessionHandler,
  client: ClientFacts,
  effect: EffectOf<"mail" | "rcpt">,
): Promise<Verdict> | Verdict {
  return effect.kind === "mail"
    ? handler.mail(client, effect.envelope, effect.sizeBytes)
    : handler.rcpt(client, effect.recipient);
}

/** Asks policy about a logon, or the next response of one. */
export function askLogon(
  handler: SessionHandler,
  client: ClientFacts,
  effect: EffectOf<"authenticate" | "continue-authentication">,
): Promise<AuthStep> {
  return effect.kind === "authenticate"
    ? handler.authenticate(client, effect.mechanism, effect.response)
    : handler.continueAuthentication(effect.response);
}

/** STARTTLS is offered only when there is a certificate to do it with. */
export function currentOptions({ options, tls }: SessionHandler): SessionOptions {
  return options.startTls && tls === undefined ? { ...options, startTls: false } : options;
}
