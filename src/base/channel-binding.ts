/** Names of the IANA registry of channel binding types (RFC 5929, RFC 9266). */
export type ChannelBindingType = "tls-unique" | "tls-exporter" | "tls-server-end-point";
