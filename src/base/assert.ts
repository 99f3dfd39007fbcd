/** Thrown when we are wrong, not the peer and not the world. The connection or job ends with it. */
export class AssertionFailure extends Error {
  override readonly name = "AssertionFailure";
}

/** Ends the current connection or job when our own reasoning does not hold. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionFailure(message);
}

/** Closes a `switch` on a union: a new kind then fails to compile until it is handled. */
export function unreachable(value: never): never {
  throw new AssertionFailure(`unreachable: ${JSON.stringify(value)}`);
}
