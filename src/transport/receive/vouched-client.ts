import type { ClientFacts } from "../../smtp/session-handler.ts";

/** What a trusted speaker says of the client that it speaks for (XCLIENT). */
export interface Vouched {
  /** The one who is believed, whatever address the client has now. */
  readonly speaker: string;
  readonly helo: string | undefined;
  readonly protocol: "SMTP" | "ESMTP" | undefined;
  /** Who has logged on there; "" for nobody. */
  readonly login: string;
}

/** The client as its speaker describes it, for Received and the logs. */
export function asVouched(client: ClientFacts, { helo, protocol }: Vouched): ClientFacts {
  return {
    helo: helo === undefined || helo === "" ? client.helo : helo,
    extended: protocol === undefined ? client.extended : protocol === "ESMTP",
    tls: client.tls,
  };
}
