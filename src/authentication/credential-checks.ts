import { type Clock, delay } from "../base/clock.ts";
import type { SecretBox } from "../base/secret-box.ts";
import { type Address, addressKey } from "../mail/address.ts";
import type { CredentialDirectory, MailboxCredentials } from "../org/credential-directory.ts";
import type { AppPassword } from "../org/mailbox-secrets.ts";
import type { Organization } from "../org/organization.ts";
import { SCRAM_ITERATION_COUNT } from "../org/scram-verifiers.ts";
import { APP_PASSWORDS_MAX } from "../org/settings/credentials.ts";
import type {
  Checked,
  CredentialBackend,
  GssapiAcceptor,
  MechanismName,
  ProvedBy,
  ScramHash,
  ScramVerifiers,
} from "../sasl/mechanism.ts";
import { makeDecoyVerifier, parseScramVerifier } from "../sasl/scram-verifier.ts";
import { StoreFailure } from "../store/queue-store.ts";
import type { Logon, LogonContext } from "./authenticator.ts";
import { addressKeys, certificateAddresses, isCertificateOf } from "./certificate-match.ts";
import type { KeySets } from "./key-sets.ts";
import type { LogonGuard } from "./logon-guard.ts";
import { checkToken } from "./token-check.ts";
import {
  type NameContext,
  nameContextOf,
  resolveDomainUser,
  resolvePrincipal,
  resolveUserName,
} from "./user-name.ts";
import type { WorkLine } from "./work-line.ts";

/** What checks need of their surroundings; the same for all exchanges of a thread. */
export interface CheckParts {
  readonly clock: Clock;
  readonly organization: () => Organization;
  readonly credentials: CredentialDirectory;
  readonly secrets: SecretBox;
  readonly guard: LogonGuard;
  readonly keySets: KeySets;
  readonly gssapi: GssapiAcceptor | undefined;
  /** Which of the hashes fit; one calculation at least (`org/password.ts`). */
  readonly findPassword: (
    password: string,
    hashes: readonly string[],
  ) => Promise<readonly number[]>;
  /** Calculations of hashes, each of which takes some 20 MiB. */
  readonly line: WorkLine;
}

/** Whom a name means. */
interface Identity {
  readonly address: Address | undefined;
  /** What failures are counted under, also of names that nobody has. */
  readonly key: string;
}

/** What a proof is compared with, for everybody: how many passwords he has is not to be seen. */
const SCRAM_KEYS = 1 + APP_PASSWORDS_MAX;
/** Characters of a name that failures are counted under. */
const KEY_CHARACTERS_MAX = 320;

const REFUSED = { kind: "refused", detail: "wrong password or unknown user" } as const;
const HELD = { kind: "refused", detail: "held back after earlier failures" } as const;
const NOT_OWN = { kind: "refused", detail: "asked to act as somebody else" } as const;
const STORE_FAILED = { kind: "temporary", detail: "the store did not answer" } as const;
const BUSY = { kind: "temporary", detail: "too many logons at once" } as const;
const NOT_CALCULATED = { kind: "temporary", detail: "no hash could be calculated" } as const;

/**
 * The credentials of the organization as one exchange asks for them. An unknown user takes the
 * same way as a known one with a wrong password: one lookup, one calculation or one verifier.
 */
export class CredentialChecks implements CredentialBackend<Logon> {
  readonly ntlm: CredentialBackend<Logon>["ntlm"];
  readonly channelBindingPolicy: CredentialBackend<Logon>["channelBindingPolicy"];
  readonly gssapi: GssapiAcceptor | undefined;
  readonly #parts: CheckParts;
  readonly #context: LogonContext;
  readonly #mechanism: MechanismName;
  readonly #names: NameContext;
  #found:
    | { readonly key: string; readonly credentials: MailboxCredentials | undefined }
    | undefined;
  /** To whom the NT hashes or SCRAM keys given out belong, in their order. */
  #owners: readonly (AppPassword | undefined)[] = [];
  #guardedUser = "";
  #isHeld = false;
  #refusal: { readonly user: string; readonly detail: string } | undefined;
  #cause: string | undefined;

  constructor(parts: CheckParts, context: LogonContext, mechanism: MechanismName) {
    const { connector } = context;
    this.#parts = parts;
    this.#context = context;
    this.#mechanism = mechanism;
    this.#names = nameContextOf(parts.organization().acceptedDomains, connector);
    this.channelBindingPolicy = connector.extendedProtectionPolicy;
    this.gssapi = connector.enableAuthGSSAPI ? parts.gssapi : undefined;
    this.ntlm = {
      v1Allowed: connector.ntlmV1Enabled,
      domainName: netbiosName(this.#names.defaultDomain ?? connector.fqdn),
      computerName: netbiosName(connector.fqdn),
    };
  }

  /** Whose failures the guard counts; "": the source's alone, where no password is guessed. */
  get guardedUser(): string {
    return this.#guardedUser;
  }

  /** The guard has not let this try come to anything. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** A token has been refused, which the mechanism tells before the exchange ends. */
  get refusal(): { readonly user: string; readonly detail: string } | undefined {
    return this.#refusal;
  }

  /** What has failed behind an answer "temporary", for the log; a limit that was met is none. */
  get cause(): string | undefined {
    return this.#cause;
  }

  async checkPassword(user: string, password: string, authorize: string): Promise<Checked<Logon>> {
    const identity = identityOf(user, resolveUserName(user, this.#names));
    if (!(await this.#enter(identity.key))) return HELD;
    const found = await this.#find(identity);
    if (found === "temporary") return STORE_FAILED;
    const devices = found === undefined ? [] : usableDevices(found);
    const own = found?.secrets.passwordHash;
    const owners = [...(own === undefined ? [] : [undefined]), ...devices];
    const hashes = owners.map((device) => (device ?? found?.secrets)?.passwordHash ?? "");
    const work = this.#parts.line.run(() => this.#parts.findPassword(password, hashes));
    if (work === undefined) return BUSY;
    const places = await work.catch((error: unknown) => this.#notCalculated(error));
    if (places === undefined) return NOT_CALCULATED;
    const [place] = places;
    if (found === undefined || place === undefined) return REFUSED;
    return this.#admit(found, authorize, owners[place]);
  }

  async findScram(user: string, hash: ScramHash): Promise<ScramVerifiers | "temporary"> {
    const identity = identityOf(user, resolveUserName(user, this.#names));
    const isAdmitted = await this.#enter(identity.key);
    const found = await this.#find(identity);
    if (found === "temporary") return found;
    const known = found === undefined ? [] : scramKeysOf(found, hash);
    const secret = this.#parts.secrets.derive("SCRAM decoys");
    const iterationCount = SCRAM_ITERATION_COUNT;
    const decoy = makeDecoyVerifier(identity.key, { hash, iterationCount, secret });
    // Who is held back sees the salt that he has seen before: a new one would tell him that the
    // user exists.
    const { salt, iterationCount: count } = known[0]?.verifier ?? decoy;
    const usable = isAdmitted ? known : [];
    this.#owners = usable.map(({ owner }) => owner);
    const decoys = Array.from({ length: SCRAM_KEYS - usable.length }, () => decoy);
    const keys = [...usable.map(({ verifier }) => verifier), ...decoys];
    return { salt, iterationCount: count, keys };
  }

  async findNtHashes(user: string, domain: string): Promise<readonly Uint8Array[] | "temporary"> {
    const identity = identityOf(user, resolveDomainUser(user, domain, this.#names));
    const isAdmitted = await this.#enter(identity.key);
    const found = await this.#find(identity);
    if (found === "temporary") return found;
    if (!isAdmitted || found?.secrets.ntlmEnabled !== true) return [];
    const owners = [undefined, ...usableDevices(found)];
    const hashes = owners.flatMap((owner) => {
      const sealed = (owner ?? found.secrets).ntHash;
      const hash = sealed === undefined ? undefined : this.#parts.secrets.open(sealed);
      return hash === undefined ? [] : [{ owner, hash: Buffer.from(hash, "hex") }];
    });
    this.#owners = hashes.map(({ owner }) => owner);
    return hashes.map(({ hash }) => hash);
  }

  async admitProved(user: string, authorize: string, by: ProvedBy): Promise<Checked<Logon>> {
    const isKerberos = by.mechanism === "GSSAPI";
    const { domain = "" } = by;
    const address = isKerberos
      ? resolvePrincipal(user, domain, this.#names)
      : resolveDomainUser(user, domain, this.#names);
    // A ticket cannot be guessed, but who is held back for his guesses gets nothing at all.
    if (isKerberos && !(await this.#enter(""))) return HELD;
    const found = await this.#find(identityOf(user, address));
    if (found === "temporary") return STORE_FAILED;
    if (found === undefined) return { kind: "refused", detail: "no mailbox of that name" };
    const device = by.hashIndex === undefined ? undefined : this.#owners[by.hashIndex];
    return this.#admit(found, authorize, device);
  }

  async checkToken(user: string, token: string): Promise<Checked<Logon>> {
    const checked = await this.#judgeToken(user, token);
    if (checked.kind === "refused") this.#refusal = { user, detail: checked.detail };
    return checked;
  }

  async #judgeToken(user: string, token: string): Promise<Checked<Logon>> {
    if (!(await this.#enter(""))) return HELD;
    const { keySets, clock, organization } = this.#parts;
    const context = { keySets, nowMs: clock.nowMs() };
    const verdict = await checkToken(token, organization().oauthIssuers, context);
    if (verdict.kind !== "user") return verdict;
    const found = await this.#find(identityOf(user, verdict.address));
    if (found === "temporary") return STORE_FAILED;
    if (found === undefined) return { kind: "refused", detail: "the token's user has no mailbox" };
    return this.#admit(found, user, undefined);
  }

  async checkCertificate(authorize: string): Promise<Checked<Logon>> {
    if (!(await this.#enter(""))) return HELD;
    const certificate = this.#context.tls?.peerCertificate;
    if (certificate === undefined) return { kind: "refused", detail: "no client certificate" };
    const named = resolveUserName(authorize, this.#names);
    const candidates =
      authorize === "" ? certificateAddresses(certificate) : named === undefined ? [] : [named];
    for (const address of candidates) {
      const found = await this.#find(identityOf(address, address));
      if (found === "temporary") return STORE_FAILED;
      if (found !== undefined && isCertificateOf(certificate, found)) {
        return this.#admit(found, authorize, undefined);
      }
    }
    const why = certificate.fault === undefined ? "" : ` (${certificate.fault})`;
    return { kind: "refused", detail: `the client certificate is of no such mailbox${why}` };
  }

  /** The last questions, the same however somebody has proved who he is. */
  #admit(
    found: MailboxCredentials,
    authorize: string,
    device: AppPassword | undefined,
  ): Checked<Logon> {
    const { mailbox, secrets } = found;
    const attempt = { user: this.#guardedUser, remoteAddress: this.#context.remoteAddress };
    // Asked once more: a thousand guesses at once had all been let in before the first one failed.
    if (this.#parts.guard.judge(attempt).kind === "held") {
      this.#isHeld = true;
      return HELD;
    }
    if (secrets.smtpClientAuthenticationDisabled) {
      return { kind: "refused", detail: "smtpClientAuthenticationDisabled" };
    }
    const target = authorize === "" ? undefined : resolveUserName(authorize, this.#names);
    if (authorize !== "" && (!target || !addressKeys(mailbox).has(addressKey(target)))) {
      return NOT_OWN;
    }
    const appPassword = device && {
      name: device.name,
      senders: device.senders,
      messagesPerHour: device.messagesPerHour,
    };
    const account = addressKey(mailbox.primarySmtpAddress);
    return {
      kind: "known",
      account: { account, mailbox, mechanism: this.#mechanism, appPassword },
    };
  }

  /** Whether the guard lets the try go on; slows it where it has to. */
  async #enter(user: string): Promise<boolean> {
    const { guard, clock } = this.#parts;
    this.#guardedUser = user;
    const verdict = guard.judge({ user, remoteAddress: this.#context.remoteAddress });
    if (verdict.kind === "held") this.#isHeld = true;
    else if (verdict.delayMs > 0) await delay(clock, verdict.delayMs);
    return verdict.kind === "admitted";
  }

  /** The credentials that an identity means, looked up once in an exchange. */
  async #find({ address, key }: Identity): Promise<MailboxCredentials | "temporary" | undefined> {
    if (this.#found?.key === key) return this.#found.credentials;
    if (address === undefined) return undefined;
    try {
      const credentials = await this.#parts.credentials.findCredentials(address);
      this.#found = { key, credentials };
      return credentials;
    } catch (error) {
      if (!(error instanceof StoreFailure)) throw error;
      this.#cause = error.message;
      return "temporary";
    }
  }

  /** The error's text might quote what it was given, which was a password: its code does not. */
  #notCalculated(error: unknown): undefined {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    this.#cause = typeof code === "string" ? code : "an error without a code";
  }
}

function identityOf(name: string, address: Address | undefined): Identity {
  const key = address === undefined ? name.toLowerCase() : addressKey(address);
  return { address, key: key.slice(0, KEY_CHARACTERS_MAX) };
}

/** The keys of all passwords of the mailbox that share their salt with the first. */
function scramKeysOf(found: MailboxCredentials, hash: ScramHash) {
  const known = [undefined, ...usableDevices(found)].flatMap((owner) =>
    (owner ?? found.secrets).scramVerifiers.flatMap((text) => {
      const parsed = parseScramVerifier(text);
      return parsed?.hash === hash ? [{ owner, verifier: parsed.verifier }] : [];
    }),
  );
  const [first] = known;
  return known.filter(({ verifier: { salt, iterationCount } }) => {
    if (first === undefined || iterationCount !== first.verifier.iterationCount) return false;
    return Buffer.from(salt).equals(first.verifier.salt);
  });
}

function usableDevices({ secrets }: MailboxCredentials): readonly AppPassword[] {
  return secrets.appPasswords.filter(({ enabled }) => enabled);
}

/** The first label in upper case, as far as NetBIOS goes: 15 characters. */
function netbiosName(name: string): string {
  const [label = ""] = name.split(".");
  return label.slice(0, 15).toUpperCase();
}
