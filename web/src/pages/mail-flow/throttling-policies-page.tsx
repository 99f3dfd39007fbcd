import { NounPage } from "../../widgets/noun-page.tsx";
import { texts } from "./domain-texts.ts";

/** Throttling policies: limits of users and devices. */
export function ThrottlingPoliciesPage() {
  return (
    <NounPage
      noun="ThrottlingPolicy"
      title={texts.throttlingTitle}
      about={texts.throttlingAbout}
      newTitle={texts.newThrottling}
      emptyTitle={texts.noThrottling}
      emptyHint={texts.noThrottlingHint}
      labels={{
        MessageRateLimit: texts.perMinute,
        MessagesPerHour: texts.perHour,
        MessagesPerDay: texts.perDay,
        RecipientsPerHour: texts.recipientsPerHour,
        RecipientsPerDay: texts.recipientsPerDay,
        MakeDefault: texts.makeDefaultPolicy,
      }}
      columns={[
        { property: "Identity", title: texts.name },
        { property: "MessageRateLimit", title: texts.perMinute },
        { property: "MessagesPerHour", title: texts.perHour },
        { property: "Default", title: texts.default, width: "90px" },
      ]}
      sections={[
        { title: texts.general, fields: ["Name", "MakeDefault"] },
        {
          title: texts.limits,
          fields: [
            "MessageRateLimit",
            "MessagesPerHour",
            "MessagesPerDay",
            "RecipientsPerHour",
            "RecipientsPerDay",
          ],
        },
      ]}
    />
  );
}
