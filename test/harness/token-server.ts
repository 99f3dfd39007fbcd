import { readFile } from "node:fs/promises";
import { createServer } from "node:https";
import { createServer as createClearServer, type Socket } from "node:net";
import { join } from "node:path";
import { createSecureContext, TLSSocket } from "node:tls";
import { freePort } from "./free-port.ts";
import { run } from "./peers.ts";
import { later, type Scope } from "./scope.ts";
import { temporaryFolder } from "./server.ts";

/** An OAuth token endpoint that gives `token-1`, `token-2`, … to the client that it knows. */
export interface TokenServer {
  readonly url: string;
  /** Whoever asks has to trust it. */
  readonly certificatePath: string;
  /** The forms that were sent. */
  readonly requests: readonly Readonly<Record<string, string>>[];
}

/** Starts one that ends with the test. */
export async function startTokenServer(
  t: Scope,
  client: { readonly clientId: string; readonly clientSecret: string },
): Promise<TokenServer> {
  const { key, cert, path } = await makeCertificate(t);
  const requests: Readonly<Record<string, string>>[] = [];
  const server = createServer({ key, cert }, (request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
    request.on("end", () => {
      const form = Object.fromEntries(new URLSearchParams(text));
      requests.push(form);
      const isKnown =
        form["client_id"] === client.clientId && form["client_secret"] === client.clientSecret;
      const body = isKnown
        ? { access_token: `token-${requests.length}`, token_type: "Bearer", expires_in: 3600 }
        : { error: "invalid_client" };
      response.writeHead(isKnown ? 200 : 401, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    });
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  later(t, () => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `https://127.0.0.1:${port}/token`, certificatePath: path, requests };
}

/** A smart host that takes mail after XOAUTH2 over TLS only. */
export interface Xoauth2Host {
  readonly port: number;
  readonly tokens: readonly string[];
  readonly messages: readonly string[];
}

/** Starts one that ends with the test. */
export async function startXoauth2Host(
  t: Scope,
  options: { readonly user: string; readonly accepts: (token: string) => boolean },
): Promise<Xoauth2Host> {
  const { key, cert } = await makeCertificate(t);
  const secureContext = createSecureContext({ key, cert });
  const host = { port: await freePort(), tokens: [] as string[], messages: [] as string[] };
  const sockets = new Set<Socket>();
  const server = createClearServer((socket) => {
    sockets.add(socket);
    socket.write("220 oauth.test ESMTP\r\n");
    converse(socket, {
      isSecure: false,
      startTls: (): TLSSocket => new TLSSocket(socket, { isServer: true, secureContext }),
      logOn(response) {
        const [user = "", bearer = ""] = Buffer.from(response, "base64").toString().split("\x01");
        const token = bearer.replace("auth=Bearer ", "");
        host.tokens.push(token);
        return user === `user=${options.user}` && options.accepts(token);
      },
      take: (message) => host.messages.push(message),
    });
  });
  await new Promise<void>((resolve) => server.listen(host.port, "127.0.0.1", resolve));
  later(t, () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return host;
}

interface Conversation {
  readonly isSecure: boolean;
  readonly startTls: () => TLSSocket;
  readonly logOn: (response: string) => boolean;
  readonly take: (message: string) => void;
}

function converse(socket: Socket, conversation: Conversation): void {
  let input = "";
  let mode: "command" | "refused" | "content" = "command";
  let isKnown = false;
  const say = (line: string) => socket.write(`${line}\r\n`);
  const answer = (line: string): boolean => {
    const verb = line.split(" ", 1)[0]?.toUpperCase() ?? "";
    if (mode === "refused") {
      mode = "command";
      say("535 5.7.3 Authentication unsuccessful");
    } else if (verb === "EHLO") {
      say(`250-oauth.test\r\n250 ${conversation.isSecure ? "AUTH LOGIN XOAUTH2" : "STARTTLS"}`);
    } else if (verb === "STARTTLS") {
      socket.removeAllListeners("data");
      say("220 2.0.0 Go on");
      converse(conversation.startTls(), { ...conversation, isSecure: true });
      return false;
    } else if (verb === "AUTH") {
      isKnown = conversation.isSecure && conversation.logOn(line.split(" ")[2] ?? "");
      if (isKnown) say("235 2.7.0 Welcome");
      else {
        mode = "refused";
        say(`334 ${Buffer.from('{"status":"401"}').toString("base64")}`);
      }
    } else if (verb === "QUIT") {
      say("221 2.0.0 Bye");
      socket.end();
    } else if (!isKnown) say("530 5.7.57 Client was not authenticated");
    else if (verb === "DATA") {
      mode = "content";
      say("354 Go on");
    } else say("250 2.0.0 OK");
    return true;
  };
  socket.on("error", () => socket.destroy());
  socket.on("data", (bytes: Buffer) => {
    input += bytes.toString("latin1");
    for (;;) {
      const ending = mode === "content" ? "\r\n.\r\n" : "\r\n";
      const end = input.indexOf(ending);
      if (end < 0) return;
      const text = input.slice(0, end);
      input = input.slice(end + ending.length);
      if (mode === "content") {
        mode = "command";
        conversation.take(text);
        say("250 2.0.0 Taken");
      } else if (!answer(text)) return;
    }
  });
}

/** A certificate for 127.0.0.1 and localhost that nobody has signed. */
export async function makeCertificate(
  t: Scope,
): Promise<{ readonly key: string; readonly cert: string; readonly path: string }> {
  const folder = await temporaryFolder(t);
  const [keyPath, path] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  const made = await run("openssl", [
    ...["req", "-x509", "-subj", "/CN=localhost", "-days", "2", "-nodes"],
    ...["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"],
    ...["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
    ...["-keyout", keyPath, "-out", path],
  ]);
  if (made.code !== 0) throw new Error(made.stderr);
  return { key: await readFile(keyPath, "utf8"), cert: await readFile(path, "utf8"), path };
}
