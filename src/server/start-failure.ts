/**
 * Why the server did not start, in lines for the administrator: what is wrong and what cures it.
 */
export class StartFailure extends Error {
  override readonly name = "StartFailure";
}
