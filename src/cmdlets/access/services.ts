/** What the cmdlets of this room ask the server for. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by the cmdlets that need it
export interface AccessServices {}
