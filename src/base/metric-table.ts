import {
  AUTHENTICATION_RESULT,
  FAILURE_STATUS,
  type Label,
  QUARANTINE_TYPE,
} from "./metric-labels.ts";

/** How one figure behaves. */
export type MetricDefinition =
  | { readonly kind: "counter"; readonly help: string; readonly label?: Label }
  | {
      readonly kind: "gauge";
      readonly help: string;
      readonly label?: Label;
      /** How the figures of several threads become one; `thread` keeps them apart. */
      readonly merge: "sum" | "max" | "thread";
    }
  | { readonly kind: "histogram"; readonly help: string; readonly buckets: readonly number[] };

/** Every figure that the server counts, as `/metrics` shows it. Times are seconds, sizes bytes. */
export const METRICS = {
  postrider_connections_accepted_total: {
    kind: "counter",
    help: "Incoming connections that were given a session.",
  },
  postrider_connections_refused_total: {
    kind: "counter",
    help: "Incoming connections turned away before a session, by reason.",
    label: {
      name: "reason",
      values: [
        "no_connector",
        "not_in_service",
        "limit",
        "source_limit",
        "rate_limit",
        "proxy_header",
      ],
    },
  },
  postrider_connections_current: {
    kind: "gauge",
    help: "Incoming connections open now.",
    merge: "sum",
  },
  postrider_tls_handshakes_total: {
    kind: "counter",
    help: "TLS handshakes of incoming and outgoing connections, by result.",
    label: { name: "result", values: ["in_done", "in_failed", "out_done", "out_failed"] },
  },
  postrider_logons_total: {
    kind: "counter",
    help: "Logons by kind of mechanism and result; held: refused for earlier failures, unread.",
    label: {
      name: "result",
      values: [
        "password_succeeded",
        "password_failed",
        "password_held",
        "password_temporary",
        "scram_succeeded",
        "scram_failed",
        "scram_held",
        "scram_temporary",
        "ntlm_succeeded",
        "ntlm_failed",
        "ntlm_held",
        "ntlm_temporary",
        "kerberos_succeeded",
        "kerberos_failed",
        "kerberos_held",
        "kerberos_temporary",
        "token_succeeded",
        "token_failed",
        "token_held",
        "token_temporary",
        "certificate_succeeded",
        "certificate_failed",
        "certificate_held",
        "certificate_temporary",
      ],
    },
  },
  postrider_messages_received_total: {
    kind: "counter",
    help: "Messages made durable, by the way they came in.",
    label: { name: "source", values: ["SMTP", "PICKUP", "REPLAY", "DSN", "ADMIN", "AGENT"] },
  },
  postrider_received_bytes_total: {
    kind: "counter",
    help: "Content bytes of the messages made durable.",
  },
  postrider_recipients_accepted_total: {
    kind: "counter",
    help: "Recipients of the messages made durable.",
  },
  postrider_rejected_total: {
    kind: "counter",
    help: "Senders, recipients and messages refused in a session, by class of reason.",
    label: {
      name: "reason",
      values: [
        "sender",
        "recipient",
        "relay",
        "tls_required",
        "authentication",
        "size",
        "header",
        "malformed",
        "loop",
        "too_many_recipients",
        "back_pressure",
        "store",
        "policy",
        "agent",
      ],
    },
  },
  postrider_discarded_total: {
    kind: "counter",
    help: "Messages that were acknowledged and thrown away because somebody has said so.",
    label: { name: "reason", values: ["agent"] },
  },
  postrider_throttled_total: {
    kind: "counter",
    help: "Times that a limit on how often or how much was met, by reason.",
    label: {
      name: "reason",
      values: [
        "connection_rate",
        "message_rate_address",
        "message_rate_user",
        "user_messages",
        "user_recipients",
        "app_password",
      ],
    },
  },
  postrider_submit_duration_seconds: {
    kind: "histogram",
    help: "From the end of a message's content to its durable state.",
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
  },
  postrider_messages_categorized_total: {
    kind: "counter",
    help: "Messages that the categorizer has routed.",
  },
  postrider_categorizer_deferrals_total: {
    kind: "counter",
    help: "Recipients that could not be resolved just then.",
  },
  postrider_group_expansions_total: {
    kind: "counter",
    help: "Distribution groups that were expanded.",
  },
  postrider_recipient_outcomes_total: {
    kind: "counter",
    help: "Outcomes of attempts, one per recipient.",
    label: {
      name: "outcome",
      values: ["delivered", "relayed", "deferred", "failed", "expired", "expanded"],
    },
  },
  postrider_failures_total: {
    kind: "counter",
    help: "Recipients that failed, by class of their enhanced status code (RFC 3463).",
    label: FAILURE_STATUS,
  },
  postrider_secured_total: {
    kind: "counter",
    help: "Messages received by SMTP, and recipients relayed, by whether TLS protected them.",
    label: { name: "direction", values: ["in_tls", "in_clear", "out_tls", "out_clear"] },
  },
  postrider_authentication_total: {
    kind: "counter",
    help: "Strangers' messages whose sender was checked, by method and what it came to.",
    label: AUTHENTICATION_RESULT,
  },
  postrider_sent_bytes_total: {
    kind: "counter",
    help: "Content bytes that a next hop or a mailbox has taken.",
  },
  postrider_possible_duplicates_total: {
    kind: "counter",
    help: "Attempts repeated because the answer to an earlier one is not known.",
  },
  postrider_notices_total: {
    kind: "counter",
    help: "Delivery status notices written, by kind; redirected: sent to an alternate instead.",
    label: {
      name: "kind",
      values: ["failed", "delayed", "relayed", "delivered", "expanded", "redirected"],
    },
  },
  postrider_queue_recipients: {
    kind: "gauge",
    help: "Recipients waiting, by kind of queue; retry: those in delivery queues that back off.",
    label: {
      name: "queue",
      values: ["submission", "delivery", "unreachable", "poison", "quarantine", "retry"],
    },
    merge: "sum",
  },
  postrider_delivery_recipients: {
    kind: "gauge",
    help: "Recipients in delivery queues, by where they lead and whether those back off.",
    label: {
      name: "queue",
      values: ["active_remote", "active_mailbox", "retry_remote", "retry_mailbox"],
    },
    merge: "sum",
  },
  postrider_largest_delivery_queue_recipients: {
    kind: "gauge",
    help: "Recipients in the longest delivery queue.",
    merge: "max",
  },
  postrider_queues: {
    kind: "gauge",
    help: "Delivery queues, by status.",
    label: { name: "status", values: ["active", "connecting", "ready", "retry", "suspended"] },
    merge: "sum",
  },
  postrider_queues_slowed: {
    kind: "gauge",
    help: "Delivery queues whose destination has slowed them down.",
    merge: "sum",
  },
  postrider_oldest_due_age_seconds: {
    kind: "gauge",
    help: "Age of the oldest recipient that is due and not being attempted.",
    merge: "max",
  },
  postrider_watchdog_alarms_total: {
    kind: "counter",
    help: "Times that due mail lay without an attempt and its queue was started anew.",
  },
  postrider_back_pressure_level: {
    kind: "gauge",
    help: "0 low, 1 medium, 2 high, by resource.",
    label: { name: "resource", values: ["disk", "memory", "submission_queue", "event_loop"] },
    merge: "max",
  },
  postrider_store_commits_total: { kind: "counter", help: "Transactions flushed to disk." },
  postrider_store_changes_total: {
    kind: "counter",
    help: "Changes written; several share a transaction.",
  },
  postrider_store_commit_changes: {
    kind: "histogram",
    help: "Changes that shared one transaction.",
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
  },
  postrider_store_commit_duration_seconds: {
    kind: "histogram",
    help: "Time that one transaction took, flush included.",
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 1],
  },
  postrider_store_failures_total: {
    kind: "counter",
    help: "Store calls that failed, by reason.",
    label: { name: "reason", values: ["full", "other"] },
  },
  postrider_log_failures_total: {
    kind: "counter",
    help: "Writes to a log other than the tracking log that failed.",
  },
  postrider_log_lines_dropped_total: {
    kind: "counter",
    help: "Lines of logs other than the tracking log that were not written for want of room.",
  },
  postrider_session_recordings_total: {
    kind: "counter",
    help: "Sessions that ended in an error, by whether they were kept; too many a second are not.",
    label: { name: "result", values: ["kept", "dropped"] },
  },
  postrider_tracking_log_failures_total: {
    kind: "counter",
    help: "Writes to a log directory that failed.",
  },
  postrider_tracking_indexed_events_total: {
    kind: "counter",
    help: "Events of the message tracking log that were indexed.",
  },
  postrider_tracking_index_seconds_total: {
    kind: "counter",
    help: "Time that indexing them took, in the log thread.",
  },
  postrider_outgoing_connections_total: {
    kind: "counter",
    help: "Outgoing connections, by result.",
    label: { name: "result", values: ["connected", "failed"] },
  },
  postrider_outgoing_connections_current: {
    kind: "gauge",
    help: "Outgoing connections open now.",
    merge: "sum",
  },
  postrider_dns_queries_total: {
    kind: "counter",
    help: "Lookups of names, by result; answers from the cache are among them.",
    label: { name: "result", values: ["answered", "failed"] },
  },
  postrider_poison_messages_total: {
    kind: "counter",
    help: "Messages set aside because they took a thread down.",
  },
  postrider_quarantined_total: {
    kind: "counter",
    help: "Recipients from whom a message was kept, by what keeps it.",
    label: QUARANTINE_TYPE,
  },
  postrider_quarantine_released_total: {
    kind: "counter",
    help: "Recipients to whom a message was released from the quarantine.",
    label: QUARANTINE_TYPE,
  },
  postrider_quarantine_false_positives_total: {
    kind: "counter",
    help: "Messages of which somebody has said that they should not have been in quarantine.",
    label: QUARANTINE_TYPE,
  },
  postrider_quarantine_expired_total: {
    kind: "counter",
    help: "Recipients whose message was kept in the quarantine until its time was over.",
  },
  postrider_safety_net_expired_total: {
    kind: "counter",
    help: "Recipients whose message was kept in the Safety Net until its time was over.",
  },
  postrider_safety_net_resubmitted_total: {
    kind: "counter",
    help: "Recipients who were sent their message again out of the Safety Net.",
  },
  postrider_threads_restarted_total: {
    kind: "counter",
    help: "Threads that ended unasked and were started again.",
  },
  postrider_certificate_expiry_seconds: {
    kind: "gauge",
    help: "Time until the first certificate in force expires; 0 when one has.",
    merge: "max",
  },
  postrider_certificates_near_expiry: {
    kind: "gauge",
    help: "Certificates that expire within 30 days, or have.",
    merge: "max",
  },
  postrider_event_loop_delay_seconds: {
    kind: "gauge",
    help: "99th percentile of the event loop's delay since the last look, by thread.",
    merge: "thread",
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>;
