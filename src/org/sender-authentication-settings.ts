/** What a receive connector does about who has sent strangers' mail. */
export interface SenderAuthenticationSettings {
  readonly senderAuthenticationEnabled: boolean;
  readonly dmarcAction: "None" | "Quarantine" | "Reject";
  readonly rejectOnMissingPtr: boolean;
}
