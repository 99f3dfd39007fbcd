import { makeStyles, Text, tokens } from "@fluentui/react-components";
import { CircleFilled, CircleRegular } from "@fluentui/react-icons";
import { Link } from "@tanstack/react-router";
import type { OutputOf } from "../../api/run-cmdlet.ts";
import { useMayRun } from "../../api/session.ts";
import { formatDateTime, formatSpan } from "../../base/format.ts";
import { formatNumber } from "../../base/texts.ts";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { Card } from "./card.tsx";
import { texts } from "./texts.ts";
import { recordOf } from "./traffic.ts";

const useStyles = makeStyles({
  tiles: {
    display: "grid",
    gridTemplateColumns: "repeat(auto-fit, minmax(min(100%, 125px), 1fr))",
    gap: "12px 16px",
    margin: 0,
  },
  tile: { display: "flex", flexDirection: "column" },
  term: { color: tokens.colorNeutralForeground2 },
  value: {
    margin: 0,
    fontSize: tokens.fontSizeBase600,
    lineHeight: tokens.lineHeightBase600,
    fontWeight: tokens.fontWeightSemibold,
    fontVariantNumeric: "tabular-nums",
  },
  hint: { margin: 0, fontSize: tokens.fontSizeBase200, color: tokens.colorNeutralForeground3 },
  live: { display: "inline-flex", alignItems: "center", gap: "4px" },
  link: { color: "inherit" },
});

/** The server as it is shown on the home page. */
export type Overview = OutputOf<"Get-TransportOverview">;

/** How much waits and moves, as it is this moment. */
export function NowCard(props: { readonly overview: Overview; readonly isLive: boolean }) {
  const { overview, isLive } = props;
  const styles = useStyles();
  const mayRun = useMayRun();
  const rates = recordOf(overview.Rates);
  // Nothing was looked at yet: the server has just started.
  const depth = overview.QueueDepth === null ? texts.unknown : formatNumber(overview.QueueDepth);
  const tools = (
    <>
      <LiveSign isLive={isLive} />
      <ShowCmdlet call={{ cmdlet: "Get-TransportOverview", parameters: {} }} />
    </>
  );
  return (
    <Card title={texts.now} tools={tools}>
      <dl className={styles.tiles}>
        <Tile title={texts.queueDepth} hint={texts.queueDepthHint}>
          {mayRun("Get-Queue") ? (
            <Link to="/queues" className={styles.link}>
              {depth}
            </Link>
          ) : (
            depth
          )}
        </Tile>
        <Tile title={texts.velocity} hint={velocityHint(overview.Velocity ?? 0)}>
          {texts.perSecond(overview.Velocity ?? 0)}
        </Tile>
        <Tile
          title={texts.oldest}
          hint={overview.OldestMessageTime ? formatDateTime(overview.OldestMessageTime) : ""}
        >
          {overview.OldestMessageAge ? formatSpan(overview.OldestMessageAge) : texts.oldestNone}
        </Tile>
        <Tile title={texts.incoming} hint={texts.recipientsPerSecond}>
          {texts.perSecond(overview.IncomingRate ?? 0)}
        </Tile>
        <Tile title={texts.outgoing} hint={texts.recipientsPerSecond}>
          {texts.perSecond(overview.OutgoingRate ?? 0)}
        </Tile>
        <Tile title={texts.refusedNow} hint={texts.refusedHint}>
          {texts.perSecond(Number(rates["Refused"] ?? 0))}
        </Tile>
        <Tile title={texts.connections} hint="">
          {texts.connectionsText(
            overview.IncomingConnections ?? 0,
            overview.OutgoingConnections ?? 0,
          )}
        </Tile>
      </dl>
    </Card>
  );
}

function velocityHint(velocity: number): string {
  if (velocity < 0) return texts.velocityGrows;
  return velocity > 0 ? texts.velocityEmpties : texts.velocityStands;
}

function Tile(props: {
  readonly title: string;
  readonly hint: string;
  readonly children: React.ReactNode;
}) {
  const styles = useStyles();
  return (
    <div className={styles.tile}>
      <dt className={styles.term}>{props.title}</dt>
      <dd className={styles.value}>{props.children}</dd>
      {props.hint !== "" && <dd className={styles.hint}>{props.hint}</dd>}
    </div>
  );
}

function LiveSign({ isLive }: { readonly isLive: boolean }) {
  const styles = useStyles();
  if (!isLive) {
    return (
      <Text size={200} className={styles.live} title={texts.notLive}>
        <CircleRegular aria-hidden />
        {texts.notLive.split(":", 1)[0]}
      </Text>
    );
  }
  return (
    <Text size={200} className={styles.live}>
      <CircleFilled aria-hidden color={tokens.colorPaletteGreenForeground1} />
      {texts.live}
    </Text>
  );
}
