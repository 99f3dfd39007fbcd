/** A recipient as its own Get cmdlet shows it. */
export type ShownRecipient = Readonly<Record<string, unknown>>;
