import { createHash } from "node:crypto";
import type { ChannelBindingType } from "../base/channel-binding.ts";
import { fakeClock } from "../base/clock.fake.ts";
import type {
  Checked,
  CredentialBackend,
  ExchangeMeans,
  ProvedBy,
  SaslChannel,
} from "./mechanism.ts";
import { ntHash } from "./ntlm-hash.ts";
import { prepareName, preparePassword } from "./saslprep.ts";
import { makeDecoyVerifier, makeScramVerifier } from "./scram-verifier.ts";

/** A backend that knows one user, and what it was asked. Its accounts are names. */
export interface FakeBackend extends CredentialBackend<string> {
  /** How the last user was proved. */
  readonly lastProof: () => ProvedBy | undefined;
}

/** Whom the backend knows, and what tests change about it. */
export interface FakeBackendOptions extends Partial<CredentialBackend<string>> {
  readonly user?: string;
  readonly password?: string;
  /** SCRAM's other passwords of the user. */
  readonly otherPasswords?: readonly string[];
  readonly token?: string;
}

/** Knows `user` (alice) by `password` (secret) or `token` (token-1); acts as nobody else. */
export function fakeBackend(options: FakeBackendOptions = {}): FakeBackend {
  const { user = "alice", password = "secret", token = "token-1", ...rest } = options;
  const { otherPasswords = [], ...changes } = rest;
  const account = prepareName(user);
  let proof: ProvedBy | undefined;
  const check = (name: string, authorize: string, isRight: boolean): Promise<Checked<string>> => {
    const mayAct = authorize === "" || authorize === name;
    if (isRight && mayAct && prepareName(name) === account) {
      return Promise.resolve({ kind: "known", account: name });
    }
    return Promise.resolve({ kind: "refused", detail: "no" });
  };
  return {
    checkPassword: (name, given, authorize) =>
      check(name, authorize, given === preparePassword(password)),
    async findScram(name, hash) {
      const from = { hash, iterationCount: 4096 };
      const decoy = makeDecoyVerifier(name, { ...from, secret: Buffer.alloc(32) });
      const { salt } = decoy;
      const known = name === account ? [password, ...otherPasswords] : [];
      const keys = await Promise.all(known.map((one) => makeScramVerifier(one, { ...from, salt })));
      return { ...decoy, keys: [...keys, decoy] };
    },
    findNtHashes: (name) =>
      Promise.resolve(prepareName(name) === account ? [ntHash(password)] : []),
    admitProved(name, authorize, by) {
      proof = by;
      return check(name, authorize, true);
    },
    checkToken: (name, given) => check(name === "" ? user : name, "", given === token),
    checkCertificate: (authorize) => check(user, authorize, true),
    ntlm: { v1Allowed: false, domainName: "CONTOSO", computerName: "MAIL" },
    channelBindingPolicy: "Allow",
    gssapi: undefined,
    ...changes,
    lastProof: () => proof,
  };
}

/** A channel through TLS with every binding, `seed` being what differs on another one. */
export function fakeChannel(seed: string | undefined): SaslChannel {
  return {
    binding: (type: ChannelBindingType) =>
      seed === undefined ? undefined : createHash("sha256").update(`${type} ${seed}`).digest(),
    offersPlus: seed !== undefined,
    hostName: "mail.contoso.test",
  };
}

/** Time that stands still, and the system's chance. */
export const FAKE_MEANS: ExchangeMeans = { clock: fakeClock() };
