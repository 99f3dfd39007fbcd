import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { FakeIssuer, type IssuerWish } from "../../src/access/open-id-issuer.fake.ts";
import { freePort } from "./free-port.ts";
import { later, type Scope } from "./scope.ts";
import { makeCertificate } from "./token-server.ts";

/** A provider of OpenID Connect on loopback, where whoever is asked says yes at once. */
export interface OpenIdIssuer {
  readonly fake: FakeIssuer;
  /** Whoever asks has to trust it. */
  readonly certificatePath: string;
  /** What the next tokens are to say. */
  wish: IssuerWish;
}

/** Starts one that ends with the test. */
export async function startOpenIdIssuer(t: Scope): Promise<OpenIdIssuer> {
  const { key, cert, path } = await makeCertificate(t);
  const port = await freePort();
  const fake = new FakeIssuer(`https://localhost:${port}`, Date.now);
  const issuer: OpenIdIssuer = { fake, certificatePath: path, wish: {} };
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? "", fake.issuer);
    if (url.pathname === "/authorize") {
      const back = url.searchParams.get("redirect_uri") ?? "";
      const query = fake.authorize(url.href, issuer.wish);
      response.writeHead(303, { location: `${back}?${query}` }).end();
      return;
    }
    const form = request.method === "POST" ? await readForm(request) : undefined;
    const [status, body] = await fake.answer(url.pathname, form);
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  };
  const server = createServer({ key, cert }, (request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  later(t, () => {
    server.closeAllConnections();
    server.close();
  });
  return issuer;
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let text = "";
  for await (const part of request.setEncoding("utf8")) text += part;
  return new URLSearchParams(text);
}
