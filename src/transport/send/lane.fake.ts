import type { Address } from "../../mail/address.ts";
import type { Organization, SendConnector } from "../../org/organization.ts";
import { sampleSendConnector } from "../../org/sample-objects.fake.ts";
import type { ContentReader } from "../../store/content.ts";
import type { QueuedMessage, QueuedRecipient, QueueKey } from "../../store/queue-store.ts";
import type { Delivery, Lane, RecipientOutcome } from "../queue/courier.ts";
import type { Hop, Outcome } from "../queue/outcome.ts";

/** A lane over a list of deliveries, which remembers what it was told. */
export class FakeLane implements Lane {
  readonly key: QueueKey;
  readonly organization: Organization;
  readonly waiting: Delivery[];
  readonly settled: { readonly id: number; readonly outcomes: readonly RecipientOutcome[] }[] = [];
  readonly givenBack: number[] = [];
  readonly hops: Hop[] = [];
  readonly abort = new AbortController();
  /** Called instead of waiting when nothing is left; gives what arrives meanwhile. */
  whenIdle: () => Promise<Delivery | undefined> = () => Promise.resolve(undefined);

  constructor(parts: {
    readonly key: QueueKey;
    readonly organization: Organization;
    readonly deliveries: readonly Delivery[];
  }) {
    this.key = parts.key;
    this.organization = parts.organization;
    this.waiting = [...parts.deliveries];
  }

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  take(): Delivery | undefined {
    return this.signal.aborted ? undefined : this.waiting.shift();
  }

  async takeWithin(): Promise<Delivery | undefined> {
    return this.take() ?? (await this.whenIdle());
  }

  settle(delivery: Delivery, outcomes: readonly RecipientOutcome[]): void {
    this.settled.push({ id: delivery.message.id, outcomes });
  }

  giveBack(delivery: Delivery): void {
    this.givenBack.push(delivery.message.id);
  }

  connected(hop: Hop): void {
    this.hops.push(hop);
  }

  /** Outcomes of a message in short, by position: `relayed 250 2.6.0 queued`, `failed 550 …`. */
  outcomesOf(id: number): readonly string[] {
    const found = this.settled.filter((one) => one.id === id);
    return found.flatMap(({ outcomes }) =>
      outcomes
        .toSorted((left, right) => left.position - right.position)
        .map(({ outcome }) => describeOutcome(outcome)),
    );
  }
}

/** An outcome on one line. */
export function describeOutcome(outcome: Outcome): string {
  if (outcome.kind === "delivered" || outcome.kind === "relayed") {
    return `${outcome.kind} ${outcome.reply}`;
  }
  const doubt = outcome.fault.attemptUnknown === true ? " (in doubt)" : "";
  return `${outcome.kind} ${outcome.fault.diagnostic}${doubt}`;
}

/** A message of the content for recipients `r0@y.test`, `r1@y.test`, …. */
export function makeDelivery(
  id: number,
  setup: {
    readonly content?: string;
    readonly recipients?: readonly string[];
    readonly message?: Partial<QueuedMessage>;
    readonly recipient?: Partial<QueuedRecipient>;
    readonly reader?: ContentReader;
  } = {},
): Delivery {
  const bytes = Buffer.from(setup.content ?? `Subject: ${id}\r\n\r\nHello\r\n`, "latin1");
  const message: QueuedMessage = {
    id,
    networkMessageId: `network-${id}`,
    contentId: id,
    contentBytes: setup.reader?.bytes ?? bytes.length,
    envelope: {
      sender: "a@x.test" as Address,
      body: "7BIT",
      smtpUtf8: false,
      ret: undefined,
      envid: undefined,
    },
    edits: [],
    internetMessageId: `<${id}@x.test>`,
    subject: "",
    headerFrom: "",
    receivedMs: 0,
    priority: "Normal",
    origin: {
      source: "SMTP",
      connector: "",
      clientAddress: "",
      clientName: "",
      serverAddress: "",
      directionality: "Originating",
    },
    ...setup.message,
  };
  const recipients = (setup.recipients ?? ["r0@y.test"]).map((address, position) => ({
    position,
    address: address as Address,
    originalRecipient: undefined,
    notify: undefined,
    attemptCount: 0,
    expiresMs: Number.MAX_SAFE_INTEGER,
    delayNoticeMs: undefined,
    lastError: undefined,
    suspended: false,
    resolved: true,
    ...setup.recipient,
  }));
  const content = setup.reader ?? memoryReader(bytes);
  return { message, recipients, content, possibleDuplicate: false };
}

/** Content in one piece; in memory unless told otherwise. */
export function memoryReader(
  bytes: Uint8Array,
  where: "memory" | "store" = "memory",
): ContentReader {
  const piece = (index: number) => (index === 0 ? bytes : undefined);
  return {
    bytes: bytes.length,
    read: (index) => Promise.resolve(piece(index)),
    peek: (index) => (where === "memory" ? piece(index) : undefined),
  };
}

/** A send connector with Exchange's defaults, to the given smart hosts or by MX. */
export function makeConnector(changes: Partial<SendConnector>): SendConnector {
  const unlimited = { fqdn: "us.test", maxMessageSize: Number.POSITIVE_INFINITY };
  return sampleSendConnector({ name: "Out", ...unlimited, ...changes });
}
