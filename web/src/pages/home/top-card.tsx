import { Text } from "@fluentui/react-components";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import type { CmdletCall, OutputOf } from "../../api/run-cmdlet.ts";
import { useMayRun } from "../../api/session.ts";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { BarList } from "./bar-list.tsx";
import { Card } from "./card.tsx";
import type { Range } from "./range.ts";
import { texts } from "./texts.ts";
import { traceSpan } from "./trace-link.ts";
import { REFRESH_MS } from "./traffic-section.tsx";

type Top = OutputOf<"Get-MailTrafficTopReport">;
type Category = NonNullable<Top["Category"]>;

const TITLES: Readonly<Record<Category, string>> = {
  TopSender: texts.topSenders,
  TopDestination: texts.topDestinations,
  TopFailingDestination: texts.topFailing,
};

/** The most frequent senders or destinations of the chosen time; each leads to its trace. */
export function TopCard(props: { readonly category: Category; readonly range: Range }) {
  const { category, range } = props;
  const mayTrace = useMayRun()("Get-MessageTrace");
  const call: CmdletCall<"Get-MailTrafficTopReport"> = {
    cmdlet: "Get-MailTrafficTopReport",
    parameters: { Category: category, ...range.parameters },
  };
  const isMoving = range.name !== "own";
  const reading = useCmdlet(call, isMoving ? { refreshMs: REFRESH_MS } : {});
  const found = reading.data?.objects ?? [];
  const as = category === "TopSender" ? "sender" : "domain";
  const failing = category === "TopFailingDestination" && ({ status: "NotDelivered" } as const);
  const bars = found.flatMap((one, at) => {
    const name = one.Sender ?? one.Domain;
    if (name === null) return [];
    const excess = one.MessageCountExcess ?? 0;
    return [
      {
        key: `${at} ${name}`,
        label: name === "" ? "<>" : name,
        count: one.MessageCount ?? 0,
        hint: excess > 0 ? texts.more(excess) : undefined,
        trace: mayTrace
          ? { search: { text: name, as } as const, ...failing, ...traceSpan(range) }
          : undefined,
      },
    ];
  });
  return (
    <Card title={TITLES[category]} tools={<ShowCmdlet call={call} />}>
      {reading.error && (
        <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />
      )}
      {reading.isPending && <Loading size="tiny" />}
      {reading.data && bars.length === 0 && (
        <Text>{found.length > 0 ? texts.noSenders : texts.noTop}</Text>
      )}
      <BarList label={TITLES[category]} bars={bars} />
    </Card>
  );
}
