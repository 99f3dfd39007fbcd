import { assert } from "../base/assert.ts";
import { type FakeClock, fakeClock } from "../base/clock.fake.ts";
import type { DiagnosticFields } from "../base/diagnostics.ts";
import { fault } from "../base/result.ts";
import { createSecretBox } from "../base/secret-box.ts";
import { applyRows } from "../org/apply-rows.fake.ts";
import { parseConfiguration } from "../org/configuration.ts";
import { formatFault } from "../org/configuration-fault.ts";
import { createConfigurationRows } from "../org/configuration-rows.ts";
import { createCredentialDirectory } from "../org/credential-directory.ts";
import type { ReceiveConnector } from "../org/organization.ts";
import { findPassword } from "../org/password.ts";
import { sampleReceiveConnector } from "../org/sample-objects.fake.ts";
import { createClientExchange } from "../sasl/client-exchange.ts";
import type { ClientCredential } from "../sasl/client-talk.ts";
import type { GssapiAcceptor, MechanismName } from "../sasl/mechanism.ts";
import type { TlsFacts } from "../smtp/session-handler.ts";
import { MemoryOrganizationStore } from "../store/organization-memory.ts";
import { StoreFailure } from "../store/queue-store.ts";
import type { Authenticator, LogonContext, LogonExchange, LogonStep } from "./authenticator.ts";
import { createFailureMemory, openFailureCounts } from "./failure-counts.ts";
import { createKeySets } from "./key-sets.ts";
import { createAuthenticator } from "./mailbox-authenticator.ts";

/** An organization in memory that users log on to, and what is to be seen of it. */
export interface LogonStage {
  readonly clock: FakeClock;
  readonly authenticator: Authenticator;
  /** A second transport thread. */
  readonly otherThread: Authenticator;
  /** What was written to the log, with its event. */
  readonly said: (DiagnosticFields & { readonly event: string })[];
  readonly counted: Map<string, number>;
  /** Calculations of hashes so far, by how many hashes were compared. */
  readonly calculations: number[];
  /** Makes the store fail from now on. */
  failStore(): void;
  /** Makes every calculation of a hash fail from now on, with an error that quotes the password. */
  failCalculations(): void;
}

/** The password of alice and bob. */
export const PASSWORD = "correct horse";
/** The account that has everything. */
export const ALICE = "alice@contoso.test";

/** alice with devices, bob who may not log on, carol without NTLM, info without any password. */
export const SAMPLE_USERS = `
acceptedDomains: [{ name: contoso.test, default: true }, { name: sales.contoso.test }]
mailboxes:
  - name: alice
    primarySmtpAddress: Alice@contoso.test
    emailAddresses: [a.smith@contoso.test, alice@sales.contoso.test]
    password: ${PASSWORD}
    ntlmEnabled: true
    appPasswords:
      - name: "Scanner, 3rd floor"
        password: paper jam
        senders: [scan@contoso.test]
        messagesPerHour: 60
      - { name: Old scanner, password: toner low, enabled: false }
  - name: bob
    primarySmtpAddress: bob@contoso.test
    password: ${PASSWORD}
    ntlmEnabled: true
    smtpClientAuthenticationDisabled: true
  - { name: carol, primarySmtpAddress: carol@contoso.test, password: staple }
  - { name: info, primarySmtpAddress: info@contoso.test }
  - name: device
    primarySmtpAddress: device@contoso.test
    ntlmEnabled: true
    appPasswords: [{ name: Meter, password: kilowatt }]
`;

/** Mechanisms by which a password could be guessed. */
export const BY_PASSWORD: readonly MechanismName[] = [
  "PLAIN",
  "LOGIN",
  "SCRAM-SHA-256-PLUS",
  "SCRAM-SHA-256",
  "SCRAM-SHA-1-PLUS",
  "SCRAM-SHA-1",
  "NTLM",
];

/** A connector that offers everything, in clear too. */
export const OPEN_CONNECTOR = sampleReceiveConnector({
  authMechanism: ["Tls", "BasicAuth", "Integrated", "OAuth", "Certificate"],
  enableAuthGSSAPI: true,
  fqdn: "mail.contoso.test",
});

/** A channel that gives every binding. */
export const TLS: TlsFacts = {
  version: "TLSv1.3",
  cipher: "TLS_AES_256_GCM_SHA384",
  serverName: undefined,
  channelBinding: (type) => Buffer.from(`binding ${type}`),
};

/** Sets the stage with a configuration file. */
export async function setLogonStage(
  yaml: string,
  options: { readonly gssapi?: GssapiAcceptor; readonly dataDirectory?: string } = {},
): Promise<LogonStage> {
  const parsed = parseConfiguration(yaml, { fileName: "f", hostName: "host", cores: 1 });
  assert(parsed.ok, parsed.ok ? "" : parsed.fault.map(formatFault).join("\n"));
  const { organization } = parsed.value;
  const secrets = createSecretBox(Buffer.alloc(32, 3));
  const store = new MemoryOrganizationStore();
  await applyRows(store, await createConfigurationRows(parsed.value, store, secrets));
  const clock = fakeClock();
  const said: LogonStage["said"] = [];
  const say = (event: string, fields: DiagnosticFields = {}) =>
    void said.push({ event, ...fields });
  const counted = new Map<string, number>();
  const calculations: number[] = [];
  const memory = createFailureMemory();
  let isFailing = false;
  let isOutOfMemory = false;
  const open = (): Authenticator =>
    createAuthenticator({
      clock,
      diagnostics: { info: say, warn: say, error: say },
      count: (metric, by = 1) => void counted.set(metric, (counted.get(metric) ?? 0) + by),
      organization: () => organization,
      credentials: createCredentialDirectory({
        async findRecipients(addresses) {
          if (isFailing) throw new StoreFailure("the disk is gone", { full: false });
          return store.findRecipients(addresses);
        },
      }),
      secrets,
      failures: openFailureCounts(memory),
      keySets: createKeySets({
        clock,
        dataDirectory: options.dataDirectory ?? "/nonexistent",
        get: () => Promise.resolve(fault({ isCertificate: false, text: "no network" })),
      }),
      gssapi: options.gssapi,
      findPassword(password, hashes) {
        calculations.push(hashes.length);
        if (isOutOfMemory) {
          const error = new Error(`no memory for ${password}`);
          return Promise.reject(Object.assign(error, { code: "ERR_CRYPTO_OPERATION_FAILED" }));
        }
        return findPassword(password, hashes);
      },
    });
  const failStore = () => {
    isFailing = true;
  };
  const failCalculations = () => {
    isOutOfMemory = true;
  };
  const seen = { said, counted, calculations };
  return {
    clock,
    authenticator: open(),
    otherThread: open(),
    ...seen,
    failStore,
    failCalculations,
  };
}

/** Where a client of the stage is. */
export interface ClientPlace {
  readonly remoteAddress?: string;
  readonly tls?: TlsFacts | undefined;
  readonly connector?: ReceiveConnector;
}

let hosts = 0;

/** An address, in a network of its own, that nobody has failed from yet. */
export function somewhere(): ClientPlace {
  hosts += 1;
  return { remoteAddress: `10.${hosts >> 8}.${hosts & 255}.1` };
}

/** What a client logs on with. */
export function passwordOf(userName: string, password = PASSWORD): ClientCredential {
  return { kind: "password", userName, password };
}

function contextOf(place: ClientPlace): LogonContext {
  const { remoteAddress = "192.0.2.7", connector = OPEN_CONNECTOR } = place;
  return { connector, remoteAddress, tls: "tls" in place ? place.tls : TLS };
}

/** Begins an exchange there. */
export function begin(
  authenticator: Authenticator,
  mechanism: MechanismName,
  place: ClientPlace = {},
): LogonExchange {
  return authenticator.begin(mechanism, contextOf(place));
}

/** Plays a client of ours to the end of the exchange. */
export async function logOn(
  authenticator: Authenticator,
  mechanism: MechanismName,
  credential: ClientCredential,
  place: ClientPlace = {},
): Promise<LogonStep> {
  const context = contextOf(place);
  const exchange = authenticator.begin(mechanism, context);
  const client = createClientExchange(
    mechanism,
    credential,
    {
      binding: (type) => context.tls?.channelBinding?.(type),
      offersPlus: context.tls !== undefined,
      hostName: "mail.contoso.test",
    },
    { clock: fakeClock() },
  );
  let step = await exchange.next(await client.start());
  while (step.kind === "challenge") {
    const answer = await client.next(step.bytes);
    if (!answer.ok) {
      exchange.cancel();
      return { kind: "failed", reason: "malformed", detail: `client: ${answer.fault}` };
    }
    step = await exchange.next(answer.value);
  }
  return step;
}

/** PLAIN with a password. */
export function logOnPlain(
  authenticator: Authenticator,
  userName: string,
  password: string,
  place: ClientPlace = {},
): Promise<LogonStep> {
  return logOn(authenticator, "PLAIN", { kind: "password", userName, password }, place);
}

/** `alice@contoso.test (Scanner) by PLAIN`, or why not. */
export function outcomeOf(step: LogonStep): string {
  if (step.kind === "challenge") return "challenge";
  if (step.kind === "failed") return step.reason;
  const { account, mechanism, appPassword } = step.logon;
  return `${account}${appPassword === undefined ? "" : ` (${appPassword.name})`} by ${mechanism}`;
}
