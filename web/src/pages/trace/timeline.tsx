import { makeStyles, mergeClasses, Text, tokens } from "@fluentui/react-components";
import {
  ArrowDownloadRegular,
  ArrowForwardRegular,
  ArrowSyncRegular,
  CheckmarkCircleFilled,
  ClockRegular,
  DismissCircleFilled,
  type FluentIcon,
  InfoRegular,
  MailRegular,
  PauseCircleRegular,
  PeopleRegular,
  SendRegular,
} from "@fluentui/react-icons";
import { Link } from "@tanstack/react-router";
import { serverNowMs } from "../../api/server-clock.ts";
import { useMayRun } from "../../api/session.ts";
import { formatAgo, formatDate, formatDateTime, formatTime } from "../../base/format.ts";
import { visibleText } from "../../base/visible-text.ts";
import { quoteFilterText } from "../../widgets/filter-text.ts";
import { numbered } from "./numbered.ts";
import type { Sentence } from "./sentence.ts";
import { formatMilliseconds } from "./span-text.ts";
import { texts } from "./texts.ts";

const NARROW = "@media (max-width: 639px)";

const useStyles = makeStyles({
  list: {
    listStyleType: "none",
    margin: 0,
    padding: "12px 16px",
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground1,
  },
  item: {
    display: "grid",
    gridTemplateColumns: "120px 24px minmax(0, 1fr)",
    columnGap: "12px",
    [NARROW]: { gridTemplateColumns: "24px minmax(0, 1fr)" },
  },
  time: {
    paddingTop: "2px",
    textAlign: "end",
    color: tokens.colorNeutralForeground2,
    fontSize: tokens.fontSizeBase200,
    fontVariantNumeric: "tabular-nums",
    [NARROW]: { gridColumn: 2, gridRow: 1, textAlign: "start" },
  },
  day: { display: "block", fontWeight: tokens.fontWeightSemibold },
  gap: { display: "block", color: tokens.colorNeutralForeground3 },
  rail: {
    display: "flex",
    flexDirection: "column",
    alignItems: "center",
    fontSize: "20px",
    [NARROW]: { gridColumn: 1, gridRow: "1 / span 2" },
  },
  line: { flexGrow: 1, borderLeft: `2px solid ${tokens.colorNeutralStroke2}` },
  words: {
    display: "flex",
    flexDirection: "column",
    gap: "2px",
    minWidth: 0,
    paddingBottom: "16px",
    overflowWrap: "anywhere",
    [NARROW]: { gridColumn: 2, gridRow: 2 },
  },
  quiet: { color: tokens.colorNeutralForeground2 },
  good: { color: tokens.colorPaletteGreenForeground1 },
  plain: { color: tokens.colorBrandForeground1 },
  waiting: { color: tokens.colorPaletteDarkOrangeForeground1 },
  bad: { color: tokens.colorPaletteRedForeground1 },
  quote: {
    margin: "4px 0",
    padding: "6px 10px",
    borderInlineStartWidth: "3px",
    borderInlineStartStyle: "solid",
    borderInlineStartColor: tokens.colorNeutralStroke1,
    backgroundColor: tokens.colorNeutralBackground3,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    whiteSpace: "pre-wrap",
  },
  badQuote: { borderInlineStartColor: tokens.colorPaletteRedBorderActive },
  links: { display: "flex", flexWrap: "wrap", gap: "4px 16px" },
  link: { color: tokens.colorBrandForegroundLink },
});

type Tone = "good" | "plain" | "waiting" | "bad";

const LOOKS: Readonly<Record<string, readonly [FluentIcon, Tone]>> = {
  Receive: [ArrowDownloadRegular, "plain"],
  Send: [SendRegular, "good"],
  Deliver: [CheckmarkCircleFilled, "good"],
  Fail: [DismissCircleFilled, "bad"],
  Drop: [DismissCircleFilled, "bad"],
  Poison: [DismissCircleFilled, "bad"],
  Defer: [ClockRegular, "waiting"],
  Wait: [PauseCircleRegular, "waiting"],
  Expand: [PeopleRegular, "plain"],
  Resolve: [ArrowForwardRegular, "plain"],
  Redirect: [ArrowForwardRegular, "plain"],
  Notice: [MailRegular, "plain"],
  Approval: [PeopleRegular, "plain"],
  Submit: [ArrowSyncRegular, "plain"],
};

/** Sentences in the order of time, with what lies between them; errors stand out. */
export function Timeline({ sentences }: { readonly sentences: readonly Sentence[] }) {
  const styles = useStyles();
  return (
    <ol className={styles.list} aria-label={texts.story}>
      {numbered(sentences).map(({ at, item }) => (
        <Step
          key={at}
          sentence={item}
          before={sentences[at - 1]}
          isLast={at === sentences.length - 1}
        />
      ))}
    </ol>
  );
}

function Step(props: {
  readonly sentence: Sentence;
  readonly before: Sentence | undefined;
  readonly isLast: boolean;
}) {
  const { sentence, before, isLast } = props;
  const styles = useStyles();
  const { Event, RecipientAddress, Detail, Response } = sentence;
  const [Icon, tone] = LOOKS[Event ?? ""] ?? [InfoRegular, "plain"];
  const isTrouble = tone === "bad" || tone === "waiting";
  return (
    <li className={styles.item}>
      <Moment sentence={sentence} before={before} />
      <span className={styles.rail} aria-hidden>
        <Icon className={styles[tone]} />
        {!isLast && <span className={styles.line} />}
      </span>
      <div className={styles.words}>
        <Text weight="semibold" {...(isTrouble && { className: styles[tone] })}>
          {texts.eventName(Event ?? "")}
          {RecipientAddress ? (
            <>
              {" "}
              <bdi>{visibleText(RecipientAddress)}</bdi>
            </>
          ) : null}
        </Text>
        <Text>
          <bdi>{visibleText(Detail ?? "")}</bdi>
        </Text>
        {isTrouble && Response && (
          <blockquote
            className={mergeClasses(styles.quote, tone === "bad" && styles.badQuote)}
            aria-label={texts.response}
          >
            <bdi>{visibleText(Response)}</bdi>
          </blockquote>
        )}
        <Facts sentence={sentence} />
      </div>
    </li>
  );
}

/** When it was, and how long after what came before. */
function Moment(props: { readonly sentence: Sentence; readonly before: Sentence | undefined }) {
  const { sentence, before } = props;
  const styles = useStyles();
  const at = sentence.Date ?? "";
  const day = formatDate(at);
  const gapMs = before === undefined ? undefined : Date.parse(at) - Date.parse(before.Date ?? "");
  return (
    <div className={styles.time}>
      <time dateTime={at} title={at}>
        {day !== formatDate(before?.Date ?? "") && <span className={styles.day}>{day}</span>}
        {formatTime(at)}
      </time>
      {gapMs !== undefined && !Number.isNaN(gapMs) && (
        <span className={styles.gap}>
          {gapMs === 0 ? texts.atOnce : texts.later(formatMilliseconds(gapMs))}
        </span>
      )}
    </div>
  );
}

/** What picks a message among those that wait. */
function filterOf(messageId: string): string {
  return `InternetMessageId -eq ${quoteFilterText(messageId)}`;
}

/** Host, connector, and the way to the queue that it waits in. */
function Facts({ sentence }: { readonly sentence: Sentence }) {
  const styles = useStyles();
  const mayRun = useMayRun();
  const { Host, Connector, Queue, NextRetry, RecipientAddress, MessageId } = sentence;
  const facts = [
    Host && `${texts.host}: ${visibleText(Host)}`,
    Connector && `${texts.connector}: ${visibleText(Connector)}`,
    NextRetry && texts.nextRetry(formatDateTime(NextRetry), formatAgo(NextRetry, serverNowMs())),
  ].filter(Boolean);
  const domain = RecipientAddress?.slice(RecipientAddress.lastIndexOf("@") + 1);
  return (
    <>
      {facts.length > 0 && (
        <Text size={200} className={styles.quiet}>
          <bdi>{facts.join(" · ")}</bdi>
        </Text>
      )}
      {Queue && (
        <span className={styles.links}>
          {mayRun("Get-Message") && (
            <Link
              to="/queues/messages"
              className={styles.link}
              search={{ filter: filterOf(MessageId ?? "") }}
            >
              {texts.openQueue}
            </Link>
          )}
          {mayRun("Test-OutboundConnectivity") && domain && (
            <Link
              to="/mail-flow/troubleshooter"
              className={styles.link}
              search={{ test: "defer", domain }}
            >
              {texts.troubleshoot}
            </Link>
          )}
        </span>
      )}
    </>
  );
}
