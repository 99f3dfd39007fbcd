/** Why an agent gave no answer, in words for the administrator: where we stood does not matter. */
export class AgentFailure extends Error {
  override readonly name = "AgentFailure";
}
