import { createPublicKey, type JsonWebKey, randomBytes, verify } from "node:crypto";
import type { AcmeAnswer, AcmeRequest, Exchange } from "./acme-exchange.ts";

/** What the authority makes of one request: an answer, or `undefined` for the usual one. */
export type Respond = (path: string, payload: unknown) => Partial<AcmeAnswer> | undefined;

/** An authority that checks nonces and signatures (RFC 8555 §6) and answers what a test says. */
export interface FakeAuthority {
  readonly exchange: Exchange;
  /** Path and payload of every signed request that was in order. */
  readonly requests: readonly { readonly path: string; readonly payload: unknown }[];
  respond: Respond;
}

const ORIGIN = "https://acme.test";

/** Starts with nothing but directory, nonces and an account. */
export function fakeAuthority(respond: Respond, directory: object = {}): FakeAuthority {
  const nonces = new Set<string>();
  const requests: { readonly path: string; readonly payload: unknown }[] = [];
  let key: JsonWebKey | undefined;
  const reply = (answer: Partial<AcmeAnswer>): AcmeAnswer => {
    const nonce = randomBytes(8).toString("base64url");
    nonces.add(nonce);
    const headers = { "replay-nonce": nonce, ...answer.headers };
    return { status: 200, body: "", ...answer, headers };
  };
  const problem = (type: string, status = 400) => {
    const body = JSON.stringify({ type: `urn:ietf:params:acme:error:${type}`, detail: type });
    return reply({ status, body });
  };
  const authority: FakeAuthority = {
    requests,
    respond,
    exchange: async ({ method, url, body }: AcmeRequest) => {
      const path = url.replace(ORIGIN, "");
      if (method === "HEAD") return reply({});
      if (path === "/directory") {
        const paths = { newNonce: "/nonce", newAccount: "/account", newOrder: "/order" };
        const urls = Object.entries(paths).map(([name, at]) => [name, ORIGIN + at]);
        return reply({ body: JSON.stringify({ ...Object.fromEntries(urls), ...directory }) });
      }
      if (method === "GET") return reply(authority.respond(path, undefined) ?? { status: 404 });
      const sent = JSON.parse(body ?? "{}");
      const header = JSON.parse(Buffer.from(sent.protected, "base64url").toString());
      key = header.jwk ?? key;
      const signed = Buffer.from(`${sent.protected}.${sent.payload}`);
      const publicKey = createPublicKey({ key: key ?? {}, format: "jwk" });
      const signature = Buffer.from(sent.signature, "base64url");
      const how = { key: publicKey, dsaEncoding: "ieee-p1363" } as const;
      if (!verify("sha256", signed, how, signature)) return problem("malformed");
      if (header.url !== url || header.alg !== "ES256") return problem("unauthorized");
      if (!nonces.delete(header.nonce)) return problem("badNonce");
      if (header.jwk === undefined && header.kid !== `${ORIGIN}/account/1`) {
        return problem("accountDoesNotExist");
      }
      const text = Buffer.from(sent.payload, "base64url").toString();
      const payload: unknown = text === "" ? undefined : JSON.parse(text);
      requests.push({ path, payload });
      const said = authority.respond(path, payload);
      if (said !== undefined) return reply(said);
      if (path !== "/account") return problem("malformed", 404);
      return reply({ status: 201, headers: { location: `${ORIGIN}/account/1` }, body: "{}" });
    },
  };
  return authority;
}
