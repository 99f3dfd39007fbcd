/**
 * Why a message stays as it is. `sealed`: signed or encrypted, any change would show. `noText`:
 * there is no text to put another one beside. `unreadable`: a charset or encoding is unknown.
 * `noPart`: it has no such part.
 */
export type RewriteObstacle = "sealed" | "noText" | "unreadable" | "noPart";

/** New content of a message in pieces, most of them views of the old one; or why there is none. */
export type RewriteResult =
  | { readonly kind: "done"; readonly content: readonly Uint8Array[] }
  | { readonly kind: "cannot"; readonly why: RewriteObstacle };

/** The message stays as it is. */
export function cannot(why: RewriteObstacle): RewriteResult {
  return { kind: "cannot", why };
}
