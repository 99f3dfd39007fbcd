import { type AcceptorReply, CONTEXTS_MAX, isAcceptorRequest } from "./acceptor-protocol.ts";
import { type AcceptorContext, loadKrb5 } from "./krb5-library.ts";

/**
 * The process that holds the Kerberos library: a fault in native code ends it and nothing else.
 * Its keytab comes with the environment (KRB5_KTNAME); it ends with its parent.
 */
const contexts = new Map<number, AcceptorContext>();
const openContext = loadKrb5();

function answer(request: unknown): AcceptorReply | undefined {
  if (!isAcceptorRequest(request)) return undefined;
  const { id, context: key } = request;
  if (request.kind === "open") {
    if (contexts.size >= CONTEXTS_MAX) return { id, kind: "failed", detail: "too many contexts" };
    contexts.set(key, openContext(request.channelBinding));
    return { id, kind: "opened" };
  }
  const context = contexts.get(key);
  if (context === undefined) return { id, kind: "failed", detail: "no such context" };
  switch (request.kind) {
    case "accept":
      return { id, kind: "accepted", result: context.accept(request.bytes) };
    case "wrap":
      return { id, kind: "bytes", bytes: context.wrap(request.bytes) };
    case "unwrap":
      return { id, kind: "bytes", bytes: context.unwrap(request.bytes) };
    case "close":
      context.close();
      contexts.delete(key);
      return undefined;
  }
}

process.on("message", (request) => {
  const reply = answer(request);
  if (reply !== undefined) process.send?.(reply);
});
process.on("disconnect", () => process.exit(0));
process.send?.({ id: 0, kind: "opened" } satisfies AcceptorReply);
